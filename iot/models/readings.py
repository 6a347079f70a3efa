"""Devices, the readings they send, and what could not be taken as a reading."""

from __future__ import annotations

import enum
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from iot.credentials import user_name

# letters of the broker's own patterns must not stand in a prefix
_PREFIX = RegexValidator(
    r"^[\w.-]+(/[\w.-]+)*\Z", "Levels of letters, digits, dots, - and _ with a slash between, such as nv1/assembly/l2."
)


class ReadingFlag(enum.IntFlag):
    """What is remarkable about a stored reading."""

    LATE = 1  # measured before the newest reading already stored for its parameter
    CONVERTED = 2  # arrived in another unit and was converted at the door
    POOR = 4  # the device itself doubts the value
    HISTORICAL = 8  # older than the window in which charts are judged again
    IMPORTED = 16  # came from a file or a data set, not from the broker


class Device(models.Model):
    """A gateway, controller or sensor that publishes under a topic prefix with its own credential."""

    class State(models.TextChoices):
        """Whether the device may publish."""

        ACTIVE = "active", "Active"
        BLOCKED = "blocked", "Blocked"
        RETIRED = "retired", "Retired"

    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, related_name="devices")
    code = models.CharField(max_length=60, help_text="The name the device signs in with.")
    name = models.CharField(max_length=120)
    credential_hash = models.CharField(max_length=200, blank=True, default="")
    credential_bcrypt = models.CharField(max_length=80, blank=True, default="")
    credential_set_at = models.DateTimeField(null=True, blank=True)
    topic_prefix = models.CharField(
        max_length=200, validators=[_PREFIX], help_text="site/area/line[/station], lower case"
    )
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)

    class Meta:
        ordering = ("site", "code")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code"], name="device_code_once"),
            models.UniqueConstraint(
                fields=["topic_prefix"],
                condition=~models.Q(state="retired"),
                name="device_prefix_once",
                violation_error_message="Another device publishes below this prefix already: choose a deeper one,"
                " or retire the other device first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("iot:device", args=[self.pk])

    @property
    def user_name(self) -> str:
        """The name it signs in to the broker with."""
        return user_name(self.code, self.pk)

    @property
    def has_credential(self) -> bool:
        """Whether the broker would know it."""
        return bool(self.credential_hash and self.credential_bcrypt)


class DeviceActivity(models.Model):
    """What the ingest worker last saw of a device; kept apart because it changes with every batch."""

    device = models.OneToOneField(Device, on_delete=models.CASCADE, primary_key=True, related_name="activity")
    last_seen = models.DateTimeField(null=True, blank=True)
    readings = models.PositiveBigIntegerField(default=0)
    errors = models.PositiveBigIntegerField(default=0)
    rate = models.FloatField(default=0.0, help_text="Readings per second over the last minutes.")
    last_error = models.CharField(max_length=200, blank=True, default="")
    skew_ms = models.FloatField(null=True, blank=True, help_text="Clock of the platform minus clock of the device.")

    SILENT: ClassVar[float] = 300.0  # seconds without a reading after which a rate of long ago is not the present one

    class Meta:
        verbose_name_plural = "device activity"

    def __str__(self) -> str:
        return f"activity of device {self.device_id}"

    @property
    def present_rate(self) -> float:
        """Readings per second now; 0 once it has been silent for much longer than it usually is."""
        if self.last_seen is None:
            return 0.0
        usual = 5 / self.rate if self.rate > 0 else 0.0
        silent = (timezone.now() - self.last_seen).total_seconds()
        return self.rate if silent <= max(self.SILENT, usual) else 0.0


class _Measured(models.Model):
    """One measured value; the same parameter, time and sequence number is the same reading."""

    pk = models.CompositePrimaryKey("parameter_id", "t", "seq")
    parameter = models.ForeignKey(
        "governance.Parameter", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    t = models.DateTimeField()
    seq = models.IntegerField(default=0)
    value = models.FloatField()
    received = models.DateTimeField()
    flags = models.SmallIntegerField(default=0)
    lot = models.CharField(max_length=80, null=True)  # noqa: DJ001 - null saves room in the largest table
    serial = models.CharField(max_length=80, null=True)  # noqa: DJ001 - null saves room in the largest table

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.parameter_id} {self.t.isoformat()} {self.value}"


class Reading(_Measured):
    """One measured value in the table that is written to; those of closed days are packed elsewhere."""

    class Meta:
        managed = False  # made by migration as a table partitioned by time
        db_table = "iot_reading"
        ordering = ("t", "seq")


class StoredReading(_Measured):
    """One measured value wherever it is kept; whoever asks for a span names the parts it reaches into too."""

    part_first = models.DateTimeField()
    part_last = models.DateTimeField()

    class Meta:
        managed = False  # a view: the table of readings, and the pieces of closed days opened
        db_table = "iot_storedreading"
        ordering = ("t", "seq")


class Quarantine(models.Model):
    """A payload that could not be taken, kept byte for byte with the reason and the position."""

    class State(models.TextChoices):
        """What became of a quarantined payload."""

        KEPT = "kept", "Kept"
        REPLAYED = "replayed", "Replayed"
        DISCARDED = "discarded", "Discarded"

    received_at = models.DateTimeField()
    topic = models.TextField()
    payload = models.BinaryField()
    size = models.PositiveIntegerField(help_text="Bytes received; the payload kept may be shorter.")
    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=300, blank=True, default="")
    position = models.CharField(
        max_length=80, blank=True, default="", help_text="Where in the payload, as a JSON path."
    )
    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.KEPT)
    replayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "quarantine"
        indexes: ClassVar = [
            models.Index(fields=["state", "reason", "-id"], name="quarantine_by_reason"),
            models.Index(fields=["topic", "state"], name="quarantine_by_topic"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} on {self.topic}"


class IngestCount(models.Model):
    """How many readings ended how, per day: received = stored + duplicates + quarantined."""

    day = models.DateField()
    worker = models.PositiveSmallIntegerField(default=0, help_text="Each worker counts in rows of its own.")
    outcome = models.CharField(max_length=40, help_text="stored, duplicate, late, or the reason of a refusal")
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ("-day", "outcome")
        constraints: ClassVar = [models.UniqueConstraint(fields=["day", "worker", "outcome"], name="ingest_count_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.outcome} {self.count}"


class SourceCount(models.Model):
    """What a device sent on a day and what became of it: received = stored + duplicates + corrections + dead."""

    pk = models.CompositePrimaryKey("device_id", "day")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="counts")
    day = models.DateField()
    received = models.BigIntegerField(default=0)
    stored = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    correction = models.BigIntegerField(default=0)
    dead = models.BigIntegerField(default=0)
    lag_ms = models.FloatField(null=True)

    class Meta:
        ordering = ("device", "-day")

    def __str__(self) -> str:
        return f"device {self.device_id} on {self.day}"


class Correction(models.Model):
    """The same reading heard again with another value; the stored value stays until a person decides."""

    class State(models.TextChoices):
        """What a person decided."""

        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"

    parameter = models.ForeignKey("governance.Parameter", on_delete=models.PROTECT, related_name="corrections")
    t = models.DateTimeField()
    seq = models.IntegerField()
    stored = models.FloatField()
    heard = models.FloatField()
    heard_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ("-heard_at",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parameter", "t", "seq", "heard"], name="correction_heard_once")
        ]

    def __str__(self) -> str:
        return f"{self.parameter_id} {self.t.isoformat()}: {self.stored} or {self.heard}"
