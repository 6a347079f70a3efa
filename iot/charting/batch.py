"""Judge a batch: charts whose readings follow on in order are written together, every other chart by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection
from psycopg2.extras import execute_values

from governance.models import MEMORY
from iot.charting import points as rows
from iot.charting.course import Value, advance
from iot.charting.judge import Judged, judge, lock_states, remember, resume
from iot.charting.plan import Plan
from iot.charting.raising import settle
from iot.models import ChartState
from iot.workflow import LEARNING_POINTS
from qms.core.actor import Actor
from qms.core.trail import acting

_SAVE = """
update iot_chartstate s set state = x.state, limits_id = x.limits, last_point = x.point, last_t = x.t, last_seq = x.seq,
  last_value = x.value, pending = x.pending, pending_from = x.since
from (values %s) x(id, state, limits, point, t, seq, value, pending, since) where s.characteristic_id = x.id
"""
_CASTS = "(%s, %s, %s::bigint, %s, %s::timestamptz, %s, %s::float8, %s::float8[], %s::timestamptz)"


def judge_batch(work: Mapping[Plan, Sequence[Value]], *, now: datetime, by: Actor) -> list[Judged]:
    """Turn stored readings into points and signals; the same outcome as `judge`, with a few statements in all.

    In: per plan the readings just stored, any order. Every chart is locked first, in order of id.
    """
    if not work:
        return []
    with acting(by):
        plans = sorted(work, key=lambda plan: plan.id)
        states = lock_states([plan.id for plan in plans])
        moved, rest = list[Judged](), dict[Plan, Sequence[Value]]()
        for plan in plans:
            state, values = states[plan.id], sorted(work[plan], key=lambda value: value.key)
            if not _follows_on(plan, state, values[0]):
                rest[plan] = values
                continue
            course = resume(plan, state)
            moved.append(Judged(plan, advance(plan, course, values), False, [], {}))
            remember(state, course)
        ids = rows.write_all({one.plan.id: one.points for one in moved})
        _save([states[one.plan.id] for one in moved])
        return [
            *(_settled(one, ids[one.plan.id], now) for one in moved),
            *(judge(rest, now=now, by=by) if rest else []),
        ]


def _follows_on(plan: Plan, state: ChartState, first: Value) -> bool:
    """Whether a chart goes on with its next reading from its state alone.

    Not so are a reading out of order, another chart or size, a memory or a moving average, and the end of learning.
    """
    learning = not plan.limits and state.last_point - state.begun + 1 < LEARNING_POINTS
    if (state.chart, state.size) != (plan.chart, plan.size) or plan.chart in MEMORY or plan.span or learning:
        return False
    return state.last_t is None or first.key > (state.last_t, state.last_seq)


def _settled(one: Judged, ids: Mapping[int, int], now: datetime) -> Judged:
    signals = settle(one.plan, one.points, ids, now=now, again=False)
    return Judged(one.plan, one.points, False, signals, ids)


def _save(states: Sequence[ChartState]) -> None:
    data = [
        (
            state.pk, state.state, state.limits_id, state.last_point, state.last_t, state.last_seq, state.last_value,
            state.pending, state.pending_from,
        )
        for state in states
    ]  # fmt: skip
    if data:
        with connection.cursor() as cursor:
            execute_values(cursor.cursor, _SAVE, data, template=_CASTS, page_size=1000)
