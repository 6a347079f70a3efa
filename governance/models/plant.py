"""Master data: where a value is measured, of what, in which unit, and against which specification."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse


class Level(models.TextChoices):
    """Levels of the equipment hierarchy below the site (ISA-95)."""

    AREA = "area", "Area"
    LINE = "line", "Line"
    STATION = "station", "Station"


class Equipment(models.Model):
    """An area, a line or a station of a site; stations are where parameters are measured."""

    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, related_name="equipment")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    level = models.CharField(max_length=10, choices=Level)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    sequence = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("site", "sequence", "code")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["site", "parent", "code"], name="equipment_code_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="equipment_parent_by_level",
                condition=Q(level=Level.AREA, parent__isnull=True) | ~Q(level=Level.AREA),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("governance:equipment", args=[self.pk])


class Part(models.Model):
    """A part number with its revision, checked against the site's part number rule."""

    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, related_name="parts")
    number = models.CharField(max_length=60)
    revision = models.CharField(max_length=12, blank=True, default="")
    name = models.CharField(max_length=160)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("number", "revision")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "number", "revision"], name="part_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.revision}".rstrip()

    def get_absolute_url(self) -> str:
        return reverse("governance:part", args=[self.pk])


class Process(models.Model):
    """A process step, such as pressing or reflow soldering."""

    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, related_name="processes")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)
        verbose_name_plural = "processes"
        constraints: ClassVar = [models.UniqueConstraint(fields=["site", "code"], name="process_code_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("governance:process", args=[self.pk])


class RuleTarget(models.TextChoices):
    """What a naming rule checks."""

    PART = "part", "Part numbers"
    PARAMETER = "parameter", "Parameter names"
    CHARACTERISTIC = "characteristic", "Characteristic codes"


class NumberRule(models.Model):
    """A naming rule as a regular expression with strings it must accept and strings it must refuse."""

    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, related_name="number_rules")
    target = models.CharField(max_length=20, choices=RuleTarget)
    pattern = models.CharField(max_length=200)
    explanation = models.CharField(max_length=200, help_text="The rule in words, shown when a name is refused.")
    accepted = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    refused = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("site", "target")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["site", "target"], name="one_active_rule_per_target", condition=Q(active=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_target_display()}: {self.pattern}"


class ValueKind(models.TextChoices):
    """What kind of value a parameter carries."""

    FLOAT = "float", "Measured value"
    COUNT = "count", "Count"
    BOOL = "bool", "Yes or no"
    JOINT = "joint", "Several values together"  # formed from other parameters, never heard from a device


class Parameter(models.Model):
    """One measured quantity of a station, known by its topic path and kept in one canonical unit."""

    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, related_name="parameters")
    path = models.CharField(max_length=200, unique=True, help_text="site/area/line/station/parameter, lower case")
    name = models.CharField(max_length=120)
    unit = models.CharField(max_length=40, blank=True, default="")
    kind = models.CharField(max_length=10, choices=ValueKind, default=ValueKind.FLOAT)
    station = models.ForeignKey(Equipment, on_delete=models.PROTECT, related_name="parameters")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("path",)
        constraints: ClassVar = [
            models.CheckConstraint(
                name="parameter_path_lower", condition=Q(path__regex=r"^[a-z0-9_.\-]+(/[a-z0-9_.\-]+)+$")
            )
        ]

    def __str__(self) -> str:
        return self.path

    def get_absolute_url(self) -> str:
        return reverse("governance:parameter", args=[self.pk])


class Chart(models.TextChoices):
    """The control charts a characteristic can be judged by."""

    I_MR = "i-mr", "I-MR"
    XBAR_R = "xbar-r", "X\u0304-R"
    XBAR_S = "xbar-s", "X\u0304-S"
    P = "p", "p"
    NP = "np", "np"
    C = "c", "c"
    U = "u", "u"
    LANEY_P = "laney-p", "p\u2032 (Laney)"
    LANEY_U = "laney-u", "u\u2032 (Laney)"
    G = "g", "g, cases between events"
    T = "t", "t, time between events"
    EWMA = "ewma", "EWMA"
    EWMA_P = "ewma-p", "EWMA of proportions"
    EWMA_U = "ewma-u", "EWMA of counts"
    CUSUM = "cusum", "CUSUM"
    MOVING_AVERAGE = "moving-average", "Moving average"
    RESIDUAL = "residual", "Residuals, AR(1)"
    WIDENED = "widened", "Single values, widened limits"
    SHORT_RUN = "short-run", "Short run, deviations"
    SHORT_RUN_Z = "short-run-z", "Short run, standardised"
    T2 = "t2", "T\u00b2, several together"
    MEWMA = "mewma", "MEWMA, several together"


