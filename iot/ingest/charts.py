"""Judge a batch: charts whose readings follow on in order are written together, every other chart by itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from psycopg2.extras import execute_values

from governance.models import MEMORY
from iot.charting.course import Course, Point, Value, advance
from iot.charting.judge import Judged, judge, lock_states
from iot.charting.plan import Plan
from iot.charting.raising import settle
from iot.models import ChartState
from iot.workflow import LEARNING_POINTS
from qms.core.actor import Actor
from qms.core.trail import acting
from spc.live import Trace
from spc.streaming import START, from_json, to_json
from spc.values import BadInput

_COLUMNS = (
    "id, characteristic_id, n, t, first_t, size, values, mean, spread, limits_id, mask, state, reason, lot, up, down,"
    " ucl, lcl"
)
_COPY = f"copy iot_subgroup ({_COLUMNS}) from stdin (format csv, force_not_null (reason, lot))"
_IDS = "select nextval(pg_get_serial_sequence('iot_subgroup', 'id')) from generate_series(1, %s)"
_SAVE = """
update iot_chartstate s set state = x.state, limits_id = x.limits, last_point = x.point, last_t = x.t, last_seq = x.seq,
  last_value = x.value, pending = x.pending, pending_from = x.since
from (values %s) x(id, state, limits, point, t, seq, value, pending, since) where s.characteristic_id = x.id
"""
_CASTS = "(%s, %s, %s::bigint, %s, %s::timestamptz, %s, %s::float8, %s::float8[], %s::timestamptz)"


@dataclass(frozen=True, slots=True)
class _Moved:
    plan: Plan
    course: Course
    points: list[Point]


def judge_batch(work: Mapping[Plan, Sequence[Value]], *, now: datetime, by: Actor) -> list[Judged]:
    """Turn stored readings into points and signals; the same outcome as `judge`, with a few statements in all.

    In: per plan the readings just stored, any order. Every chart is locked first, in order of id.
    """
    if not work:
        return []
    with acting(by):
        states = lock_states(sorted(plan.id for plan in work))
        moved, rest = list[_Moved](), dict[Plan, Sequence[Value]]()
        for plan in sorted(work, key=lambda plan: plan.id):
            values = sorted(work[plan], key=_key)
            course = _follow_on(plan, states[plan.id], values[0])
            if course is None:
                rest[plan] = values
            else:
                moved.append(_Moved(plan, course, advance(plan, course, values)))
        ids = _write([one for one in moved if one.points])
        _save(moved)
        return [*(_settle(one, ids, now) for one in moved), *(judge(rest, now=now, by=by) if rest else [])]


def _key(value: Value) -> tuple[datetime, int]:
    return value.t, value.seq


def _follow_on(plan: Plan, state: ChartState, first: Value) -> Course | None:
    """Where a chart goes on with its next reading; None when that takes more than its state alone.

    That is a reading out of order, another chart or size, a memory or a moving average, and the end of learning.
    """
    learning = not plan.limits and state.last_point - state.begun + 1 < LEARNING_POINTS
    if (state.chart, state.size) != (plan.chart, plan.size) or plan.chart in MEMORY or plan.span or learning:
        return None
    if state.last_t is not None and _key(first) <= (state.last_t, state.last_seq):
        return None
    try:
        rules = from_json(state.state) if state.state else START
    except BadInput:  # of an older version
        return None
    return Course(
        Trace(rules, state.last_value), state.limits_id, state.last_point, state.last_t, state.last_seq,
        list(state.pending), state.pending_from,
    )  # fmt: skip


def _settle(one: _Moved, ids: Mapping[int, dict[int, int]], now: datetime) -> Judged:
    known = ids.get(one.plan.id, {})
    signals = settle(one.plan, one.points, known, now=now, again=False)
    return Judged(one.plan, one.points, False, signals, known)


def _write(moved: Sequence[_Moved]) -> dict[int, dict[int, int]]:
    """Store the points of all charts at once; chart -> number of the point -> row id."""
    count = sum(len(one.points) for one in moved)
    if not count:
        return {}
    text, found = io.StringIO(), dict[int, dict[int, int]]()
    with connection.cursor() as cursor:
        cursor.execute(_IDS, [count])
        numbers = iter(cursor.fetchall())
        line = csv.writer(text).writerow
        for one in moved:
            chart, known = one.plan.id, found.setdefault(one.plan.id, {})
            for p in one.points:
                (known[p.n],) = row = next(numbers)
                line((
                    *row, chart, p.n, p.t, p.first_t, len(p.values), "{%s}" % ",".join(map(repr, p.values)),
                    repr(p.statistic), p.spread, p.limits.id if p.limits else None, p.mask, "ok", "", p.lot,
                    *p.memory, *p.own,
                ))  # fmt: skip
        text.seek(0)
        cursor.copy_expert(_COPY, text)
    return found


def _save(moved: Sequence[_Moved]) -> None:
    rows = [
        (
            one.plan.id, to_json(one.course.trace.rules), one.course.limits, one.course.last_point, one.course.last_t,
            one.course.last_seq, one.course.trace.last, one.course.pending,
            one.course.pending_from if one.course.pending else None,
        )
        for one in moved
    ]  # fmt: skip
    if rows:
        with connection.cursor() as cursor:
            execute_values(cursor.cursor, _SAVE, rows, template=_CASTS, page_size=1000)
