"""The analysis: a question, the data it was asked of, and the answer with its formula."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.urls import reverse

from analytics.workflow import ANALYSIS_FLOW
from qms.core.evidence import canonical
from qms.core.flow import AnyFlow
from qms.core.models import Record
from qms.core.signing import digest_of


class Source(models.TextChoices):
    """Where the data came from."""

    TEXT = "text", "Pasted text"
    FILE = "file", "File"
    CHARACTERISTICS = "characteristics", "Characteristics"
    API = "api", "Sent by API"
    STUDY = "study", "Gage study"


class Analysis(Record):
    """One study of one set of data, kept whole: data, options, result, drawing and the version that computed it."""

    KIND: ClassVar[str] = "analysis"
    PREFIX: ClassVar[str] = "ANA"
    NOUN: ClassVar[str] = "analysis"
    LABEL: ClassVar[str] = "Analysis"
    SEARCH: ClassVar[tuple[str, ...]] = ("question", "headline", "source_detail")
    flow: ClassVar[AnyFlow] = ANALYSIS_FLOW

    question = models.TextField(blank=True)
    study = models.CharField(max_length=20, editable=False)
    source = models.CharField(max_length=16, choices=Source, editable=False)
    source_detail = models.CharField("taken from", max_length=300, blank=True, editable=False)
    first = models.DateTimeField("data from", null=True, blank=True, editable=False)
    last = models.DateTimeField("data to", null=True, blank=True, editable=False)
    data = models.JSONField(
        default=list, editable=False, help_text="Columns: name, unit and values, null where one is missing."
    )
    size = models.PositiveIntegerField("values", default=0, editable=False)
    roles = models.JSONField(default=dict, blank=True, editable=False, help_text="Role in the study: column names.")
    options = models.JSONField(default=dict, blank=True, editable=False)
    result = models.JSONField(default=dict, editable=False)
    headline = models.CharField("answer", max_length=400, editable=False)
    drawing = models.TextField(blank=True, editable=False)
    method_version = models.CharField(max_length=20, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "analyses"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("analytics:analysis", args=[self.pk])

    def locked_content(self) -> dict[str, Any]:
        """What the digest of a saved analysis covers."""
        names = ("title", "question", "study", "source", "source_detail", "data", "roles", "options", "result")
        return {name: getattr(self, name) for name in (*names, "headline", "drawing", "method_version")}

    @property
    def intact(self) -> bool:
        """Whether what is stored is still what was locked."""
        return bool(self.digest) and self.digest == digest_of(canonical(self.locked_content()))

    @property
    def study_label(self) -> str:
        """The study in words."""
        return str(self.result.get("label") or self.study)
