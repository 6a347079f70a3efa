"""Points of many charts at once: readings as columns become subgroups, statistics, masks and rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from iot.charting.charts import DEVIATION, MOVING, RANGE, Charts
from iot.charting.course import Point
from iot.charting.plan import SPREAD_HIGH, SPREAD_LOW, totals
from iot.copying import Column, Ints, copy, moment, rows
from iot.readings import Readings
from spc.fleet import Fleet, step_all
from spc.values import Floats, Masks

_COLUMNS = (
    "id, characteristic_id, n, t, first_t, size, values, mean, spread, limits_id, mask, state, reason, lot, up, down,"
    " ucl, lcl"
)
_IDS = "select string_agg(nextval(pg_get_serial_sequence('iot_subgroup', 'id'))::text, ',') from generate_series(1, %s)"


@dataclass(frozen=True, eq=False)
class Points:
    """New points of many charts: those of a chart stand together, in order; `place`: its place in the columns."""

    charts: Charts
    place: Ints
    id: Ints
    n: Ints
    t: Ints
    first_t: Ints
    values: list[tuple[Ints, Floats]]  # which points, and their values, for each size of a point
    statistic: Floats
    spread: Floats
    mask: NDArray[np.int32]
    lot: NDArray[np.object_] | None

    def __len__(self) -> int:
        return len(self.n)

    def point(self, at: int) -> Point:
        """One of them, as a chart by itself knows its points."""
        place, spread = int(self.place[at]), float(self.spread[at])
        limits = next((one for one in self.charts.plans[place].limits if one.id == self.charts.limits[place]), None)
        lot = "" if self.lot is None else self.lot[at] or ""
        return Point(
            int(self.n[at]), moment(int(self.t[at])), moment(int(self.first_t[at])), [], float(self.statistic[at]),
            None if math.isnan(spread) else spread, limits, int(self.mask[at]), lot,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Stream:
    """Readings chart by chart, before each chart's the ones its unfinished point holds."""

    place: Ints  # of each chart
    start: Ints  # where its readings begin
    count: Ints
    value: Floats
    t: Ints
    lot: NDArray[np.object_] | None


def judge_together(charts: Charts, places: Ints, found: Readings, counts: Ints) -> Points:
    """Form and judge the points of charts that go on from their columns; those move on, and rows are written.

    In: per chart its place and how many of the readings are its own, readings in the order of charts and of time.
    """
    stream = _stream(charts, places, found, counts)
    points = _judged(charts, stream, _formed(charts, stream))
    _hold_rest(charts, stream, found, counts)
    _write(points)
    charts.save(places)
    return points


def _stream(charts: Charts, places: Ints, found: Readings, counts: Ints) -> Stream:
    held = charts.held[places]
    count = held + counts
    start = np.cumsum(count) - count
    total_count = int(count.sum())
    old = np.repeat(start, held) + _within(held)
    new = np.ones(total_count, np.bool_)
    new[old] = False
    value, t = np.empty(total_count), np.empty(total_count, np.int64)
    value[new], t[new] = found.value, found.t
    value[old] = charts.holding[np.repeat(places, held), _within(held)]
    t[old] = np.repeat(charts.held_from[places], held)
    lot = None
    if found.lot is not None:
        lot = np.full(total_count, None, np.object_)
        lot[new] = found.lot
    return Stream(places, start, count, value, t, lot)


