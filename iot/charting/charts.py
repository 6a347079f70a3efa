"""Every chart of the catalogue as columns: what judges its points, and the state that its next point follows from.

A row is read when the database holds another version of it than the one known here, so a batch costs the charts that
others have moved meanwhile, and no more. The columns hold until the batch that moved them fails: then they are dropped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from governance.models import MEMORY, UNRULED, Chart
from governance.queries import kept_design
from iot.charting.plan import RELATIVE, Plan
from iot.copying import Ints, micros
from iot.workflow import LEARNING_POINTS
from spc.fleet import Fleet
from spc.rules import Rule, chosen
from spc.streaming import LANES, from_json
from spc.values import BadInput, Bools

NEVER, EVER = np.iinfo(np.int64).min, np.iinfo(np.int64).max
NO_SPREAD, MOVING, RANGE, DEVIATION = range(4)
_SPREADS = {Chart.I_MR.value: MOVING, Chart.XBAR_R.value: RANGE, Chart.XBAR_S.value: DEVIATION}
_MAKE = (
    "insert into iot_chartstate (characteristic_id, state, last_point, last_seq, pending, chart, size, begun)"
    " select id, '', 0, 0, '{}', '', 0, 1 from unnest(%s::bigint[]) id order by id on conflict do nothing"
)
_LOCK = """
with held as materialized (
  select *, xmin::text::bigint as version from iot_chartstate where characteristic_id = any(%s)
  order by characteristic_id for update)
select characteristic_id, version, chart, size, state, last_point, begun, limits_id, last_t, last_seq, last_value,
  pending, pending_from
from held join unnest(%s::bigint[], %s::bigint[]) as known(id, seen) on id = characteristic_id and seen <> version
"""
_SAVE = """
with saved as (update iot_chartstate s set state = x.state, last_point = x.point, last_seq = x.seq,
    last_t = epoch + x.t * interval '1 microsecond', last_value = x.value, pending = x.pending::float8[],
    pending_from = case when x.pending <> '{}' then epoch + x.since * interval '1 microsecond' end
  from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::float8[], %s::text[],
    %s::bigint[]) as x(id, state, point, t, seq, value, pending, since),
    (select timestamptz '2000-01-01 00:00Z' as epoch) e
  where s.characteristic_id = x.id returning s.xmin)
