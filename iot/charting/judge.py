"""Judge new readings of a chart in the transaction that stores them; late ones judge the touched stretch again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection

from governance.models import MEMORY
from iot.charting import points as rows
from iot.charting.course import Course, Point, Value, advance, replay
from iot.charting.plan import Plan
from iot.charting.raising import settle
from iot.events import ChartLearned
from iot.models import ChartState, ReadingFlag
from iot.storage.pieces import kept_since
from iot.workflow import LEARNING_POINTS
from qms.core.actor import Actor
from qms.core.events import publish
from qms.core.trail import acting
from spc.live import Trace
from spc.rules import LONGEST
from spc.streaming import START, from_json, to_json
from spc.values import BadInput

REJUDGE_POINTS = 5_000  # how many points back a late reading is judged as it is stored; older ones wait for the clock
OWED_POINTS = 100_000  # how many points back it is judged at all: older ones are kept and judge nothing
_AN_INSTANT = timedelta(microseconds=1)
UNCHARTED = ReadingFlag.POOR | ReadingFlag.HISTORICAL


@dataclass(frozen=True)
class Judged:
    """What became of one chart in a batch."""

    plan: Plan
    points: list[Point]
    again: bool  # judged again from the first of these points on
    signals: list[int]  # rows that are new
    ids: Mapping[int, int]  # row id by number of the point
    late: int = 0


def judge(work: Mapping[Plan, Sequence[Value]], *, now: datetime, by: Actor) -> list[Judged]:
    """Turn stored readings into points and signals, each chart under the lock of its state.

    In: per plan the readings just stored, any order. Charts are locked in order of id, so workers never deadlock.
    """
    with acting(by):
        plans = sorted(work, key=lambda plan: plan.id)
        states = lock_states([plan.id for plan in plans])
        return [_judge(plan, states[plan.id], sorted(work[plan], key=lambda v: v.key), now) for plan in plans]


def rejudge(plan: Plan, *, since: datetime, now: datetime, by: Actor) -> Judged:
    """Judge a chart again from a moment on, because its limits changed there."""
    with acting(by):
        state = lock_states([plan.id])[plan.id]
        return _again(plan, state, since, now)


def lock_states(ids: Sequence[int]) -> dict[int, ChartState]:
    """The states of charts, locked until the end of the act; made where missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into iot_chartstate (characteristic_id, state, last_point, last_seq, pending, chart, size, begun)"
            " select id, '', 0, 0, '{}', '', 0, 1 from unnest(%s::bigint[]) id on conflict do nothing",
            [list(ids)],
        )
    locked = ChartState.objects.filter(pk__in=ids).order_by("pk").select_for_update()
    return {state.pk: state for state in locked}


def settle_owed(plan: Plan, *, now: datetime, by: Actor) -> Judged | None:
    """Judge a chart again from the oldest reading that came too late to do it at once; None when none wait."""
    with acting(by):
        state = lock_states([plan.id])[plan.id]
        since, state.owed_from = state.owed_from, None
        return None if since is None else _again(plan, state, since, now)


def _judge(plan: Plan, state: ChartState, values: list[Value], now: datetime) -> Judged:
    _begin(plan, state)
    late = [] if state.last_t is None else [v for v in values if v.key <= (state.last_t, state.last_seq)]
    again = _since(plan, state, late) if late else None
    if again is not None:
        return replace(_again(plan, state, again, now), late=len(late))
    points = advance(plan, course := _resume(plan, state), values[len(late) :])
    return replace(_finish(plan, state, course, points, now), late=len(late))


def _since(plan: Plan, state: ChartState, late: list[Value]) -> datetime | None:
    """From when late readings have the chart judged again at once; None when they change nothing now.

    Judging far back takes seconds, and alarms do not wait for it: the state says what is owed.
    """
    kept = [value for value in late if state.begun_after is None or value.t > state.begun_after]
    first = rows.first_from(plan.id, kept[0].t) if kept else None
    back = state.last_point - first.n if first else 0
    if back > OWED_POINTS:
        horizon = rows.began(plan.id, state.last_point - OWED_POINTS)
        kept = [value for value in kept if value.t >= horizon]
    _flag(plan, late[: len(late) - len(kept)], ReadingFlag.LATE | ReadingFlag.HISTORICAL)
    _flag(plan, kept, ReadingFlag.LATE)
    if kept and back > REJUDGE_POINTS:
        state.owed_from = min(kept[0].t, state.owed_from or kept[0].t)
        return None
    return kept[0].t if kept else None


