"""Lists of the floor: characteristics, signals, points, devices, quarantine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.models import Characteristic
from governance.queries import characteristics_visible_to
from iot import queries
from iot.charting.plan import rule_marks
from iot.filters import CharacteristicFilter, PointFilter, QuarantineFilter, SignalFilter
from iot.forms import DiscardForm
from iot.ingest.reasons import in_words
from iot.models import Quarantine, Signal, Subgroup
from iot.places import SECTIONS
from iot.services import discard, replay
from iot.views.found import characteristic_or_404
from qms.core.trail import reading
from qms.web.nav import Command
from qms.web.pages import Bulk, Column, FormDialog, Guarded, ListPage, NamedView, Page, chosen_rows, found_or_404


class Characteristics(ListPage):
    """Every characteristic with its chart and specification."""

    key = "characteristics"
    title = "Characteristics"
    nav = "process"
    family = "Process"
    sections = SECTIONS
    policy = "characteristic.view"
    model = Characteristic
    filterset_class = CharacteristicFilter
    search_fields = ("code", "name", "station__name", "part__number", "parameter__path")
    default_sort = "code"
    noun = "characteristics"
    purpose = "A characteristic is what a chart watches. Make one from a topic the floor already speaks on."
    new = Command(label="From a topic", url="governance:unmapped", permission="topic.map")
    views = (NamedView("In use", "active=true"), NamedView("All", ""))
    columns = (
        Column(key="code", label="Code", kind="mono", sort="code", link=True),
        Column(key="name", label="Name", kind="what", sort="name"),
        Column(key="line", label="Line", value="station.parent.name", sort="station__parent__code"),
        Column(key="station", label="Station", value="station.name", sort="station__name"),
        Column(key="part", label="Part", value=lambda row: str(row.part or ""), kind="mono"),
        Column(key="chart", label="Chart", value=lambda row: row.get_chart_display(), sort="chart"),
        Column(key="size", label="n", value="subgroup_size", kind="number"),
        Column(key="lsl", label="LSL", kind="number", decimals=3),
        Column(key="target", label="Target", kind="number", decimals=3),
        Column(key="usl", label="USL", kind="number", decimals=3),
        Column(key="unit", label="Unit", value="parameter.unit"),
        Column(key="topic", label="Topic", value="parameter.path", kind="mono", shown=False),
        Column(key="critical", label="Class", value=lambda row: row.get_critical_display(), shown=False),
        Column(key="site", label="Site", value="site.code", sort="site__code", shown=False),
        Column(key="active", label="State", kind="state", sort="active",
               value=lambda row: ("done", "In use") if row.active else ("todo", "Not in use")),
    )  # fmt: skip

    def queryset(self) -> QuerySet[Any]:
        return characteristics_visible_to(self.actor)


def _signal_state(row: Signal) -> tuple[str, str]:
    return ("signal", "Open") if row.state == "open" else ("done", row.get_state_display())


class Signals(ListPage):
    """Every signal of the plant."""

    key = "signals"
    title = "Signals"
    nav = "process"
    family = "Process"
    sections = SECTIONS
    policy = "signal.view"
    model = Signal
    filterset_class = SignalFilter
    search_fields = ("characteristic__code", "characteristic__name", "words", "cause")
    default_sort = "-first_at"
    noun = "signals"
    purpose = "A signal is a rule of a control chart that was broken. None was so far."
    views = (NamedView("Open", "state=open"), NamedView("All", ""))
    columns = (
        Column(key="first_at", label="Time", kind="time", sort="first_at", link=True),
        Column(key="code", label="Code", value="characteristic.code", kind="mono", sort="characteristic__code"),
        Column(key="name", label="Characteristic", value="characteristic.name", sort="characteristic__name"),
        Column(key="rules", label="Rules", value=lambda row: ", ".join(map(str, row.rule_numbers))),
        Column(key="words", label="In words", kind="what"),
        Column(key="value", label="Value", kind="number", decimals=3),
        Column(key="unit", label="Unit", value="characteristic.drawn_in"),
        Column(key="distance", label="Distance", kind="number", decimals=1, unit="σ", sort="distance"),
        Column(key="points", label="Points", kind="number", sort="points"),
        Column(key="cause", label="Cause", sort="cause"),
        Column(key="record", label="Record", value="record.number", kind="mono"),
        Column(key="state", label="State", value=_signal_state, kind="state", sort="state"),
    )

    def queryset(self) -> QuerySet[Any]:
        return queries.signals_visible_to(self.actor).select_related("record")


class Points(ListPage):
    """All points of one chart; the numbers behind the picture."""

    key = "points"
    nav = "process"
    policy = "characteristic.view"
    model = Subgroup
    filterset_class = PointFilter
    default_sort = "-n"
    noun = "points"
    purpose = "No point was charted yet."
    columns = (
        Column(key="n", label="Point", kind="number", sort="n"),
        Column(key="t", label="Time", kind="time", sort="t"),
        Column(key="plotted", label="Plotted", kind="number", decimals=6),
        Column(key="mean", label="Statistic", kind="number", decimals=6, sort="mean", shown=False),
        Column(key="spread", label="Spread", kind="number", decimals=6),
        Column(key="unit", label="Unit", value="characteristic.parameter.unit"),
        Column(key="values", label="Values", value=lambda row: ", ".join(f"{value:.10g}" for value in row.values)),
        Column(key="rules", label="Rules broken", value=lambda row: ", ".join(map(str, rule_marks(row.mask)))),
        Column(key="limits", label="Limits", value=lambda row: f"v{row.limits.revision}" if row.limits else "learning"),
        Column(key="lot", label="Lot", kind="mono"),
        Column(key="state", label="In estimates", value=lambda row: "no" if row.state == "excluded" else "yes"),
        Column(key="reason", label="Reason"),
    )

    def queryset(self) -> QuerySet[Any]:
        row = characteristic_or_404(self.kwargs["pk"], self.actor)
        return Subgroup.objects.filter(characteristic=row).select_related("limits", "characteristic__parameter")

    def context(self, **kwargs: Any) -> dict[str, Any]:
        row = characteristic_or_404(self.kwargs["pk"], self.actor)
        return {**super().context(**kwargs), "title": f"Points of {row.code} {row.name}"}

    def url_of(self, row: Subgroup) -> str:
        return ""


class QuarantineList(ListPage):
    """Payloads that could not be taken, with the reason; nothing is lost."""

    key = "quarantine"
    title = "Quarantine"
    nav = "process"
    family = "Process"
    sections = SECTIONS
    policy = "quarantine.view"
    model = Quarantine
    template_name = "iot/quarantine.html"
    filterset_class = QuarantineFilter
    search_fields = ("topic", "reason", "detail")
    default_sort = "-received_at"
    noun = "payloads"
    purpose = (
        "Payloads that cannot be taken wait here with the reason, to be sent through the door again. None is waiting."
    )
    views = (NamedView("Waiting", "state=kept"), NamedView("All", ""))
    bulk = (
        Bulk(label="Replay", url="iot:replay", permission="quarantine.replay"),
        Bulk(label="Discard", url="iot:discard", permission="quarantine.replay"),
    )
    columns = (
        Column(key="received_at", label="Received", kind="time", sort="received_at", link=True),
        Column(key="topic", label="Topic", kind="mono", sort="topic"),
        Column(key="why", label="Reason", value=lambda row: in_words(row.reason), sort="reason"),
        Column(key="detail", label="In full", kind="what"),
        Column(key="reason", label="Code", kind="mono", shown=False),
        Column(key="position", label="Where", kind="mono"),
        Column(key="size", label="Size", kind="number", unit="B", sort="size"),
        Column(key="state", label="State", value=lambda row: row.get_state_display(), sort="state"),
    )

    def queryset(self) -> QuerySet[Any]:
        return queries.quarantine_visible_to(self.actor)

    def url_of(self, row: Quarantine) -> str:
        return reverse("iot:quarantined", args=[row.pk])

    def context(self, **kwargs: Any) -> dict[str, Any]:
        accounts = queries.ingest_accounts(timezone.now().date())
        return {**super().context(**kwargs), "accounts": {in_words(code): count for code, count in accounts.items()}}


class Quarantined(Page):
    """One payload as it came, with the reason and the place that was not taken."""

    policy = "quarantine.view"
    template_name = "iot/quarantined.html"
    nav = "process"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        row = found_or_404(queries.quarantine_visible_to(self.actor), kwargs["pk"], "payload")
        text = bytes(row.payload).decode("utf-8", "replace")
        waits = row.state == Quarantine.State.KEPT and self.actor.can("quarantine.replay", row.site_id)
        return {
            "title": "Payload in quarantine", "row": row, "text": text, "may_decide": waits,
            "why": in_words(row.reason),
        }  # fmt: skip


class Replay(Guarded):
    """Send the chosen payloads through the door again."""

    policy = "quarantine.replay"
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        with reading(self.actor):
            chosen = _held(chosen_rows(QuarantineList, self))
        outcomes = replay(chosen, by=self.actor)
        told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        messages.success(request, f"Sent through the door again: {told or 'nothing was waiting'}.")
        url = reverse("iot:quarantine")
        if self.request.htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)


class Discard(FormDialog):
    """Let the chosen payloads go, with a reason; they stay readable."""

    policy = "quarantine.replay"
    form_class = DiscardForm
    heading = "Discard payloads"
    lead = "They stay readable with the reason, and are no longer offered for replay."
    button = "Discard"
    nav = "process"

    def initial(self) -> Mapping[str, Any]:
        post = self.request.POST
        return {"ids": ",".join(post.getlist("ids")), "all": post.get("all", ""), "query": post.get("query", "")}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The bulk bar brings the rows, the dialog then the reason."""
        if "reason" in request.POST:
            return super().post(request, *args, **kwargs)
        with reading(self.actor):
            response = self.ask(self.form())
            response.render()
        return response

    def act(self, data: dict[str, Any]) -> str:
        with reading(self.actor):
            chosen = _held(chosen_rows(QuarantineList, self))
        count = discard(chosen, reason=data["reason"], by=self.actor)
        messages.success(self.request, f"{count} discarded.")
        return reverse("iot:quarantine")


def _held(rows: QuerySet[Quarantine]) -> QuerySet[Quarantine]:
    """The same rows by their keys, so that what changes meanwhile changes nothing of the choice."""
    return Quarantine.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))
