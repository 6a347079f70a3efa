"""Readings that are missing, and what was done to get them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ReadingGap(models.Model):
    """Readings that were counted by their device and never came, or a moment at which there was no value.

    Bounds are the times of the readings before and after, so the gap lies between them; a null value has one moment.
    """

    class Kind(models.TextChoices):
        """Why something is missing."""

        LOST = "lost", "Not received"
        EMPTY = "empty", "No value"

    parameter = models.ForeignKey("governance.Parameter", on_delete=models.CASCADE, related_name="gaps")
    device = models.ForeignKey("iot.Device", on_delete=models.SET_NULL, null=True, blank=True, related_name="gaps")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.LOST)
    since = models.DateTimeField(help_text="Measured time of the reading before.")
    until = models.DateTimeField(help_text="Measured time of the reading after.")
    boot = models.CharField(max_length=80, blank=True, default="", help_text="Which start of the device counted.")
    first_seq = models.BigIntegerField(null=True, blank=True, help_text="First number that is missing.")
    last_seq = models.BigIntegerField(null=True, blank=True, help_text="Last number that is missing.")
    missing = models.PositiveIntegerField(default=1, help_text="How many readings are still missing.")
    seen_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When the device was asked to send them again.")
    asks = models.PositiveSmallIntegerField(default=0, help_text="How often it was asked.")
    filled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-since", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parameter", "kind", "since", "boot", "first_seq"],
                nulls_distinct=False,
                name="reading_gap_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["device", "-since"], condition=models.Q(filled_at=None), name="reading_gap_open")
        ]

    def __str__(self) -> str:
        return f"{self.parameter_id} {self.since.isoformat()} to {self.until.isoformat()}"

    @property
    def words(self) -> str:
        """What is missing, in a few words."""
        if self.kind == self.Kind.EMPTY:
            return "No value"
        return f"{self.missing} reading{'s' if self.missing != 1 else ''} missing"


class SequenceMark(models.Model):
    """The newest and the first sequence number of a parameter within one start of its device."""

    parameter = models.OneToOneField(
        "governance.Parameter", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    boot = models.CharField(max_length=80)
    seq = models.BigIntegerField()
    t = models.DateTimeField(help_text="Measured time of that reading.")
    first_seq = models.BigIntegerField(help_text="The lowest number heard; nothing before it is known to be missing.")
    first_t = models.DateTimeField(help_text="Measured time of that reading.")

    def __str__(self) -> str:
        return f"{self.parameter_id} {self.boot} {self.seq}"
