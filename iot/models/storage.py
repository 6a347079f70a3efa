"""How long readings and their roll-ups are kept, and what was dropped so far."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse

LEAST_DAYS = 31  # late readings, corrections and a chart that is judged again need the readings of the last weeks


def _days(what: str) -> models.PositiveIntegerField[int | None, int | None]:
    return models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(LEAST_DAYS)], help_text=f"{what}; empty: for good."
    )


class RetentionClass(models.Model):
    """How long the readings of some parameters are kept one by one, and how long by minute, ten minutes and hour.

    What a day came to is kept for good.
    """

    WIDTHS: ClassVar[tuple[str, ...]] = ("raw_days", "minute_days", "ten_minute_days", "hour_days")

    name = models.CharField(max_length=80, unique=True)
    raw_days = _days("Days single readings are kept")
    minute_days = _days("Days minutes are kept")
    ten_minute_days = _days("Days ten minutes are kept")
    hour_days = _days("Days hours are kept")
    is_default = models.BooleanField(default=False, help_text="Holds for every parameter that has no class of its own.")

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "retention classes"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="retention_one_default",
                violation_error_message="Another class holds by default already: take that from it first.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("iot:retention-class", args=[self.pk])


class Retention(models.Model):
    """The class of one parameter, and whether a hold keeps everything of it."""

    parameter = models.OneToOneField("governance.Parameter", on_delete=models.CASCADE, related_name="retention")
    retention_class = models.ForeignKey(
        RetentionClass, on_delete=models.PROTECT, null=True, blank=True, related_name="parameters"
    )
    hold = models.BooleanField(default=False, help_text="Nothing of the parameter is dropped, whatever its class says.")
    hold_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ("parameter",)

    def __str__(self) -> str:
        return f"retention of parameter {self.parameter_id}"


class RetentionMark(models.Model):
    """How far everything of a parameter is gone: nothing measured before these moments is there in that form."""

    parameter = models.OneToOneField(
        "governance.Parameter", on_delete=models.CASCADE, primary_key=True, related_name="retention_mark"
    )
    raw = models.DateTimeField(null=True)
    minute = models.DateTimeField(null=True)
    ten_minute = models.DateTimeField(null=True)
    hour = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"dropped of parameter {self.parameter_id}"


class RetentionRun(models.Model):
    """What one run dropped, and what it held back because no roll-up holds it yet."""

    at = models.DateTimeField()
    parameters = models.PositiveIntegerField()
    days = models.PositiveIntegerField(help_text="Days of a parameter whose single readings were dropped.")
    readings = models.PositiveBigIntegerField()
    rollups = models.PositiveBigIntegerField(help_text="Roll-ups dropped.")
    size = models.PositiveBigIntegerField(help_text="Bytes, as far as the tables tell.")
    held_back = models.PositiveIntegerField(help_text="Days kept because their roll-ups do not hold every reading.")

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"retention run of {self.at:%Y-%m-%d %H:%M}"
