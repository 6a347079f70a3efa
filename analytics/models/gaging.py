"""A gage study: the plan, every reading in the order it was drawn, and the verdict that the figures gave."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils import timezone

from analytics.models.analysis import Analysis
from analytics.workflow import GAGE_STUDY_FLOW
from governance.models import Characteristic, Gage
from qms.core.flow import AnyFlow
from qms.core.models import Record, User


class Method(models.TextChoices):
    """What a gage study asks."""

    CROSSED = "crossed", "Gage R&R, crossed"
    NESTED = "nested", "Gage R&R, nested"
    BIAS = "bias", "Bias"
    LINEARITY = "linearity", "Linearity"
    STABILITY = "stability", "Stability"
    ATTRIBUTE = "attribute", "Attribute agreement"


STANDS_BEHIND = (Method.CROSSED, Method.NESTED, Method.ATTRIBUTE)  # judge the whole way a characteristic is measured


class Finding(models.TextChoices):
    """The verdict on a measurement system."""

    ACCEPTABLE = "acceptable", "Acceptable"
    CONDITIONAL = "conditional", "Conditional"
    UNACCEPTABLE = "unacceptable", "Not acceptable"


class GageStudy(Record):
    """A study of a gage for a characteristic: planned, measured in a drawn order, judged by its figures."""

    KIND: ClassVar[str] = "gagestudy"
    PREFIX: ClassVar[str] = "MSA"
    NOUN: ClassVar[str] = "gagestudy"
    LABEL: ClassVar[str] = "Gage study"
    SEARCH: ClassVar[tuple[str, ...]] = ("gage", "characteristic", "words")
    flow: ClassVar[AnyFlow] = GAGE_STUDY_FLOW

    gage = models.ForeignKey(Gage, models.PROTECT, related_name="studies", editable=False)
    characteristic = models.ForeignKey(Characteristic, models.PROTECT, related_name="gage_studies", editable=False)
    method = models.CharField(max_length=10, choices=Method, editable=False)
    parts = models.PositiveSmallIntegerField(editable=False)
    repeats = models.PositiveSmallIntegerField(editable=False)
    labels = models.JSONField(default=list, editable=False, help_text="What the parts are called.")
    references = models.JSONField(
        default=list, blank=True, editable=False, help_text="Reference value or right rating of each part."
    )
    categories = models.JSONField(default=list, blank=True, editable=False, help_text="The ratings to choose from.")
    tolerance = models.FloatField(null=True, blank=True, editable=False)
    seed = models.PositiveBigIntegerField(editable=False, help_text="The run order comes out of it again.")
    verdict = models.CharField(max_length=14, choices=Finding, blank=True, default="", editable=False)
    words = models.CharField("found", max_length=400, blank=True, default="", editable=False)
    share = models.FloatField("gage R&R, % of the spread", null=True, blank=True, editable=False)
    ndc = models.PositiveIntegerField("distinct categories", null=True, blank=True, editable=False)
    source = models.CharField("judged by", max_length=400, blank=True, default="", editable=False)
    answer = models.ForeignKey(
        Analysis, models.PROTECT, null=True, blank=True, related_name="gage_studies", editable=False
    )

    class Meta:
        verbose_name_plural = "gage studies"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("analytics:gage-study", args=[self.pk])

    @property
    def rated(self) -> bool:
        """Whether parts are rated, not measured."""
        return self.method == Method.ATTRIBUTE

    def reference_of(self, part: str) -> Any:
        """The reference of a part by its label; None where none was given."""
        if not self.references:
            return None
        return self.references[self.labels.index(part)] if part in self.labels else None


class StudyRun(models.Model):
    """One reading of a study: who takes it, of which part, in which place of his order, and what came out."""

    study = models.ForeignKey(GageStudy, models.PROTECT, related_name="runs")
    operator = models.ForeignKey(User, models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField(help_text="In the order of this operator, from 1.")
    part = models.CharField(max_length=40)
    trial = models.PositiveSmallIntegerField()
    value = models.FloatField(null=True, blank=True)
    rating = models.CharField(max_length=40, blank=True, default="")
    entered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("operator_id", "place")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("study", "operator", "place"), name="study_run_place_once"),
            models.UniqueConstraint(fields=("study", "operator", "part", "trial"), name="study_run_once"),
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.part}"

    @property
    def reading(self) -> str:
        """What came out, as it was entered."""
        return self.rating or ("" if self.value is None else f"{self.value:.12g}")


class StudyCorrection(models.Model):
    """A reading that was entered wrongly: what it was, what it is, and why."""

    run = models.ForeignKey(StudyRun, models.PROTECT, related_name="corrections")
    old = models.CharField(max_length=40)
    new = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.old} to {self.new}"