def _begin(plan: Plan, state: ChartState) -> None:
    """Another chart or subgroup size begins with the next reading: no point mixes both, and learning starts anew."""
    if (state.chart, state.size) == (plan.chart, plan.size):
        return
    if state.chart:
        state.begun, state.begun_after = state.last_point + 1, state.last_t
        state.state, state.limits_id, state.last_value = "", None, None
        state.pending, state.pending_from = [], None
    state.chart, state.size = plan.chart, plan.size


def _again(plan: Plan, state: ChartState, since: datetime, now: datetime) -> Judged:
    """Form and judge every point from the one `since` touches, out of the stored readings."""
    _begin(plan, state)
    if state.begun_after is not None:
        since = max(since, state.begun_after + _AN_INSTANT)
    gone = kept_since([plan.parameter])
    since = since if gone is None else max(since, gone)
    n, start = rows.touched_by(plan.id, since, pending_from=state.pending_from, last_point=state.last_point)
    if n < state.begun:  # what came before was formed by another chart and stays as it is
        n, start = state.begun, since
    if gone is not None and start < gone:  # a point of readings that are gone stays as it was judged
        n, start = rows.first_whole(plan.id, gone, last_point=state.last_point)
    course = _rewind(plan, n, state.begun)
    points = advance(plan, course, rows.readings_from(plan.parameter, start, int(UNCHARTED)))
    rows.remove_after(plan.id, course.last_point)
    return _finish(plan, state, course, points, now, again=True)


def _finish(
    plan: Plan, state: ChartState, course: Course, points: list[Point], now: datetime, *, again: bool = False
) -> Judged:
    ids = rows.write(plan.id, points, again=again)
    signals = settle(plan, points, ids, now=now, again=again)
    learned, known = (last - state.begun + 1 for last in (state.last_point, course.last_point))
    if not plan.limits and learned < LEARNING_POINTS <= known:
        publish(ChartLearned(characteristic=plan.id, site=plan.site), key=f"characteristic:{plan.id}")
    _save(state, course)
    return Judged(plan, points, again, signals, ids)


def _resume(plan: Plan, state: ChartState) -> Course:
    course = Course(limits=state.limits_id, last_point=state.last_point)
    course.trace = _trace(plan, state)
    course.last_t, course.last_seq = state.last_t, state.last_seq
    course.pending, course.pending_from = list(state.pending), state.pending_from
    return course


def _trace(plan: Plan, state: ChartState) -> Trace:
    """What the newest point left behind; what the state does not hold is made anew from the points."""
    if plan.span and state.limits_id:
        return _rewind(plan, state.last_point + 1, state.begun).trace
    try:
        registers = from_json(state.state) if state.state else START
    except BadInput:  # of an older version, which did not count the places it had seen
        return _rewind(plan, state.last_point + 1, state.begun).trace
    up, down = (
        rows.memory_at(plan.id, state.last_point)[1] if plan.chart in MEMORY and state.limits_id else (None, None)
    )
    return Trace(registers, state.last_value, up=up, down=down)


def _rewind(plan: Plan, n: int, begun: int) -> Course:
    """The course just before point `n`: registers and windows hold a fixed number of points, so that many suffice."""
    course = Course(last_point=n - 1)
    if plan.chart in MEMORY:
        if n > begun:
            course.limits, (up, down) = rows.memory_at(plan.id, n - 1)
            course.trace = Trace(up=up, down=down)
        return course
    return replay(plan, course, rows.before(plan.id, n, min(max(LONGEST, plan.span) + 2, max(0, n - begun))))


def _save(state: ChartState, course: Course) -> None:
    state.state, state.limits_id = to_json(course.trace.rules), course.limits
    state.last_point, state.last_value = course.last_point, course.trace.last
    state.last_t, state.last_seq = course.last_t, course.last_seq
    state.pending, state.pending_from = course.pending, course.pending_from if course.pending else None
    state.save()


def _flag(plan: Plan, values: Sequence[Value], flags: ReadingFlag) -> None:
    if not values:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "update iot_reading r set flags = flags | %s from unnest(%s::timestamptz[], %s::int[]) k(t, seq)"
            " where r.parameter_id = %s and r.t = k.t and r.seq = k.seq",
            [int(flags), [value.t for value in values], [value.seq for value in values], plan.parameter],
        )
