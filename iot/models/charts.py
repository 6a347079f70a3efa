"""Control charts: points, limits, the rule state, signals and what people decided about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from iot.charting.plan import rule_marks
from iot.workflow import LIMITS_FLOW
from qms.core.flow import AnyFlow
from qms.core.models import Record


class ControlLimits(Record):
    """A version of the limits of one chart; released by signature and never moved by new data."""

    KIND: ClassVar[str] = "limits"
    PREFIX: ClassVar[str] = "LIM"
    NOUN: ClassVar[str] = "limits"
    SEARCH: ClassVar[tuple[str, ...]] = ("reason",)
    LABEL: ClassVar[str] = "Control limits"
    flow: ClassVar[AnyFlow] = LIMITS_FLOW

    characteristic = models.ForeignKey("governance.Characteristic", on_delete=models.PROTECT, related_name="limits")
    revision = models.PositiveIntegerField()
    chart = models.CharField(max_length=20)
    sigma_estimator = models.CharField(max_length=40)
    size = models.PositiveIntegerField(default=1, help_text="Subgroup size the limits are for.")
    center = models.FloatField()
    ucl = models.FloatField()
    lcl = models.FloatField(null=True, blank=True)
    sigma = models.FloatField(help_text="Standard deviation of the plotted statistic.")
    sigma_within = models.FloatField(null=True, blank=True, help_text="Within-subgroup standard deviation of values.")
    spread_center = models.FloatField(null=True, blank=True)
    spread_ucl = models.FloatField(null=True, blank=True)
    spread_lcl = models.FloatField(null=True, blank=True)
    n_points = models.PositiveIntegerField(default=0)
    first_point = models.DateTimeField(null=True, blank=True)
    last_point = models.DateTimeField(null=True, blank=True)
    exclusions = models.JSONField(default=list, blank=True)
    design = models.JSONField(
        default=dict, blank=True, help_text="The chart's own design, and what was fitted to its points."
    )
    rules = models.JSONField(default=list, blank=True, help_text="The rule set it judges by: names, and own rules.")
    effective_from = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        verbose_name_plural = "control limits"
        ordering = ("-revision",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["characteristic", "revision"], name="limits_revision_once")
        ]

    def get_absolute_url(self) -> str:
        return reverse("iot:limits", args=[self.pk])

    @property
    def state_label(self) -> str:
        """The state in words."""
        return self.flow.state(self.state).label.lower()

    @property
    def center_line(self) -> float:
        """Where the centre line is drawn: the sums of a CUSUM start at 0, whatever its target."""
        return 0.0 if self.chart == "cusum" else self.center

    def has_successor(self) -> bool:
        """Whether a newer version of the same chart is in force."""
        newer = ControlLimits.objects.filter(characteristic=self.characteristic_id, revision__gt=self.revision)
        return newer.filter(state="in_force").exists()

    def content(self, section: str) -> Mapping[str, Any]:
        """What the release signature covers: every figure that judges points, and why."""
        names = (
            "title", "revision", "chart", "sigma_estimator", "size", "center", "ucl", "lcl", "sigma",
            "sigma_within", "spread_center", "spread_ucl", "spread_lcl", "n_points", "exclusions", "reason",
        )  # fmt: skip
        found = {"characteristic": self.characteristic_id} | {name: getattr(self, name) for name in names}
        return found | {name: kept for name in ("design", "rules") if (kept := getattr(self, name))}


class Subgroup(models.Model):
    """One point of a control chart, in order of measured time."""

    class State(models.TextChoices):
        """Whether the point takes part in estimates."""

        OK = "ok", "In the estimates"
        EXCLUDED = "excluded", "Excluded"

    # the state of its chart, saved with every point, holds the constraints that a check per point would only repeat
    characteristic = models.ForeignKey(
        "governance.Characteristic",
        on_delete=models.PROTECT,
        related_name="points",
        db_constraint=False,
        db_index=False,
    )
    n = models.PositiveIntegerField(help_text="Running number of the point.")
    t = models.DateTimeField(help_text="Measured time of the last value.")
    first_t = models.DateTimeField(help_text="Measured time of the first value.")
    size = models.PositiveIntegerField()
    values = ArrayField(models.FloatField())
    mean = models.FloatField(help_text="The statistic of its values: value, mean, proportion or count.")
    up = models.FloatField(null=True, help_text="What is drawn in its place: average, upward sum, residual, deviation.")
    down = models.FloatField(null=True, help_text="What the downward sum of a CUSUM has come to.")
    spread = models.FloatField(null=True, help_text="Moving range, range or standard deviation.")
    ucl = models.FloatField(null=True, help_text="Upper limit of this point alone, where its version's does not hold.")
    lcl = models.FloatField(null=True, help_text="Lower limit of this point alone.")
    limits = models.ForeignKey(
        ControlLimits, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    mask = models.IntegerField(default=0, help_text="Bits of the rules broken at this point.")
    state = models.CharField(max_length=10, choices=State, default=State.OK)
    reason = models.CharField(max_length=300, blank=True, default="")
    lot = models.CharField(max_length=80, blank=True, default="")
    signal = models.ForeignKey(
        "iot.Signal", on_delete=models.SET_NULL, null=True, related_name="members", db_index=False
    )

    class Meta:
        ordering = ("characteristic", "n")
        constraints: ClassVar = [models.UniqueConstraint(fields=["characteristic", "n"], name="subgroup_number_once")]
        indexes: ClassVar = [
            models.Index(fields=["characteristic", "t"], name="subgroup_by_time"),
            models.Index(fields=["signal"], name="subgroup_by_signal", condition=Q(signal__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"point {self.n} of characteristic {self.characteristic_id}"

    @property
    def plotted(self) -> float:
        """The value drawn: what a chart with a memory has come to, else the statistic itself."""
        return self.mean if self.up is None else self.up


class ChartState(models.Model):
    """Where the streaming evaluation of a chart stands; written in the transaction of its points."""

    characteristic = models.OneToOneField("governance.Characteristic", on_delete=models.CASCADE, primary_key=True)
    limits = models.ForeignKey(ControlLimits, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.TextField(blank=True, default="", help_text="Registers of the run rules.")
    last_point = models.PositiveIntegerField(default=0)
    last_t = models.DateTimeField(null=True)
    last_seq = models.IntegerField(default=0)
    last_value = models.FloatField(null=True)
    pending = ArrayField(models.FloatField(), default=list, help_text="Values of the subgroup being filled.")
    pending_from = models.DateTimeField(null=True)
    chart = models.CharField(max_length=20, blank=True, default="", help_text="The chart its newest points are of.")
    size = models.PositiveIntegerField(default=0, help_text="The subgroup size its newest points are of.")
    begun = models.PositiveIntegerField(default=1, help_text="First point of this chart and size.")
    begun_after = models.DateTimeField(null=True, help_text="Readings up to here belong to the chart before.")
    owed_from = models.DateTimeField(null=True, help_text="The oldest reading so late that judging it waits.")

    def __str__(self) -> str:
        return f"state of characteristic {self.characteristic_id} at point {self.last_point}"


class SignalState(models.TextChoices):
    """What became of a signal."""

    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Cause given"
    EXCLUDED = "excluded", "Points excluded"
    CONVERTED = "converted", "Nonconformity opened"
    WITHDRAWN = "withdrawn", "Withdrawn by late data"


class Signal(models.Model):
    """One event on a chart: consecutive violations of its rules, folded into one row."""

    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, related_name="signals")
    characteristic = models.ForeignKey("governance.Characteristic", on_delete=models.PROTECT, related_name="signals")
    subgroup = models.ForeignKey(
        Subgroup, on_delete=models.SET_NULL, null=True, related_name="+", help_text="The first violating point."
    )
    first_point = models.PositiveIntegerField()
    last_point = models.PositiveIntegerField()
    rule = models.CharField(max_length=20, help_text="The first rule broken.")
    rules = ArrayField(models.CharField(max_length=20))
    mask = models.IntegerField(help_text="Bits of every rule broken during the event.")
    words = models.CharField(max_length=200, help_text="The first rule broken, in plain words.")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    points = models.PositiveIntegerField(default=1)
    value = models.FloatField()
    center = models.FloatField()
    sigma = models.FloatField()
    distance = models.FloatField(help_text="Distance of the first point from the centre line, in sigma.")
    limits = models.ForeignKey(ControlLimits, on_delete=models.PROTECT, related_name="+")
    retrospective = models.BooleanField(default=False, help_text="Found when late data was judged; asks nobody to act.")
    raised_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=15, choices=SignalState, default=SignalState.OPEN)
    cause = models.CharField(max_length=120, blank=True, default="")
    note = models.TextField(blank=True, default="")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    record = models.ForeignKey("core.Record", on_delete=models.PROTECT, null=True, related_name="signals")

    class Meta:
        ordering = ("-first_at",)
        indexes: ClassVar = [
            models.Index(fields=["characteristic", "-last_point"], name="signal_by_point"),
            models.Index(fields=["site", "-first_at"], name="signal_open", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.characteristic_id}: {self.words}"

    def get_absolute_url(self) -> str:
        return f"{reverse('iot:characteristic', args=[self.characteristic_id])}?signal={self.pk}"

    @property
    def rule_numbers(self) -> list[int | str]:
        """The numbers of the rules broken, R for the spread chart."""
        return list(rule_marks(self.mask))


class SignalDecision(models.Model):
    """What a person decided about a signal; append-only and part of the trail."""

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="decisions")
    state = models.CharField(max_length=15, choices=SignalState)
    cause = models.CharField(max_length=120, blank=True, default="")
    note = models.TextField(blank=True, default="")
    record = models.ForeignKey("core.Record", on_delete=models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.signal_id}: {self.state}"


class Exclusion(models.Model):
    """A span of points that leaves the estimates, with the reason; the points stay on the chart."""

    characteristic = models.ForeignKey("governance.Characteristic", on_delete=models.PROTECT, related_name="exclusions")
    first_t = models.DateTimeField()
    last_t = models.DateTimeField()
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ("first_t",)

    def __str__(self) -> str:
        return f"{self.characteristic_id}: {self.reason}"


class ProductionRun(models.Model):
    """The part a chart of short runs measures from a moment on, with what its deviations count from."""

    characteristic = models.ForeignKey("governance.Characteristic", on_delete=models.PROTECT, related_name="runs")
    begins_at = models.DateTimeField()
    part = models.CharField(max_length=60)
    nominal = models.FloatField(help_text="What the part should measure, in the unit of the parameter.")
    sigma = models.FloatField(null=True, blank=True, help_text="Its standard deviation; needed where standardised.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("begins_at",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["characteristic", "begins_at"], name="run_begins_once"),
            models.CheckConstraint(name="run_sigma_positive", condition=Q(sigma__isnull=True) | Q(sigma__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.characteristic_id}: {self.part} from {self.begins_at:%Y-%m-%d %H:%M}"


class Annotation(models.Model):
    """Something that happened at the process: a lot, a tool, a set-up, a change, a cause or a note."""

    class Kind(models.TextChoices):
        """What kind of event it was."""

        LOT = "lot", "Lot"
        TOOL = "tool", "Tool"
        SETUP = "setup", "Set-up"
        CHANGE = "change", "Change"
        CAUSE = "cause", "Cause"
        NOTE = "note", "Note"

    characteristic = models.ForeignKey(
        "governance.Characteristic", on_delete=models.PROTECT, related_name="annotations"
    )
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NOTE)
    text = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("at",)
        indexes: ClassVar = [models.Index(fields=["characteristic", "at"], name="annotation_by_time")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"