select xmin::text::bigint from saved limit 1
"""


@dataclass(frozen=True)
class Judging:
    """What judges the points of a chart now: a version of limits, and for how long it does."""

    limits: int  # 0 while learning
    since: int
    until: int
    center: float = 0.0
    sigma: float = 0.0
    spread_high: float = math.nan
    spread_low: float = math.nan
    rules: tuple[Rule, ...] = ()


class Charts:
    """Columns, one place for each plan."""

    def __init__(self, plans: Mapping[int, Plan]) -> None:
        self.plans = list(plans.values())
        count = len(self.plans)
        self.id = np.array([plan.id for plan in self.plans], np.int64)
        self.per_point = np.array([plan.per_point for plan in self.plans], np.int64)
        self.divisor = np.array([plan.divisor(plan.per_point) for plan in self.plans], np.float64)
        self.spread = np.array([_SPREADS.get(plan.chart, NO_SPREAD) for plan in self.plans], np.int64)
        self.rule_sets: list[tuple[Rule, ...]] = []
        self.place = np.full(max((plan.parameter for plan in self.plans), default=0) + 1, -1, np.int64)
        self.place[[plan.parameter for plan in self.plans]] = np.arange(count)
        self._at = {plan.id: at for at, plan in enumerate(self.plans)}
        self.steady = np.zeros(count, np.bool_)  # the next point follows from the columns alone
        self.version, self.limits, self.rules = np.zeros((3, count), np.int64)
        self.since, self.until, self.last_t, self.last_seq, self.last_point = np.zeros((5, count), np.int64)
        self.center, self.sigma, self.spread_high, self.spread_low, self.last = np.zeros((5, count))
        self.held, self.held_from = np.zeros((2, count), np.int64)  # readings of the point that is being filled
        self.holding = np.zeros((count, int(self.per_point.max(initial=1))))
        self.bits, self.z = np.zeros((len(LANES), count), np.uint32), np.full(count, np.nan)
        self.said = np.full(count, "", np.object_)  # the registers as they are stored

    def of(self, parameters: NDArray[np.int32]) -> Ints:
        """The place of each parameter's chart, -1 where it has none."""
        known = np.minimum(parameters, len(self.place) - 1)
        return np.where(parameters < len(self.place), self.place[known], -1)

    def lock(self, places: Ints) -> None:
        """Lock the states of charts until the end of the act, in order of id so that workers never deadlock."""
        self._lock(places)
        if (missing := places[self.version[places] == 0]).size:
            with connection.cursor() as cursor:
                cursor.execute(_MAKE, [_array(self.id[missing])])
            self._lock(missing)

    def _lock(self, places: Ints) -> None:
        ids = _array(self.id[places])
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [ids, ids, _array(self.version[places])])
            for row in cursor.fetchall():
                self._read(self._at[row[0]], *row[1:])

    def _read(self, at: int, version: int, chart: str, size: int, state: str, *rest: Any) -> None:
        """Take a row of the table; a chart that goes on from more than its state is not steady."""
        last_point, begun, limits, last_t, last_seq, last_value, pending, pending_from = rest
        plan = self.plans[at]
        self.version[at] = version
        judging = _judging(plan, limits, last_point - begun + 1)
        self.steady[at] = (chart, size) == (plan.chart, plan.size) and judging is not None and last_t is not None
        if not self.steady[at] or judging is None or len(pending) >= plan.per_point:
            self.steady[at] = False
            return
        try:
            fleet = Fleet.of([from_json(state)])
        except BadInput:  # of an older version, made anew from the points
            self.steady[at] = False
            return
        self.bits[:, at], self.z[at], self.said[at] = fleet.bits[:, 0], fleet.last[0], _quoted(state)
        self._take_judging(at, judging)
        self.last_point[at], self.last_t[at], self.last_seq[at] = last_point, micros(last_t), last_seq
        self.last[at] = math.nan if last_value is None else last_value
        self.held[at], self.held_from[at] = len(pending), micros(pending_from) if pending else 0
        self.holding[at, : len(pending)] = pending

    def _take_judging(self, at: int, one: Judging) -> None:
        self.limits[at], self.since[at], self.until[at] = one.limits, one.since, one.until
        self.center[at], self.sigma[at] = one.center, one.sigma
        self.spread_high[at], self.spread_low[at] = one.spread_high, one.spread_low
        if one.rules not in self.rule_sets:
            self.rule_sets.append(one.rules)
        self.rules[at] = self.rule_sets.index(one.rules)

    def say(self, places: Ints) -> None:
        """Put the registers of charts with new points into the words that are stored."""
        self.said[places] = [_quoted(text) for text in Fleet(self.bits[:, places], self.z[places]).texts()]

    def save(self, places: Ints) -> None:
        """Write where charts stand now; needs their locks."""
        held = self.held[places].tolist()
        pending = ['"{%s}"' % ",".join(map(repr, row[:many])) for row, many in
                   zip(self.holding[places].tolist(), held, strict=True)]  # fmt: skip
        values = ["NULL" if value != value else repr(value) for value in self.last[places].tolist()]  # noqa: PLR0124 - NaN
        with connection.cursor() as cursor:
            cursor.execute(_SAVE, [
                _array(self.id[places]), _braced(self.said[places].tolist()), _array(self.last_point[places]),
                _array(self.last_t[places]), _array(self.last_seq[places]), _braced(values), _braced(pending),
                _array(self.held_from[places]),
            ])  # fmt: skip
            (self.version[places],) = cursor.fetchone()

    def forget(self, places: Ints) -> None:
        """Others move these charts now: their rows are read again."""
        self.version[places] = 0


def _judging(plan: Plan, limits: int | None, points: int) -> Judging | None:
    """What judges the next point of a chart; None for one whose points need more than registers of run rules."""
    if plan.chart in MEMORY or plan.chart in RELATIVE or plan.span:
        return None
    if not plan.limits and points < LEARNING_POINTS:
        return None
    starts = [*(micros(start) for start in plan.starts), EVER]
    if limits is None:
        return Judging(0, NEVER, starts[0])
    at = next((at for at, one in enumerate(plan.limits) if one.id == limits), None)
    if at is None or kept_design(plan.chart, plan.limits[at].design) is not None:
        return None
    one = plan.limits[at]
    rules = chosen(("nelson_1",) if plan.chart in UNRULED else one.rules or plan.rules)
    high, low = (math.nan if edge is None else edge for edge in (one.spread_ucl, one.spread_lcl))
    return Judging(one.id, starts[at], starts[at + 1], one.center, one.sigma, high, low, rules)


def follows_on(charts: Charts, places: Ints, t: Ints, seq: NDArray[np.int32], last: Ints) -> Bools:
    """Which charts go on with readings from (t, seq) to `last` by what the columns hold."""
    after = (t > charts.last_t[places]) | ((t == charts.last_t[places]) & (seq > charts.last_seq[places]))
    within = (t >= charts.since[places]) & (last < charts.until[places])
    going: Bools = charts.steady[places] & after & within
    return going


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _array(numbers: Ints) -> str:
    return _braced(map(str, numbers.tolist()))


def _braced(texts: Sequence[str] | Any) -> str:
    return "{%s}" % ",".join(texts)