COUNTED = frozenset(
    one.value
    for one in (
        Chart.P, Chart.NP, Chart.C, Chart.U, Chart.LANEY_P, Chart.LANEY_U, Chart.G, Chart.EWMA_P, Chart.EWMA_U,
    )
)  # fmt: skip
MEMORY = frozenset(one.value for one in (Chart.EWMA, Chart.CUSUM, Chart.EWMA_P, Chart.EWMA_U))  # of all points before
_DRAWN_IN = {
    Chart.P: "share", Chart.LANEY_P: "share", Chart.EWMA_P: "share",
    Chart.U: "per unit", Chart.LANEY_U: "per unit", Chart.EWMA_U: "per unit",
    Chart.NP: "items", Chart.C: "events", Chart.G: "cases", Chart.SHORT_RUN_Z: "σ", Chart.T2: "T²", Chart.MEWMA: "T²",
}  # fmt: skip
MULTIVARIATE = frozenset({Chart.T2.value, Chart.MEWMA.value})  # several characteristics judged as one vector
UNRULED = MEMORY | MULTIVARIATE | {Chart.MOVING_AVERAGE.value, Chart.WIDENED.value}  # by their limits alone
ALONE = [(one.value, one.label) for one in Chart if one.value not in MULTIVARIATE]  # charts of a single parameter
HEARD = [(one.value, one.label) for one in ValueKind if one != ValueKind.JOINT]
SHORT_RUNS = frozenset({Chart.SHORT_RUN.value, Chart.SHORT_RUN_Z.value})
SINGLE = SHORT_RUNS | {Chart.I_MR.value, Chart.RESIDUAL.value, Chart.WIDENED.value, Chart.G.value, Chart.T.value}
AVERAGED = frozenset(one.value for one in (Chart.XBAR_R, Chart.XBAR_S, Chart.EWMA, Chart.CUSUM, Chart.MOVING_AVERAGE))


class Critical(models.TextChoices):
    """Special characteristic classes."""

    NONE = "", "Standard"
    MAJOR = "major", "Significant"
    CRITICAL = "critical", "Critical"
    SAFETY = "safety", "Safety or regulation"


def default_rules() -> list[str]:
    """The rule set a new characteristic starts with: rules 1, 2, 3 and 5 of Nelson."""
    return ["nelson_1", "nelson_2", "nelson_3", "nelson_5"]


class Characteristic(models.Model):
    """A quality characteristic: a parameter of a part with specification limits, a chart and its rules."""

    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, related_name="characteristics")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=160)
    station = models.ForeignKey(Equipment, on_delete=models.PROTECT, related_name="characteristics")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, null=True, blank=True, related_name="characteristics")
    process = models.ForeignKey(
        Process, on_delete=models.PROTECT, null=True, blank=True, related_name="characteristics"
    )
    parameter = models.OneToOneField(Parameter, on_delete=models.PROTECT, related_name="characteristic")
    chart = models.CharField(max_length=20, choices=Chart, default=Chart.I_MR)
    subgroup_size = models.PositiveIntegerField(
        default=1, help_text="Values in a subgroup, or units inspected per count."
    )
    lsl = models.FloatField(null=True, blank=True)
    target = models.FloatField(null=True, blank=True)
    usl = models.FloatField(null=True, blank=True)
    decimals = models.PositiveSmallIntegerField(default=3)
    rules = ArrayField(models.CharField(max_length=20), default=default_rules, blank=True)
    own_rules = models.JSONField(
        default=list, blank=True, help_text="Rules of its own: test, needed, window, sigmas; judged beside the others."
    )
    design = models.JSONField(
        default=dict,
        blank=True,
        help_text="EWMA: weight and width; CUSUM: k and h; moving average: span; t: power. Left out: the usual ones. "
        "Several together: members, pair, wait, and alpha, or weight and arl.",
    )
    stale_after = models.PositiveIntegerField(default=300, help_text="Seconds without data until it is called stale.")
    critical = models.CharField(max_length=10, choices=Critical, blank=True, default=Critical.NONE)
    active = models.BooleanField(default=True)
    sequence = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("site", "sequence", "code")
        indexes: ClassVar = [
            models.Index(fields=["id"], name="characteristic_together", condition=Q(chart__in=("t2", "mewma")))
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "code"], name="characteristic_code_once"),
            models.CheckConstraint(name="characteristic_size_positive", condition=Q(subgroup_size__gte=1)),
            models.CheckConstraint(
                name="characteristic_spec_ordered",
                condition=Q(Q(lsl__isnull=True) | Q(usl__isnull=True) | Q(lsl__lt=F("usl")))
                & Q(Q(lsl__isnull=True) | Q(target__isnull=True) | Q(lsl__lte=F("target")))
                & Q(Q(target__isnull=True) | Q(usl__isnull=True) | Q(target__lte=F("usl"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("iot:characteristic", args=[self.pk])

    @property
    def drawn_in(self) -> str:
        """The unit of what its chart draws: of the values, or the word of what is counted."""
        return _DRAWN_IN.get(Chart(self.chart), self.parameter.unit)


class UnmappedState(models.TextChoices):
    """What happened to a topic that was heard but not known."""

    OPEN = "open", "Waiting"
    MAPPED = "mapped", "Mapped"
    IGNORED = "ignored", "Ignored"


class UnmappedTopic(models.Model):
    """A topic the floor speaks on that no parameter answers to, with what was heard and a proposal."""

    site = models.ForeignKey(
        "core.Site", on_delete=models.PROTECT, null=True, blank=True, related_name="unmapped_topics"
    )
    topic = models.CharField(
        max_length=400, help_text="The full topic; for a station message with the parameter appended."
    )
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    count = models.PositiveBigIntegerField(default=0)
    last_value = models.FloatField(null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True, default="")
    samples = ArrayField(models.FloatField(), default=list, blank=True, help_text="The newest values, oldest first.")
    state = models.CharField(max_length=10, choices=UnmappedState, default=UnmappedState.OPEN)
    parameter = models.ForeignKey(Parameter, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-last_seen",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["topic"], name="unmapped_topic_once")]
        indexes: ClassVar = [models.Index(fields=["state", "-last_seen"], name="unmapped_by_state")]

    def __str__(self) -> str:
        return self.topic

    def get_absolute_url(self) -> str:
        return reverse("governance:map", args=[self.pk])
