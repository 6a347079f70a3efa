"""One batch of messages, one transaction: readings, points, signals, refusals and accounts together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from iot.charting.batch import judge_batch
from iot.charting.course import Point, Value
from iot.charting.judge import UNCHARTED, Judged
from iot.charting.plan import APART, Plan, rule_marks
from iot.copying import moment
from iot.ingest import accounts
from iot.ingest.catalogue import Catalogue
from iot.ingest.gaps import ask_again, note_gaps
from iot.ingest.intake import Intake, Message, Reject
from iot.ingest.nodes import Command, hear_nodes
from iot.ingest.readings import Readings
from iot.ingest.store import store
from iot.sparkplug.wire import PREFIX
from qms.core.actor import Actor, system
from qms.core.live import announce_all
from qms.core.trail import acting

INGEST = system("ingest")
_MOST_LIVE_POINTS = 5  # more than that and the page reads the chart anew


@dataclass(frozen=True)
class Flushed:
    """What a batch came to: outcome -> number of readings, the charts it moved, what is now to be said to devices."""

    outcomes: Counter[str]
    judged: list[Judged]
    commands: list[Command] = field(default_factory=list)


def flush(messages: Sequence[Message], catalogue: Catalogue, *, worker: int = 0, by: Actor = INGEST) -> Flushed:
    """Take a batch in one act. When it returns, everything is committed and the messages may be acknowledged."""
    now = timezone.now()
    intake = Intake(now)
    spoken: list[Message] = []
    for message in messages:
        if message.topic.startswith(PREFIX):
            spoken.append(message)
        else:
            intake.take(message, catalogue)
    with acting(by, source="ingest"):
        commands = hear_nodes(spoken, intake, catalogue, now) if spoken else []
        outcomes, judged = _commit(intake, catalogue, now, by)
        if intake.counted:
            commands += ask_again({one.device for one in intake.counted}, now)
        accounts.count(outcomes, day=now.date(), worker=worker)
    return Flushed(outcomes, judged, commands)


def _commit(intake: Intake, catalogue: Catalogue, now: datetime, by: Actor) -> tuple[Counter[str], list[Judged]]:
    batch = intake.readings()
    stored = store(batch, repeated=any(message.again for message in intake.messages))
    judged = judge_batch(_work(stored.inserted, catalogue), now=now, by=by)
    rejects = [
        *intake.rejects,
        *(_refused(intake.messages[batch.message[at]], why) for at, why in stored.refused.items()),
    ]
    fresh = accounts.quarantine(rejects, now)
    accounts.corrections(stored.corrections, stored.standing, now)
    accounts.nulls(intake.nulls, now)
    accounts.unmapped(intake.unknown, by)
    accounts.devices(intake.heard, now)
    changed = note_gaps(intake.counted, now) if intake.counted else set()
    _tell(judged, changed | {parameter for parameter, _ in intake.nulls})
    outcomes = Counter(reject.reason for reject in fresh)
    outcomes.update(
        stored=len(stored.inserted),
        duplicate=stored.duplicates + len(rejects) - len(fresh),
        correction=len(stored.corrections),
        late=sum(one.late for one in judged),
    )
    return +outcomes, judged


def _work(found: Readings, catalogue: Catalogue) -> dict[Plan, list[Value]]:
    """The readings that belong on a chart, per chart."""
    work: dict[Plan, list[Value]] = {}
    plans, uncharted = catalogue.plans, int(UNCHARTED)
    lots = [None] * len(found) if found.lot is None else found.lot.tolist()
    columns = (one.tolist() for one in (found.parameter, found.t, found.seq, found.value, found.flags))
    for parameter, t, seq, value, flags, lot in zip(*columns, lots, strict=True):
        plan = plans.get(parameter)
        if plan is not None and not flags & uncharted:
            work.setdefault(plan, []).append(Value(moment(t), seq, value, lot or ""))
    return work


def _refused(message: Message, text: str) -> Reject:
    return Reject(message, "store.refused", f"The database refuses it: {text}", "$", None)


def _tell(judged: Sequence[Judged], gaps: set[int]) -> None:
    """Tell the open pages which charts moved, after the commit; `gaps`: parameters of which something is missing."""
    notes = list[tuple[str, dict[str, object]]]()
    for one in judged:
        if not one.points:
            continue
        bare = one.plan.chart in APART and any(point.kept[0] is None for point in one.points)
        missed = one.plan.parameter in gaps
        anew = bare or missed or one.again or one.signals or len(one.points) > _MOST_LIVE_POINTS
        shown = [] if anew else [live_point(point, one.ids[point.n]) for point in one.points]
        notes.append((f"characteristic:{one.plan.id}", {"reload": True} if anew else {"points": shown}))
    for site in {one.plan.site for one in judged if one.points}:
        moved = [one.plan.id for one in judged if one.points and one.plan.site == site]
        raised = any(one.signals for one in judged)
        notes.append((f"site:{site}", {"kind": "charts", "moved": moved, "raised": raised}))
    announce_all(notes)


def live_point(point: Point, row: int) -> dict[str, object]:
    """A point in the shape of the chart's data."""
    return {
        "id": row,
        "n": point.n,
        "t": point.t.isoformat(),
        "value": point.plotted,
        "spread": point.spread if point.kept[0] is None else point.kept[1],
        "rules": rule_marks(point.mask),
        "excluded": False,
        "limits": point.limits.id if point.limits else None,
        "ucl": _edge(point, 0),
        "lcl": _edge(point, 1),
    }


def _edge(point: Point, side: int) -> float | None:
    """The limits a chart with steps draws at this point: its own, else those of its version."""
    if point.own[side] is not None or point.limits is None:
        return point.own[side]
    return (point.limits.ucl, point.limits.lcl)[side]
