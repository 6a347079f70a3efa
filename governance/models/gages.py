"""Gages: what measures, until when it may be trusted, and every calibration it had."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from governance.models.plant import Characteristic, Equipment
from qms.core.models import Blob, User


class GageKind(models.TextChoices):
    """What kind of instrument it is."""

    LENGTH = "length", "Length (calliper, micrometer, dial, bore)"
    OPTICAL = "optical", "Optical, camera, 3D"
    COORDINATE = "coordinate", "Coordinate measuring machine"
    ROUGHNESS = "roughness", "Form and roughness"
    FORCE = "force", "Force and load cell"
    TORQUE = "torque", "Torque and angle"
    PRESSURE = "pressure", "Pressure, leak and flow"
    TEMPERATURE = "temperature", "Temperature"
    MASS = "mass", "Scale and dosing"
    ELECTRICAL = "electrical", "Electrical"
    VIBRATION = "vibration", "Vibration and acceleration"
    CHEMICAL = "chemical", "Concentration, pH, density"
    LIMIT = "limit", "Go / no-go and inspection by eye"
    OTHER = "other", "Other"


class GageStatus(models.TextChoices):
    """What a person decided about a gage; whether it is due follows from its calibrations."""

    IN_USE = "in_use", "In use"
    BLOCKED = "blocked", "Blocked"
    RETIRED = "retired", "Retired"


class GageState(models.TextChoices):
    """Where a gage stands today."""

    IN_USE = "in_use", "In use"
    DUE_SOON = "due_soon", "Due soon"
    OVERDUE = "overdue", "Overdue"
    BLOCKED = "blocked", "Blocked"
    RETIRED = "retired", "Retired"


class CalibrationResult(models.TextChoices):
    """What a calibration found."""

    PASS = "pass", "Passed"
    ADJUSTED = "adjusted", "Adjusted, then passed"
    FAIL = "fail", "Failed"


GOOD = (CalibrationResult.PASS, CalibrationResult.ADJUSTED)
MOST_MONTHS, MOST_DAYS = 240, 3660


class Gage(models.Model):
    """A measuring instrument of a site with its calibration interval; due dates are computed, never typed."""

    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, related_name="gages")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=GageKind, default=GageKind.LENGTH)
    serial = models.CharField("serial number", max_length=60, blank=True, default="")
    station = models.ForeignKey(Equipment, on_delete=models.PROTECT, null=True, blank=True, related_name="gages")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.CharField(max_length=40, blank=True, default="")
    resolution = models.FloatField(null=True, blank=True)
    range_low = models.FloatField("range from", null=True, blank=True)
    range_high = models.FloatField("range to", null=True, blank=True)
    interval_months = models.PositiveSmallIntegerField(default=12, validators=[MaxValueValidator(MOST_MONTHS)])
    interval_days = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(MOST_DAYS)])
    warn_days = models.PositiveSmallIntegerField(default=30, validators=[MaxValueValidator(MOST_DAYS)])
    study_months = models.PositiveSmallIntegerField(
        "a study holds for, months", default=12, validators=[MaxValueValidator(MOST_MONTHS)]
    )
    status = models.CharField(max_length=10, choices=GageStatus, default=GageStatus.IN_USE)
    status_reason = models.CharField(max_length=300, blank=True, default="")
    characteristics = models.ManyToManyField(Characteristic, through="GageUse", related_name="gages")
    last_on = models.DateField("last calibration", null=True, blank=True, editable=False)
    last_result = models.CharField(max_length=10, choices=CalibrationResult, blank=True, default="", editable=False)
    good_on = models.DateField("last good calibration", null=True, blank=True, editable=False)
    next_due = models.DateField(null=True, blank=True, editable=False)
    warn_from = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("code",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "code"], name="gage_code_once"),
            models.CheckConstraint(
                name="gage_has_an_interval", condition=Q(interval_months__gt=0) | Q(interval_days__gt=0)
            ),
            models.CheckConstraint(
                name="gage_resolution_positive", condition=Q(resolution__isnull=True) | Q(resolution__gt=0)
            ),
            models.CheckConstraint(
                name="gage_range_ordered",
                condition=Q(range_low__isnull=True) | Q(range_high__isnull=True) | Q(range_low__lt=F("range_high")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("governance:gage", args=[self.pk])

    @property
    def state(self) -> GageState:
        """Where it stands today."""
        if self.status != GageStatus.IN_USE:
            return GageState(self.status)
        today = timezone.localdate()
        if self.next_due is None or self.next_due < today:
            return GageState.OVERDUE
        return GageState.DUE_SOON if self.warn_from is None or self.warn_from <= today else GageState.IN_USE

    @property
    def failed(self) -> bool:
        """Whether its newest calibration failed."""
        return self.last_result == CalibrationResult.FAIL

    @property
    def doubtful_since(self) -> date | None:
        """From which day on its readings are in doubt.

        The last good calibration of a failed gage, the due date of an overdue one; None while it can be trusted, and
        for a gage that never had a good calibration.
        """
        if self.status == GageStatus.RETIRED:
            return None
        if self.failed:
            return self.good_on
        return self.next_due if self.state == GageState.OVERDUE else None

    @property
    def doubtful(self) -> bool:
        """Whether what it reads cannot be trusted."""
        return self.status != GageStatus.RETIRED and (self.failed or self.state == GageState.OVERDUE)

    def after(self, day: date) -> date:
        """The day on which a calibration of `day` ends."""
        month = day.month - 1 + self.interval_months
        year, month = day.year + month // 12, month % 12 + 1
        last = calendar.monthrange(year, month)[1]
        return date(year, month, min(day.day, last)) + timedelta(days=self.interval_days)


class GageUse(models.Model):
    """A characteristic that a gage measures."""

    gage = models.ForeignKey(Gage, on_delete=models.CASCADE, related_name="uses")
    characteristic = models.ForeignKey(Characteristic, on_delete=models.PROTECT, related_name="gage_uses")

    class Meta:
        ordering = ("characteristic__code",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["gage", "characteristic"], name="gage_use_once")]

    def __str__(self) -> str:
        return f"{self.gage_id} measures {self.characteristic_id}"


class Calibration(models.Model):
    """One calibration of a gage: when, by whom, with which result and certificate; taken back only with a reason."""

    gage = models.ForeignKey(Gage, on_delete=models.PROTECT, related_name="calibrations")
    on = models.DateField("calibrated on")
    result = models.CharField(max_length=10, choices=CalibrationResult)
    certificate = models.CharField("certificate number", max_length=80, blank=True, default="")
    lab = models.CharField("laboratory", max_length=120, blank=True, default="")
    done_by = models.CharField("calibrated by", max_length=120, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    file_name = models.CharField("certificate file", max_length=200, blank=True, default="", editable=False)
    entered_by = models.CharField(max_length=160, editable=False)
    entered_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_reason = models.CharField(max_length=300, blank=True, default="", editable=False)

    class Meta:
        ordering = ("-on", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["gage", "on", "certificate"], name="calibration_once", condition=Q(withdrawn_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.get_result_display()}"
