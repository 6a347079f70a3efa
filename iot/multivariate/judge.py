"""Judge vectors: form them from what was stored, and judge what is new or no longer the same."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db import Error, transaction

from iot.charting import points as points_table
from iot.charting.course import Point
from iot.charting.judge import REJUDGE_POINTS, UNCHARTED, Judged, lock_states
from iot.charting.raising import settle
from iot.copying import moment
from iot.events import ChartLearned
from iot.models import ChartState, VectorNote
from iot.multivariate import rows
from iot.multivariate.course import Group, Memory, members_in, memory_from, walk
from iot.multivariate.forming import Vector, form
from iot.readings import Readings
from iot.workflow import LEARNING_POINTS
from qms.core.actor import Actor
from qms.core.events import publish
from qms.core.trail import acting
from spc.values import BadInput

_log = logging.getLogger(__name__)
_AN_INSTANT = timedelta(microseconds=1)
Tell = Callable[[Sequence[Judged], set[int]], None]


def note_readings(stored: Readings) -> list[int]:
    """Note in the transaction that stores them which readings wait to be put together; the charts they belong to.

    In: the readings in order of parameter and time.
    """
    members = rows.members() if len(stored) else []
    if not members:
        return []
    charted = stored[(stored.flags & int(UNCHARTED) == 0) & np.isin(stored.parameter, members)]
    parameters, first = np.unique(charted.parameter, return_index=True)
    earliest = {
        parameter: moment(t) for parameter, t in zip(parameters.tolist(), charted.t[first].tolist(), strict=True)
    }
    return rows.note(earliest) if earliest else []


def judge_noted(characteristics: Sequence[int], *, now: datetime, by: Actor, tell: Tell | None = None) -> int:
    """Put together and judge what was noted, after the commit of the readings; returns how many charts moved.

    A chart that cannot be judged keeps its notes for the next turn and holds up neither the readings nor the others.
    """
    moved = 0
    for pk in sorted(characteristics):
        try:
            with acting(by), transaction.atomic():
                done = _judge(pk, now)
                if done and tell:
                    tell([done], set())
                moved += bool(done)
        except (Error, BadInput):
            _log.exception("The vectors of characteristic %s wait: they could not be judged.", pk)
    return moved


def waiting() -> list[int]:
    """Charts with readings that wait, because what should have judged them stopped before it could."""
    return sorted(set(VectorNote.objects.values_list("characteristic_id", flat=True)))


def rejudge_vectors(characteristic: int, *, since: datetime, now: datetime, by: Actor) -> Judged | None:
    """Judge the stored vectors again from a moment on, because its limits changed there."""
    with acting(by):
        group = rows.groups([characteristic]).get(characteristic)
        if group is None:
            return None
        state = _state(group)
        stored = rows.points_from(characteristic, n=state.begun, t=since)
        return _settle(group, state, stored[0][0], [one for _, one in stored], now, again=True) if stored else None


def _judge(characteristic: int, now: datetime) -> Judged | None:
    group = rows.groups([characteristic]).get(characteristic)
    if group is None:
        rows.take_notes(characteristic)
        return None
    state = _state(group)
    since = rows.take_notes(characteristic)
    if since is None:
        return None
    since = min(since, state.pending_from or since)
    if state.begun_after is not None:
        since = max(since, state.begun_after + _AN_INSTANT)
    since = rows.past_what_is_gone(group, since)
    start = rows.clean_start(characteristic, since, begun=state.begun)
    formed = form(rows.heard_from(group, start), size=len(group.members), pairing=group.pairing)
    stored = rows.points_from(characteristic, n=state.begun, t=start)
    same = _same([one for _, one in stored], formed.vectors)
    first = stored[0][0] + same if stored else state.last_point + 1
    if state.last_point - first > REJUDGE_POINTS:
        return None  # kept as readings; so far back nothing is judged any more
    rows.write_gaps(group, start, formed.missed)
    state.pending_from = formed.open_from
    new = formed.vectors[same:]
    if not new and same == len(stored):
        state.save()
        return None
    return _settle(group, state, first, new, now, again=same < len(stored))


def _state(group: Group) -> ChartState:
    """The locked row of the chart; another chart or other members begin with the next vector."""
    plan = group.plan
    state = lock_states([plan.id])[plan.id]
    kept = members_in(state.state)
    if state.chart == plan.chart and kept in (None, group.ids):
        return state
    if state.chart:
        state.begun, state.begun_after = state.last_point + 1, state.last_t
    state.state, state.limits_id, state.pending_from = "", None, None
    state.chart, state.size = plan.chart, plan.size
    return state


def _same(stored: Sequence[Vector], formed: Sequence[Vector]) -> int:
    """How many vectors from the first on are as they were."""
    pairs = zip(stored, formed, strict=False)
    count = 0
    for a, b in pairs:
        if (a.t, a.first_t, a.values) != (b.t, b.first_t, b.values):
            break
        count += 1
    return count


def _settle(
    group: Group, state: ChartState, first: int, vectors: Sequence[Vector], now: datetime, *, again: bool
) -> Judged:
    """Judge vectors as points from number `first` on, in place of those that were there."""
    plan = group.plan
    if again and (touched := max(rows.first_touched(plan.id, first), state.begun)) < first:
        earlier = rows.points_from(plan.id, n=touched)[: first - touched]
        vectors, first = [*(one for _, one in earlier), *vectors], touched
    memory = _memory(state, first, plan.id, again=again)
    judged = walk(group, memory, vectors, first=first)
    points = [one.point for one in judged]
    ids = points_table.write(plan.id, points, again=again)
    if again:
        points_table.remove_after(plan.id, first + len(points) - 1)
    rows.write_vectors(judged, ids)
    signals = settle(plan, points, ids, now=now, again=again)
    _remember(group, state, memory, points, first)
    return Judged(plan, points, again, signals, ids)


def _memory(state: ChartState, first: int, characteristic: int, *, again: bool) -> Memory:
    if again or first <= state.last_point:
        return rows.memory_before(characteristic, first, begun=state.begun)
    return memory_from(state.state, state.limits_id)


def _remember(group: Group, state: ChartState, memory: Memory, points: Sequence[Point], first: int) -> None:
    before = state.last_point - state.begun + 1
    state.last_point = first + len(points) - 1
    known = state.last_point - state.begun + 1
    if not group.plan.limits and before < LEARNING_POINTS <= known:
        publish(ChartLearned(characteristic=group.plan.id, site=group.plan.site), key=f"characteristic:{group.plan.id}")
    state.state, state.limits_id = memory.as_text(group.ids), memory.limits
    if points:
        state.last_t, state.last_value = points[-1].t, points[-1].statistic
    state.save()
