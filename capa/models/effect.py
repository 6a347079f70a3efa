"""How effectiveness is judged, fixed before anybody acts, and the verdicts computed from readings."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from capa.models.corrective import Capa
from qms.core.models import User


class Metric(models.TextChoices):
    """What is compared before and after."""

    MEAN = "mean", "Mean"
    SPREAD = "spread", "Spread"
    OUT_OF_LIMIT = "out_of_limit", "Share out of specification"
    SIGNAL_RATE = "signal_rate", "Signals per point"
    DEFECT_PROPORTION = "defect_proportion", "Defect proportion"


class Direction(models.TextChoices):
    """Which way is better."""

    LOWER = "lower", "Lower"
    HIGHER = "higher", "Higher"
    NEARER = "nearer", "Nearer to the target"


class Outcome(models.TextChoices):
    """What the data say."""

    EFFECTIVE = "effective", "Effective"
    NOT_SHOWN = "not_shown", "Not shown"
    NOT_EFFECTIVE = "not_effective", "Not effective"
    INSUFFICIENT = "insufficient", "Too little data"


class Criterion(models.Model):
    """One measure of the effect: metric, baseline, target, window and the least exposure that counts."""

    capa = models.ForeignKey(Capa, models.PROTECT, related_name="criteria")
    revision = models.PositiveSmallIntegerField(default=1, help_text="Revision of the plan.")
    characteristic = models.ForeignKey(
        "governance.Characteristic", models.PROTECT, null=True, blank=True, related_name="+"
    )
    metric = models.CharField(max_length=20, choices=Metric)
    direction = models.CharField("better is", max_length=6, choices=Direction, default=Direction.LOWER)
    baseline_from = models.DateTimeField(null=True, blank=True)
    baseline_to = models.DateTimeField(null=True, blank=True)
    target = models.FloatField(null=True, blank=True)
    window_days = models.PositiveIntegerField(default=90, validators=[MinValueValidator(1)])
    window_units = models.PositiveIntegerField(
        null=True, blank=True, help_text="Ends the window early at this many units."
    )
    minimum_exposure = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(2)])

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "criteria"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="criterion_baseline_ordered",
                condition=Q(baseline_from=None) | Q(baseline_to=None) | Q(baseline_from__lt=F("baseline_to")),
                violation_error_message="The baseline ends before it begins.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} of {self.characteristic}"

    @property
    def is_complete(self) -> bool:
        """Whether it says what, from when, how good and on how much data."""
        needed = (
            self.characteristic_id,
            self.metric,
            self.baseline_from,
            self.baseline_to,
            self.target,
            self.minimum_exposure,
        )
        return all(value is not None and value != "" for value in needed)

    def terms(self) -> dict[str, Any]:
        """What was agreed, for the signature of the plan."""
        return {
            "metric": str(self),
            "better": self.get_direction_display(),
            "target": self.target,
            "baseline_from": self.baseline_from,
            "baseline_to": self.baseline_to,
            "window_days": self.window_days,
            "window_units": self.window_units,
            "minimum_exposure": self.minimum_exposure,
        }

    def newest(self) -> Verdict | None:
        """The last verdict computed."""
        return self.verdicts.order_by("-at", "-id").first()

    @property
    def outcome(self) -> str:
        """What the newest verdict says, or nothing."""
        verdict = self.newest()
        return verdict.outcome if verdict else ""

    @property
    def is_final(self) -> bool:
        """Whether the newest verdict covers the whole window with enough exposure."""
        verdict = self.newest()
        return verdict is not None and verdict.final

    def judged(self) -> dict[str, Any]:
        """What a verifier signs: the newest verdict."""
        verdict = self.newest()
        return {
            "metric": str(self),
            "verdict": verdict.sentence if verdict else "",
            "final": bool(verdict and verdict.final),
            "computed": verdict.at if verdict else None,
        }


class Verdict(models.Model):
    """What the readings said about one criterion at one time; never changed."""

    capa = models.ForeignKey(Capa, models.PROTECT, related_name="verdicts")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="verdicts")
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=14, choices=Outcome)
    sentence = models.TextField()
    result = models.JSONField(help_text="Before, after, difference, interval, p, method, change point.")
    data_from = models.DateTimeField()
    data_to = models.DateTimeField()
    n_before = models.PositiveIntegerField()
    n_after = models.PositiveIntegerField()
    final = models.BooleanField(default=False, help_text="The window has passed with enough exposure.")
    computed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.sentence}"
