"""What gathers around the demo plant's records: signals that became records, talk, links, tasks."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from capa.demo.correctives import Told
from capa.demo.nonconformities import Built
from capa.demo.people import Crew
from capa.events import EscalationCalled
from capa.handlers import ask_for_a_capa, ask_for_the_first_step, ask_for_the_next_step
from capa.models import Nonconformity
from capa.services import reasons_for
from governance.models import Characteristic
from iot import services as floor
from iot.models import Signal, SignalDecision, SignalState
from qms.core.actor import Actor
from qms.core.comments import add_comment
from qms.core.events import RecordOpened, StepTaken
from qms.core.links import link
from qms.core.models import Comment, FrozenEvidence, Record, User
from qms.core.trail import acting

REFUSAL = "Single cause, removed on the spot; the effect is watched on the chart."
LINKS = (
    ("Press-in force low, bearing lots mixed", "Bearing outer diameter in the low third, lot KB-90088", "caused by"),
    ("Connector pull force below 38 N, crimp tool 2", "Connector pulled off at 36 N", "related"),
    ("Leak rejects doubled in the late shift", "Leak at the seal seat after rework", "related"),
    ("Leak at the bearing seat, customer found", "Leak rejects above the alarm line", "related"),
)


def settle(characteristics: Mapping[str, Characteristic], found: Mapping[str, Built],
           told: Mapping[str, Told], *, now: datetime, crew: Crew, by: Actor) -> None:  # fmt: skip
    """Everything around the records, in one act."""
    with acting(by):
        for one in found.values():
            if one.finding.cause:
                _convert(one, characteristics[one.finding.code], by)
        _freeze(told["leak"], characteristics["C208"], now, by)
        _escalate(found, by)
        for source, target, relation in LINKS:
            link(found[source].record, found[target].record, relation, by=by)
        _ask(found, told, by)
        records: dict[str, Record] = {title: one.record for title, one in found.items()}
        _talk(records | {key: one.record for key, one in told.items()}, now, crew)


def _convert(one: Built, characteristic: Characteristic, by: Actor) -> None:
    """The newest signal before the finding is what it was opened from; its chart is the evidence."""
    record = one.record
    before = Signal.objects.filter(characteristic=characteristic, first_at__lte=record.detected_at, record=None)
    signal = before.exclude(state=SignalState.WITHDRAWN).order_by("-first_at").first()
    if signal is None:
        return
    evidence = floor.freeze_chart(characteristic, record=record, by=by, signal=signal)
    FrozenEvidence.objects.filter(pk=evidence.pk).update(frozen_at=record.opened_at, frozen_by=_name(record.originator))
    person = record.originator
    Signal.objects.filter(pk=signal.pk).update(
        state=SignalState.CONVERTED, record=record, decided_by=person, decided_at=record.opened_at
    )
    SignalDecision.objects.create(
        signal=signal, state=SignalState.CONVERTED, record=record, by=person, at=record.opened_at, cause=signal.cause
    )
    Nonconformity.objects.filter(pk=record.pk).update(signal=signal, occurred_at=signal.first_at)


def _name(person: User | None) -> str:
    return person.name if person else ""


def _freeze(one: Told, characteristic: Characteristic, now: datetime, by: Actor) -> None:
    changed = one.record.implemented_at or now
    evidence = floor.freeze_chart(
        characteristic, record=one.record, by=by, since=changed - timedelta(days=20), until=changed + timedelta(days=20)
    )
    FrozenEvidence.objects.filter(pk=evidence.pk).update(
        frozen_at=now - timedelta(days=2), frozen_by=_name(one.record.owner)
    )


def _escalate(found: Mapping[str, Built], by: Actor) -> None:
    """What called for a CAPA got one, or a reason why not; what is open still asks."""
    for one in found.values():
        record = one.record
        reasons = reasons_for(record)
        if not reasons:
            continue
        refusal = "" if record.closed_at is None or record.has_corrective_action else REFUSAL
        Nonconformity.objects.filter(pk=record.pk).update(escalation=reasons, escalation_refusal=refusal)
        if record.closed_at is None and not record.has_corrective_action:
            called = EscalationCalled(record=record.pk, number=record.number, site=record.site_id, reasons=reasons)
            ask_for_a_capa(called, by)


def _ask(found: Mapping[str, Built], told: Mapping[str, Told], by: Actor) -> None:
    """The tasks of every open record, asked by the same handlers that ask in daily work."""
    everything: list[Built | Told] = [*found.values(), *told.values()]
    for one in everything:
        record: Record = one.record
        if record.closed_at is not None:
            continue
        if not one.taken:
            opened = RecordOpened(record=record.pk, kind=record.kind, number=record.number, site=record.site_id)
            ask_for_the_first_step(opened, by)
            continue
        last = one.taken[-1]
        name = "release_plan" if record.state == "implementation" else last.step.name  # its owners are asked then
        step = StepTaken(
            record=record.pk, kind=record.kind, number=record.number, step=name, source=last.source,
            target=record.state, signed=bool(last.step.meaning), closed=False,
        )  # fmt: skip
        ask_for_the_next_step(step, by)


def _talk(records: Mapping[str, Record], now: datetime, crew: Crew) -> None:
    """Who said what, the oldest first; a mention asks the person to read it."""
    with (Path(__file__).parent / "comments.csv").open(encoding="utf-8", newline="") as file:
        said = sorted(csv.DictReader(file), key=lambda row: -float(row["days"]))
    for row in said:
        comment = add_comment(records[row["record"]], row["text"], by=crew.actors[row["who"]])
        Comment.objects.filter(pk=comment.pk).update(created_at=now - timedelta(days=float(row["days"])))