def _within(counts: Ints) -> Ints:
    """0, 1, 2 ... for each of the counts in turn."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


@dataclass(frozen=True, eq=False)
class _Formed:
    many: Ints  # points of each chart
    first: Ints  # where the values of each point begin
    wide: Ints  # how many there are


def _formed(charts: Charts, stream: Stream) -> _Formed:
    wide = charts.per_point[stream.place]
    many = stream.count // wide
    each = np.repeat(wide, many)
    return _Formed(many, np.repeat(stream.start, many) + _within(many) * each, each)


def _judged(charts: Charts, stream: Stream, formed: _Formed) -> Points:
    place, last = np.repeat(stream.place, formed.many), formed.first + formed.wide - 1
    order = _within(formed.many)
    statistic, values = np.empty(len(place)), list[tuple[Ints, Floats]]()
    for wide in np.unique(formed.wide).tolist():
        these = np.flatnonzero(formed.wide == wide)
        matrix = stream.value[formed.first[these][:, None] + np.arange(wide)]
        values.append((these, matrix))
        sums = matrix[:, 0] if wide == 1 else np.array(totals(matrix.tolist()))
        statistic[these] = sums / charts.divisor[place[these]]
    spread = _spreads(charts, place, order, statistic, values)
    mask = _step(charts, stream.place, formed.many, statistic) | _spread_bits(charts, place, spread)
    n = charts.last_point[place] + 1 + order
    moved = formed.many > 0
    ends = np.cumsum(formed.many)[moved] - 1
    charts.last_point[stream.place[moved]] = n[ends]
    charts.last[stream.place[moved]] = statistic[ends]
    charts.say(stream.place[moved])
    lot = None if stream.lot is None else stream.lot[last]
    return Points(
        charts,
        place,
        _numbers(len(place)),
        n,
        stream.t[last],
        stream.t[formed.first],
        values,
        statistic,
        spread,
        mask,
        lot,
    )


def _spreads(
    charts: Charts, place: Ints, order: Ints, statistic: Floats, values: Sequence[tuple[Ints, Floats]]
) -> Floats:
    """Moving range, range or standard deviation; NaN where there is none."""
    kind, spread = charts.spread[place], np.full(len(place), np.nan)
    before = np.concatenate([[math.nan], statistic[:-1]])[: len(place)]
    before = np.where(order == 0, charts.last[place], before)
    spread = np.where(kind == MOVING, np.abs(statistic - before), spread)
    for these, matrix in values:
        ranged, spreading = kind[these] == RANGE, kind[these] == DEVIATION
        spread[these[ranged]] = matrix[ranged].max(axis=1) - matrix[ranged].min(axis=1)
        for at in np.flatnonzero(spreading).tolist():
            plan = charts.plans[int(place[these[at]])]
            spread[these[at]] = plan.spread(matrix[at].tolist(), math.nan, None)
    return spread


def _spread_bits(charts: Charts, place: Ints, spread: Floats) -> NDArray[np.int32]:
    high, low = spread > charts.spread_high[place], spread < charts.spread_low[place]
    return (high.astype(np.int32) << SPREAD_HIGH.bit) | ((low & ~high).astype(np.int32) << SPREAD_LOW.bit)


def _step(charts: Charts, places: Ints, many: Ints, statistic: Floats) -> NDArray[np.int32]:
    """The masks of the run rules; one step takes the next point of every chart that has one."""
    mask, start = np.zeros(len(statistic), np.int32), np.cumsum(many) - many
    for number, rules in enumerate(charts.rule_sets):
        these = np.flatnonzero((charts.rules[places] == number) & (many > 0))
        these = these[np.argsort(-many[these], kind="stable")]  # those with most points first
        place, left = places[these], many[these]
        bits, z = charts.bits[:, place], charts.z[place]
        center, sigma = charts.center[place], charts.sigma[place]
        for step in range(int(left[0]) if len(left) else 0):
            active = int((left > step).sum())
            at = start[these[:active]] + step
            fleet = Fleet(bits[:, :active], z[:active])
            after, fired = step_all(fleet, statistic[at], center[:active], sigma[:active], rules)
            bits[:, :active], z[:active] = after.bits, after.last
            mask[at] = _signed(fired)
        charts.bits[:, place], charts.z[place] = bits, z
    return mask


def _signed(mask: Masks) -> NDArray[np.int32]:
    return mask.view(np.int32)


def _hold_rest(charts: Charts, stream: Stream, found: Readings, counts: Ints) -> None:
    """Keep what no point has taken, and where each chart's readings end."""
    places, wide = stream.place, charts.per_point[stream.place]
    left = stream.count % wide
    start = stream.start + stream.count - left
    charts.holding[np.repeat(places, left), _within(left)] = stream.value[np.repeat(start, left) + _within(left)]
    begun = left > 0
    charts.held_from[places[begun]] = stream.t[start[begun]]
    charts.held[places] = left
    ends = np.cumsum(counts) - 1
    charts.last_t[places], charts.last_seq[places] = found.t[ends], found.seq[ends]


def _numbers(count: int) -> Ints:
    if not count:
        return np.zeros(0, np.int64)
    with connection.cursor() as cursor:
        cursor.execute(_IDS, [count])
        (text,) = cursor.fetchone()
    return np.array(text.split(","), np.int64)


def _write(points: Points) -> None:
    """Store new points by one COPY, those with the same fields left empty together."""
    parts = [part for these, values in points.values for part in _parts(points, these, values)]
    if parts:
        copy("iot_subgroup", _COLUMNS, *parts)


def _parts(points: Points, these: Ints, values: Floats) -> list[NDArray[np.void]]:
    limits = points.charts.limits[points.place]
    lots = np.full(len(these), "", np.object_) if points.lot is None else points.lot[these]
    found = []
    for lot in {lot or "" for lot in lots.tolist()}:
        for spread in (True, False):
            for judged in (True, False):
                some = ~np.isnan(points.spread[these]) == spread
                some &= (limits[these] > 0) == judged
                some &= np.array([(one or "") == lot for one in lots.tolist()]) if points.lot is not None else True
                if some.any():
                    found.append(_rows(points, these[some], values[some], spread=spread, judged=judged, lot=lot))
    return found


def _rows(points: Points, these: Ints, values: Floats, *, spread: bool, judged: bool, lot: str) -> NDArray[np.void]:
    place = points.place[these]
    columns: dict[str, Column] = {
        "id": points.id[these], "characteristic": points.charts.id[place], "n": points.n[these].astype(np.int32),
        "t": points.t[these], "first_t": points.first_t[these],
        "size": np.full(len(these), values.shape[1], np.int32), "values": values, "mean": points.statistic[these],
        "spread": points.spread[these] if spread else None,
        "limits": points.charts.limits[place] if judged else None,
        "mask": points.mask[these], "state": "ok", "reason": "", "lot": lot,
        "up": None, "down": None, "ucl": None, "lcl": None,
    }  # fmt: skip
    return rows(columns, len(these))
