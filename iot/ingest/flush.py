"""One batch of messages, one transaction: readings, points, signals, refusals and accounts together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.utils import timezone

from iot.charting.batch import Batch, judge_batch
from iot.ingest import accounts
from iot.ingest.catalogue import Catalogue
from iot.ingest.gaps import ask_again, note_gaps
from iot.ingest.intake import Intake, Message, Reject
from iot.ingest.nodes import Command, hear_nodes
from iot.ingest.notes import tell
from iot.ingest.store import store
from iot.multivariate.judge import judge_noted, note_readings
from iot.rollups.batch import roll_up
from iot.sparkplug.wire import PREFIX
from qms.core.actor import Actor, system
from qms.core.trail import acting

INGEST = system("ingest")


@dataclass(frozen=True)
class Flushed:
    """What a batch came to: outcome -> number of readings, the charts it moved, what is now to be said to devices."""

    outcomes: Counter[str]
    judged: Batch
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
        outcomes, judged, noted = _commit(intake, catalogue, now, by)
        if intake.counted:
            commands += ask_again({one.device for one in intake.counted}, now)
        accounts.count(outcomes, day=now.date(), worker=worker)
    if noted:
        judge_noted(noted, now=now, by=by, tell=lambda judged, gaps: tell(Batch(alone=judged), gaps))
    return Flushed(outcomes, judged, commands)


def put_aside(message: Message, words: str, *, worker: int = 0, by: Actor = INGEST) -> Flushed:
    """Keep a message that cannot be taken at all, so that those behind it get through."""
    now = timezone.now()
    with acting(by, source="ingest"):
        accounts.quarantine([Reject(message, "store.refused", words, "$", None)], now)
        outcomes = Counter({"store.refused": 1})
        accounts.count(outcomes, day=now.date(), worker=worker)
    return Flushed(outcomes, Batch())


def _commit(intake: Intake, catalogue: Catalogue, now: datetime, by: Actor) -> tuple[Counter[str], Batch, list[int]]:
    batch = intake.readings()
    stored = store(batch, now=now, repeated=any(message.again for message in intake.messages))
    rows = stored.inserted
    judged = judge_batch(rows, catalogue.charts, now=now, by=by)
    again = {one.plan.parameter for one in judged.alone if one.late}
    roll_up(rows.parameter, rows.t, rows.value, rows.flags, now=now, again=again)
    rejects = [
        *intake.rejects,
        *(Reject(intake.messages[batch.message[at]], *why, "$", None) for at, why in stored.refused.items()),
    ]
    fresh = accounts.quarantine(rejects, now)
    accounts.corrections(stored.corrections, stored.standing, now)
    accounts.nulls(intake.nulls, now)
    accounts.unmapped(intake.unknown, by)
    accounts.devices(intake.heard, now)
    became = (rows, stored.duplicates, stored.corrections, batch[np.array(list(stored.refused), np.int64)])
    accounts.sources(intake.heard, [some.device for some in became], now)
    changed = note_gaps(intake.counted, now) if intake.counted else set()
    tell(judged, changed | {parameter for parameter, _ in intake.nulls})
    outcomes = Counter(reject.reason for reject in fresh)
    outcomes.update(
        stored=len(rows),
        duplicate=len(stored.duplicates) + len(rejects) - len(fresh),
        correction=len(stored.corrections),
        late=sum(one.late for one in judged.alone),
    )
    return +outcomes, judged, note_readings(rows)
