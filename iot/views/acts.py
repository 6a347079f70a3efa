"""What a person does on a chart: give a cause, exclude, note, propose limits, freeze."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from iot import services
from iot.forms import CAUSES, AnnotationForm, CauseForm, EvidenceForm, ProposalForm, ReasonForm, RunForm, SpanForm
from iot.models import Exclusion, Signal
from iot.queries import annotations_visible_to, exclusions_visible_to, runs_visible_to
from iot.views.found import characteristic_or_404, signal_or_404
from qms.core.actor import Actor
from qms.core.errors import Invalid
from qms.core.models import Record
from qms.core.records import KINDS, child_of, url_of
from qms.core.trail import reading
from qms.web.pages import FormDialog, found_or_404


class GiveCause(FormDialog):
    """The assignable cause of a signal."""

    policy = "signal.acknowledge"
    template_name = "iot/cause.html"
    form_class = CauseForm
    heading = "Give the cause"
    button = "Give cause"

    def find(self, **kwargs: Any) -> Signal:
        return signal_or_404(kwargs["pk"], self.actor)

    def context(self, **kwargs: Any) -> dict[str, Any]:
        return {"causes": CAUSES}

    def act(self, data: dict[str, Any]) -> str:
        done = services.acknowledge_signal(self.about, cause=data["cause"], note=data["note"], by=self.actor)
        return done.characteristic.get_absolute_url()


class _OnCharacteristic(FormDialog):
    """A dialog about one characteristic."""

    def find(self, **kwargs: Any) -> Any:
        return characteristic_or_404(kwargs["pk"], self.actor)


class ExcludePoints(_OnCharacteristic):
    """Points that do not belong to the process."""

    policy = "signal.exclude"
    form_class = SpanForm
    heading = "Exclude points"
    lead = "Excluded points stay on the chart and are judged; they only leave the estimates of limits and capability."
    button = "Exclude"

    def initial(self) -> Mapping[str, Any]:
        given = {name: parse_datetime(self.request.GET.get(name, "")) for name in ("first", "last")}
        return {name: moment for name, moment in given.items() if moment}

    def act(self, data: dict[str, Any]) -> str:
        last = data["last"].replace(microsecond=999_999)  # the picker knows whole seconds only
        services.exclude_points(self.about, first=data["first"], last=last, reason=data["reason"], by=self.actor)
        return str(self.about.get_absolute_url())


class LiftExclusion(FormDialog):
    """Let excluded points count again."""

    policy = "signal.exclude"
    form_class = ReasonForm
    heading = "Let these points count again"
    button = "Let count"

    def find(self, **kwargs: Any) -> Exclusion:
        return found_or_404(exclusions_visible_to(self.actor).filter(lifted_at=None), kwargs["pk"], "exclusion")

    def act(self, data: dict[str, Any]) -> str:
        services.lift_exclusion(self.about, reason=data["reason"], by=self.actor)
        return str(self.about.characteristic.get_absolute_url())


class Annotate(_OnCharacteristic):
    """A word under the chart."""

    policy = "signal.annotate"
    form_class = AnnotationForm
    heading = "Note an event"
    button = "Note"

    def act(self, data: dict[str, Any]) -> str:
        services.annotate(self.about, text=data["text"], kind=data["kind"], at=data["at"], by=self.actor)
        return str(self.about.get_absolute_url())


class _TakeOut(FormDialog):
    """Something entered wrongly goes from the lane under the chart, with the reason."""

    policy = "signal.annotate"
    form_class = ReasonForm
    button = "Take out"
    what: ClassVar[str]
    rows: ClassVar[Callable[[Actor], QuerySet[Any]]]
    remove: ClassVar[Callable[..., None]]

    def find(self, **kwargs: Any) -> Any:
        return found_or_404(type(self).rows(self.actor), kwargs["pk"], self.what)

    def act(self, data: dict[str, Any]) -> str:
        type(self).remove(self.about, reason=data["reason"], by=self.actor)
        return str(self.about.characteristic.get_absolute_url())


class RemoveNote(_TakeOut):
    """Take a word out of the lane under the chart."""

    heading = "Take this note out"
    lead = "What it said, and why it was taken out, stay in the history."
    what, rows, remove = "note", annotations_visible_to, services.remove_annotation


class BeginRun(_OnCharacteristic):
    """Another part is made from now on."""

    policy = "signal.annotate"
    form_class = RunForm
    heading = "Another part"
    lead = "Deviations count from the nominal of the part that is made. Points since then are judged again."
    button = "Begin"

    def act(self, data: dict[str, Any]) -> str:
        services.begin_run(self.about, **data, by=self.actor)
        return str(self.about.get_absolute_url())


class RemoveRun(_TakeOut):
    """Take a part out that was entered wrongly."""

    heading = "Take this part out"
    lead = "The points since then count from the nominal of the part before it. What was entered stays in the history."
    what, rows, remove = "part", runs_visible_to, services.remove_run


class ProposeLimits(_OnCharacteristic):
    """New limits, to be released by signature."""

    policy = "limits.open"
    form_class = ProposalForm
    heading = "Propose limits"
    lead = "The limits are estimated from the points of this span without the excluded ones. They judge once signed."
    button = "Propose"

    def initial(self) -> Mapping[str, Any]:
        first = parse_datetime(self.request.GET.get("first", ""))
        return {"first": first + timedelta(seconds=-first.second % 60)} if first else {}  # the picker knows minutes

    def act(self, data: dict[str, Any]) -> str:
        limits = services.propose_limits(
            self.about, first=data["first"], last=data["last"], reason=data["reason"], by=self.actor
        )
        return limits.get_absolute_url()


class FreezeChart(_OnCharacteristic):
    """The chart as evidence of a record."""

    policy = "evidence.freeze"
    template_name = "iot/freeze.html"
    form_class = EvidenceForm
    heading = "Freeze as evidence"
    lead = "Data, drawing and a digest are kept with the record and never redrawn."
    button = "Freeze"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        rows = Record._base_manager.filter(kind__in=KINDS, site_id=self.about.site_id, closed_at=None)
        return {"records": rows.exclude(kind="limits").order_by("-opened_at")[:20]}

    def act(self, data: dict[str, Any]) -> str:
        with reading(self.actor):
            row = Record._base_manager.filter(number__iexact=data["number"].strip()).first()
            if row is None or not self.actor.can("record.view", row):
                raise Invalid({"number": ["There is no record of this number that you may see."]})
            record = child_of(row)
        services.freeze_chart(self.about, record=record, by=self.actor)
        return url_of(record)
