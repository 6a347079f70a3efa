"""Gages: their list, the page of one with its calibrations, and the dialogs that change them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, reverse

from governance import forms, queries, services
from governance.filters import GageFilter
from governance.models import Calibration, Gage, GageState, GageStatus
from governance.services.gages import EDITABLE
from governance.views.lists import MasterData
from qms.core import files
from qms.core.actor import Actor
from qms.web.context import sites_of
from qms.web.forms import Styled
from qms.web.nav import Command
from qms.web.pages import Column, FormDialog, Guarded, NamedView, Page, found_or_404

MARKS = {
    GageState.IN_USE: "done", GageState.DUE_SOON: "watch", GageState.OVERDUE: "miss", GageState.BLOCKED: "hold",
    GageState.RETIRED: "todo",
}  # fmt: skip
NEW_GAGE = Command(
    label="New gage", url="governance:gage-new", permission="gage.edit", words="gauge instrument calibration msa"
)


def gage_or_404(pk: int, actor: Actor) -> Gage:
    """The gage, if the actor may see it."""
    return found_or_404(queries.gages_visible_to(actor), pk, "gage")


def _state(row: Gage) -> tuple[str, str]:
    return MARKS[row.state], row.state.label


def _figure(value: float | None, unit: str) -> str:
    """A figure with its unit; empty when there is none."""
    return "" if value is None else f"{value:g} {unit}".rstrip()


def _range(row: Gage) -> str:
    """The range in words."""
    if row.range_low is None and row.range_high is None:
        return ""
    low = "" if row.range_low is None else f"{row.range_low:g} "
    return f"{low}to {row.range_high:g} {row.unit}".strip() if row.range_high is not None else f"from {low}{row.unit}"


class Gages(MasterData):
    """Every gage with where its calibration stands."""

    key = "gages"
    title = "Gages"
    nav = "master-data"
    policy = "gage.view"
    model = Gage
    filterset_class = GageFilter
    search_fields = ("code", "name", "serial", "uses__characteristic__code")
    default_sort = "next_due"
    noun = "gages"
    purpose = (
        "A gage is what a characteristic is measured with. With its calibrations entered, the next one is asked for in"
        " time, and readings of a gage that failed are named. None is entered yet."
    )
    new = NEW_GAGE
    views = (
        NamedView("To calibrate", "state=due_soon&state=overdue"),
        NamedView("Blocked", "state=blocked"),
        NamedView("All", ""),
    )
    columns = (
        Column(key="code", label="Code", kind="mono", sort="code", link=True),
        Column(key="name", label="Name", kind="what", sort="name"),
        Column(key="state", label="State", value=_state, kind="state", sort="standing", group=True),
        Column(key="next_due", label="Next due", kind="day", sort="next_due"),
        Column(key="measures", label="Measures", kind="mono",
               value=lambda row: ", ".join(use.characteristic.code for use in row.uses.all())),
        Column(key="last", label="Last calibrated", value="last_on", kind="day", sort="last_on"),
        Column(key="result", label="Result", value=lambda row: row.get_last_result_display(), sort="last_result",
               group=True),
        Column(key="owner", label="Responsible", value="owner.name", kind="person", sort="owner__name", group=True),
        Column(key="station", label="Station", value=lambda row: row.station.name if row.station else "",
               sort="station__name", group=True),
        Column(key="kind", label="Kind", value=lambda row: row.get_kind_display().partition(" (")[0], sort="kind",
               group=True),
        Column(key="serial", label="Serial number", kind="mono", sort="serial", shown=False),
        Column(key="resolution", label="Resolution", value=lambda row: _figure(row.resolution, row.unit),
               shown=False),
        Column(key="range", label="Range", value=_range, shown=False),
        Column(key="site", label="Site", value="site.code", sort="site__code", shown=False),
    )  # fmt: skip

    def queryset(self) -> QuerySet[Any]:
        return queries.gages_visible_to(self.actor)


class GagePage(Page):
    """One gage: where it stands, what it measures, every calibration."""

    policy = "gage.view"
    template_name = "governance/gage.html"
    nav = "master-data"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        row = gage_or_404(kwargs["pk"], self.actor)
        behind = queries.behind_gage(row, actor=self.actor)
        can = self.actor.can
        every = row.interval_months, row.interval_days
        return {
            "title": str(row), "row": row, "state": row.state, "mark": MARKS[row.state], "behind": behind,
            "warnings": [] if row.status == GageStatus.RETIRED else queries.warnings_of(row),
            "doubts": [one.doubt for one in behind if one.doubt],
            "calibrations": list(queries.calibrations_of(row)), "range": _range(row),
            "resolution": _figure(row.resolution, row.unit),
            "interval": " and ".join(
                f"{n} {word}{'s' if n > 1 else ''}" for n, word in zip(every, ("month", "day"), strict=True) if n
            ),
            "may_edit": can("gage.edit", row.site_id), "may_calibrate": can("gage.calibrate", row.site_id),
            "study_url": study_url(row) if can("gagestudy.open", row.site_id) else "",
        }  # fmt: skip


def study_url(row: Gage) -> str:
    """Where a study of a gage is planned; empty when no room offers it."""
    try:
        return f"{reverse('analytics:gage-study-new')}?gage={row.pk}"
    except NoReverseMatch:
        return ""


class GageNew(FormDialog):
    """A new gage."""

    policy = "gage.edit"
    nav = "master-data"
    heading = "New gage"
    button = "Add gage"

    def form(self, data: Any = None) -> Styled:
        return forms.GageForm(data, sites=sites_of(self.actor))

    def act(self, data: dict[str, Any]) -> str:
        return services.add_gage(**data, by=self.actor).get_absolute_url()


class _OfGage(FormDialog):
    """A dialog about one gage."""

    nav = "master-data"

    def find(self, **kwargs: Any) -> Gage:
        return gage_or_404(kwargs["pk"], self.actor)


class GageEdit(_OfGage):
    """What is known of a gage."""

    policy: ClassVar = "gage.edit"
    heading = "Gage"
    lead = "A new interval moves the due date: it counts from the last good calibration."
    edits = True

    def initial(self) -> Mapping[str, Any]:
        found = {name: getattr(self.about, name) for name in EDITABLE}
        return {**found, "characteristics": [use.characteristic_id for use in self.about.uses.all()]}

    def form(self, data: Any = None) -> Styled:
        return forms.GageEditForm(data, initial=self.initial(), row=self.about)

    def act(self, data: dict[str, Any]) -> str:
        return services.edit_gage(self.about, by=self.actor, **data).get_absolute_url()


class GageStatusChange(_OfGage):
    """Block or retire a gage, or let it be used again."""

    policy = "gage.edit"
    form_class = forms.GageStatusForm
    heading = "State of the gage"
    lead = "A blocked gage warns on every characteristic it measures. A retired one is asked for no more."
    edits = True

    def initial(self) -> Mapping[str, Any]:
        return {"status": self.about.status}

    def act(self, data: dict[str, Any]) -> str:
        return services.set_gage_status(self.about, by=self.actor, **data).get_absolute_url()


class CalibrationNew(_OfGage):
    """Enter a calibration."""

    policy = "gage.calibrate"
    heading = "Enter a calibration"
    lead = "The next due date follows from it. A failed gage is blocked and names the readings in doubt."
    button = "Enter"

    def form(self, data: Any = None) -> Styled:
        files_sent = self.request.FILES if data is not None else None
        return forms.CalibrationForm(data, files_sent, initial={"result": "pass"})

    def act(self, data: dict[str, Any]) -> str:
        services.add_calibration(self.about, by=self.actor, **data)
        return str(self.about.get_absolute_url())


def calibration_or_404(gage: int, pk: int, actor: Actor) -> Calibration:
    """The calibration of a gage the actor may see."""
    row = found_or_404(queries.calibrations_of(gage_or_404(gage, actor)), pk, "calibration")
    found: Calibration = row
    return found


class CalibrationWithdraw(FormDialog):
    """Take a calibration back."""

    policy = "gage.calibrate"
    nav = "master-data"
    form_class = forms.WithdrawForm
    heading = "Take this calibration back"
    lead = "It stays readable with the reason. State and due date follow from the calibrations that are left."
    button = "Take back"

    def find(self, **kwargs: Any) -> Calibration:
        return calibration_or_404(kwargs["pk"], kwargs["calibration"], self.actor)

    def act(self, data: dict[str, Any]) -> str:
        one = services.withdraw_calibration(self.about, reason=data["reason"], by=self.actor)
        return one.gage.get_absolute_url()


class Certificate(Guarded):
    """The certificate of a calibration as it was given."""

    policy = "gage.view"

    def get(self, request: HttpRequest, pk: int, calibration: int) -> HttpResponseBase:
        """The bytes, checked against their digest; never shown inside the page."""
        return certificate_of(calibration_or_404(pk, calibration, self.actor))


def certificate_of(one: Calibration) -> FileResponse:
    """The answer that carries a certificate; 404 when it was entered by its number alone."""
    if one.blob is None:
        raise Http404("This calibration was entered without a file.")
    response = FileResponse(
        files.bytes_of(one.blob, one.file_name), as_attachment=True, filename=one.file_name,
        content_type=one.blob.media_type,
    )  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
