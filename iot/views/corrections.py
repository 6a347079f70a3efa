"""Readings heard twice with different values: which one holds."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.urls import reverse

from iot import queries, services
from iot.filters import CorrectionFilter
from iot.forms import CorrectionForm
from iot.models import Correction
from iot.places import SECTIONS
from qms.web.pages import Column, FormDialog, ListPage, NamedView, found_or_404

_MARKS = {"open": "watch", "accepted": "done", "refused": "todo"}


class Corrections(ListPage):
    """Every reading that was heard again with another value."""

    key = "corrections"
    title = "Corrections"
    nav = "process"
    family = "Process"
    sections = SECTIONS
    policy = "quarantine.view"
    model = Correction
    filterset_class = CorrectionFilter
    search_fields = ("parameter__path", "parameter__name", "reason")
    default_sort = "-heard_at"
    noun = "corrections"
    purpose = "When a reading is heard again with another value, the first one stays until a person decides. None was."
    views = (NamedView("To decide", "state=open"), NamedView("All", ""))
    columns = (
        Column(key="t", label="Measured", kind="time", sort="t", link=True),
        Column(key="path", label="Parameter", value="parameter.path", kind="mono", sort="parameter__path"),
        Column(key="stored", label="Stored", kind="number", decimals=6),
        Column(key="heard", label="Heard again", kind="number", decimals=6),
        Column(key="unit", label="Unit", value="parameter.unit"),
        Column(key="heard_at", label="At", kind="time", sort="heard_at"),
        Column(key="state", label="State", kind="state", sort="state",
               value=lambda row: (_MARKS[row.state], row.get_state_display())),
        Column(key="reason", label="Why"),
    )  # fmt: skip

    def queryset(self) -> QuerySet[Any]:
        return queries.corrections_visible_to(self.actor)

    def url_of(self, row: Correction) -> str:
        return reverse("iot:correction", args=[row.pk])


class DecideCorrection(FormDialog):
    """Take the value heard later, or keep the stored one."""

    policy = "quarantine.replay"
    form_class = CorrectionForm
    heading = "Which value holds?"
    lead = "Both stay on record. When the later one holds, the chart is judged again from there."
    button = "Decide"
    nav = "process"

    def find(self, **kwargs: Any) -> Correction:
        return found_or_404(queries.corrections_visible_to(self.actor), kwargs["pk"], "correction")

    def form(self, data: Any = None) -> CorrectionForm:
        return CorrectionForm(data, row=self.about)

    def act(self, data: dict[str, Any]) -> str:
        services.decide_correction(self.about, accept=data["holds"] == "heard", reason=data["reason"], by=self.actor)
        messages.success(self.request, "Decided; both values stay on record.")
        return reverse("iot:corrections")
