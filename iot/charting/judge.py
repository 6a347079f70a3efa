"""Judge new readings of a chart in the transaction that stores them; late ones judge the touched stretch again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from iot.charting import points as rows
from iot.charting.course import Course, Point, Value, advance
from iot.charting.plan import Plan
from iot.charting.raising import settle
from iot.events import ChartLearned
from iot.models import ChartState, ReadingFlag
from iot.workflow import LEARNING_POINTS
from qms.core.actor import Actor
from qms.core.events import publish
from qms.core.trail import acting
from spc.rules import LONGEST
from spc.streaming import START, State, from_json, to_json
from spc.values import BadInput

REJUDGE_POINTS = 5_000  # how many points back a late reading may reach; older ones are kept but judge nothing
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
            "insert into iot_chartstate (characteristic_id, state, last_point, last_seq, pending)"
            " select id, '', 0, 0, '{}' from unnest(%s::bigint[]) id on conflict do nothing",
            [list(ids)],
        )
    locked = ChartState.objects.filter(pk__in=ids).order_by("pk").select_for_update()
    return {state.pk: state for state in locked}


def _judge(plan: Plan, state: ChartState, values: list[Value], now: datetime) -> Judged:
    if state.last_t is None or values[0].key > (state.last_t, state.last_seq):
        course = _resume(plan, state)
        points = advance(plan, course, values)
        return _finish(plan, state, course, points, now)
    late = [value for value in values if value.key <= (state.last_t, state.last_seq)]
    if _reaches_too_far(plan, state, late[0].t):
        _flag(plan, late, ReadingFlag.LATE | ReadingFlag.HISTORICAL)
        rest = values[len(late) :]
        return _judge(plan, state, rest, now) if rest else Judged(plan, [], False, [], {}, len(late))
    _flag(plan, late, ReadingFlag.LATE)
    done = _again(plan, state, late[0].t, now)
    return replace(done, late=len(late))


def _reaches_too_far(plan: Plan, state: ChartState, t: datetime) -> bool:
    first = rows.first_from(plan.id, t)
    return first is not None and state.last_point - first.n > REJUDGE_POINTS


def _again(plan: Plan, state: ChartState, since: datetime, now: datetime) -> Judged:
    """Form and judge every point from the one `since` touches, out of the stored readings."""
    n, start = rows.touched_by(plan.id, since, pending_from=state.pending_from, last_point=state.last_point)
    course = _rewind(plan, n)
    points = advance(plan, course, rows.readings_from(plan.parameter, start, int(UNCHARTED)))
    rows.remove_after(plan.id, course.last_point)
    return _finish(plan, state, course, points, now, again=True)


def _finish(
    plan: Plan, state: ChartState, course: Course, points: list[Point], now: datetime, *, again: bool = False
) -> Judged:
    ids = rows.write(plan.id, points, again=again)
    signals = settle(plan, points, ids, now=now, again=again)
    if not plan.limits and state.last_point < LEARNING_POINTS <= course.last_point:
        publish(ChartLearned(characteristic=plan.id, site=plan.site), key=f"characteristic:{plan.id}")
    _save(state, course)
    return Judged(plan, points, again, signals, ids)


def _resume(plan: Plan, state: ChartState) -> Course:
    return Course(
        rules=_registers(plan, state),
        memory=rows.memory_at(plan.id, state.last_point)[1] if plan.remembers and state.limits_id else None,
        limits=state.limits_id,
        last_point=state.last_point,
        last_statistic=state.last_value,
        last_t=state.last_t,
        last_seq=state.last_seq,
        pending=list(state.pending),
        pending_from=state.pending_from,
    )


def _registers(plan: Plan, state: ChartState) -> State:
    """The saved registers; ones that an older version wrote are made anew from the points."""
    try:
        return from_json(state.state) if state.state else START
    except BadInput:
        return _rewind(plan, state.last_point + 1).rules


def _rewind(plan: Plan, n: int) -> Course:
    """The course just before point `n`: the registers hold a fixed number of points, so that many suffice."""
    course = Course(last_point=n - 1)
    if plan.remembers:
        course.limits, course.memory = rows.memory_at(plan.id, n - 1)
        return course
    for limits_id, statistic in rows.before(plan.id, n, LONGEST + 1):
        if limits_id != course.limits:
            course.rules, course.limits = START, limits_id
        course.last_statistic = statistic
        limits = next((one for one in plan.limits if one.id == limits_id), None)
        if limits:
            course.rules, _ = plan.step(course.rules, statistic, limits.center, limits.sigma)
    return course


def _save(state: ChartState, course: Course) -> None:
    state.state, state.limits_id = to_json(course.rules), course.limits
    state.last_point, state.last_value = course.last_point, course.last_statistic
    state.last_t, state.last_seq = course.last_t, course.last_seq
    state.pending, state.pending_from = course.pending, course.pending_from if course.pending else None
    state.save()


def _flag(plan: Plan, values: Sequence[Value], flags: ReadingFlag) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update iot_reading r set flags = flags | %s from unnest(%s::timestamptz[], %s::int[]) k(t, seq)"
            " where r.parameter_id = %s and r.t = k.t and r.seq = k.seq",
            [int(flags), [value.t for value in values], [value.seq for value in values], plan.parameter],
        )
