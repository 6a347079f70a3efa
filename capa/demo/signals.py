"""What people made of the signals of the past: each gets the cause that was behind it, at a plausible time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from capa.demo.limits import moment
from capa.demo.people import Crew
from capa.demo.series import Series
from governance.models import Characteristic
from iot.models import Annotation, Signal, SignalDecision, SignalState
from iot.plant.incidents import Incident
from qms.core.actor import Actor
from qms.core.trail import acting

ALARM = timedelta(hours=3)  # younger signals wait for a person
NO_CAUSE = ("Cause not found", "Gauge, set-up and material checked; the next points were in control.")


def settle(characteristics: Mapping[str, Characteristic], histories: Mapping[str, Series], *, now: datetime,
           crew: Crew, by: Actor) -> None:  # fmt: skip
    """Give every older signal its cause, and mark on the charts what happened to the process."""
    with acting(by, reason="demo plant", source="demo"):
        for code, series in histories.items():
            characteristic = characteristics[code]
            signals = list(Signal.objects.filter(characteristic=characteristic, first_at__lt=now - ALARM))
            causes = [_decide(signal, series.incidents, now, crew) for signal in signals]
            Signal.objects.bulk_update(signals, ["state", "cause", "note", "decided_by", "decided_at"])
            SignalDecision.objects.bulk_create([_decision(signal) for signal in signals])
            Annotation.objects.bulk_create(
                [_cause(signal, incident) for signal, incident in zip(signals, causes, strict=True) if incident]
                + _changes(characteristic, series, crew)
            )


def _decide(signal: Signal, incidents: Sequence[Incident], now: datetime, crew: Crew) -> Incident | None:
    incident = next((i for i in incidents if _behind(i, signal)), None)
    cause, remedy = (incident.fault.cause, incident.fault.remedy) if incident else NO_CAUSE
    signal.state, signal.cause, signal.note = SignalState.ACKNOWLEDGED, cause, remedy
    signal.decided_by = crew.users[("engineer", "engineer2", "operator")[signal.first_point % 3]]
    signal.decided_at = min(signal.first_at + timedelta(minutes=12 + signal.first_point % 45), now)
    return incident


def _behind(incident: Incident, signal: Signal) -> bool:
    """A trouble shows while it lasts and, in a rule over several points, a little later."""
    return moment(incident.start) <= signal.last_at and signal.first_at <= moment(incident.end) + timedelta(hours=8)


def _decision(signal: Signal) -> SignalDecision:
    return SignalDecision(
        signal=signal, state=signal.state, cause=signal.cause, note=signal.note, by=signal.decided_by,
        at=signal.decided_at,
    )  # fmt: skip


def _cause(signal: Signal, incident: Incident) -> Annotation:
    kind = Annotation.Kind.TOOL if incident.fault.kind == "drift" else Annotation.Kind.CAUSE
    return Annotation(
        characteristic_id=signal.characteristic_id, at=signal.first_at, kind=kind, text=incident.fault.cause,
        by=signal.decided_by,
    )  # fmt: skip


def _changes(characteristic: Characteristic, series: Series, crew: Crew) -> list[Annotation]:
    return [
        Annotation(
            characteristic=characteristic, at=moment(series.t[start]), kind=Annotation.Kind.CHANGE, text=era.reason,
            by=crew.users["engineer"],
        )
        for era, start in zip(series.eras[1:], series.era_starts()[1:], strict=True)
    ]  # fmt: skip
