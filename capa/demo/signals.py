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

NO_CAUSE = ("Cause not found", "Gauge, set-up and material checked; the next points were in control.")


def settle(characteristics: Mapping[str, Characteristic], histories: Mapping[str, Series], *, now: datetime,
           crew: Crew, by: Actor) -> None:  # fmt: skip
    """Give every older signal its cause, and mark on the charts what happened to the process."""
    with acting(by):
        for code, series in histories.items():
            characteristic = characteristics[code]
            behind = {s: _behind(s, series.incidents) for s in Signal.objects.filter(characteristic=characteristic)}
            signals = [s for s, incident in behind.items() if incident is None or incident.fault.remedy]
            for signal in signals:
                _decide(signal, behind[signal], now, crew)
            Signal.objects.bulk_update(signals, ["state", "cause", "note", "decided_by", "decided_at"])
            SignalDecision.objects.bulk_create([_decision(signal) for signal in signals])
            Annotation.objects.bulk_create(
                [_cause(signal, incident) for signal in signals if (incident := behind[signal])]
                + _changes(characteristic, series, crew)
            )


def _behind(signal: Signal, incidents: Sequence[Incident]) -> Incident | None:
    """The trouble behind a signal: it shows while it lasts and, in a rule over several points, a little later.

    One without a remedy is still going on: its signal waits for a person.
    """
    late = timedelta(hours=8)
    return next(
        (i for i in incidents if moment(i.start) <= signal.last_at and signal.first_at <= moment(i.end) + late), None
    )


def _decide(signal: Signal, incident: Incident | None, now: datetime, crew: Crew) -> None:
    cause, remedy = (incident.fault.cause, incident.fault.remedy) if incident else NO_CAUSE
    signal.state, signal.cause, signal.note = SignalState.ACKNOWLEDGED, cause, remedy
    signal.decided_by = crew.users[("engineer", "engineer2", "operator")[signal.first_point % 3]]
    signal.decided_at = min(signal.first_at + timedelta(minutes=12 + signal.first_point % 45), now)


def _decision(signal: Signal) -> SignalDecision:
    return SignalDecision(
        signal=signal, state=signal.state, cause=signal.cause, note=signal.note, by=signal.decided_by,
        at=signal.decided_at or signal.raised_at,
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
