"""The plant at a glance: every characteristic as a small cell, in bands by line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from django.db import connection
from django.utils import timezone

from governance.models import COUNTED, UNRULED, Characteristic, Equipment
from governance.queries import characteristics_visible_to
from iot.charting.plan import APART, RELATIVE, rule_marks, watch_only
from iot.charting.plans import fits
from iot.models import ChartState, ControlLimits, Signal, SignalState
from iot.workflow import LEARNING_POINTS
from qms.core.actor import Actor

CELL_POINTS = 48
CellState = Literal["signal", "watch", "stale", "learn", "ok"]
ORDER: tuple[CellState, ...] = ("signal", "watch", "stale", "learn", "ok")

_NEWEST = """
select c.id, p.n, p.t, coalesce(p.up, p.mean), p.mask, p.state, p.limits_id, p.lot, p.up is not null
from unnest(%s::bigint[]) c(id)
cross join lateral (select n, t, mean, up, mask, state, limits_id, lot from iot_subgroup
  where characteristic_id = c.id order by n desc limit %s) p order by c.id, p.n
"""
_IN_SPEC = """
select h.id, count(*), count(*) filter (
  where r.value >= coalesce(h.lsl, '-Infinity') and r.value <= coalesce(h.usl, 'Infinity'))
from governance_characteristic h
cross join lateral iot_stored(h.parameter_id::integer, %s, %s::timestamptz + interval '1 microsecond') r
where h.id = any(%s) and (h.lsl is not null or h.usl is not null) group by h.id
"""


@dataclass(frozen=True)
class CellPoint:
    """A point as the small drawing needs it."""

    n: int
    t: datetime
    value: float
    mask: int
    excluded: bool
    limits: int | None
    lot: str
    drawn: bool = False  # what is drawn stands in the place of the statistic


@dataclass
class Cell:
    """One characteristic: its state, its newest points, its latest value."""

    characteristic: Characteristic
    points: list[CellPoint]
    limits: ControlLimits | None
    state: CellState
    signal: Signal | None
    last_t: datetime | None
    total: int

    @property
    def value(self) -> float | None:
        """The latest plotted value."""
        return self.points[-1].value if self.points else None

    @property
    def lines(self) -> tuple[float, float, float] | None:
        """Lower limit, centre and upper limit of the version in force."""
        if self.limits is None:
            return None
        return self.limits.lcl if self.limits.lcl is not None else 0.0, self.limits.center_line, self.limits.ucl

    @property
    def rules(self) -> dict[int, str]:
        """Index of the last violating point of the open signal -> its rule numbers."""
        if self.signal is None:
            return {}
        marks = {i: rule_marks(point.mask) for i, point in enumerate(self.points) if point.n >= self.signal.first_point}
        located = [i for i, numbers in marks.items() if any(number != "R" for number in numbers)]
        shown = (located or [i for i, numbers in marks.items() if numbers])[-1:]
        return {i: ",".join(str(number) for number in marks[i]) for i in shown}

    @property
    def cpk(self) -> float | None:
        """Cpk of the points shown against the within sigma of the limits in force; None where there is none."""
        row, limits = self.characteristic, self.limits
        values = [p.value for p in self.points if not p.excluded and limits is not None and p.limits == limits.pk]
        if limits is None or not limits.sigma_within or not values or row.chart in COUNTED | UNRULED | RELATIVE:
            return None
        mean = sum(values) / len(values)
        sides = [s for s in (_side(row.usl, mean, 1), _side(row.lsl, mean, -1)) if s is not None]
        return min(sides) / (3 * limits.sigma_within) if sides else None

    @property
    def learned(self) -> tuple[int, int]:
        """Points so far and points needed."""
        return min(self.total, LEARNING_POINTS), LEARNING_POINTS


def _side(limit: float | None, mean: float, sign: int) -> float | None:
    return None if limit is None else sign * (limit - mean)


@dataclass
class Band:
    """A line with its characteristics."""

    line: Equipment | None
    cells: list[Cell] = field(default_factory=list)
    measured: int = 0
    in_spec: int = 0

    @property
    def share(self) -> float | None:
        """Percent of this shift's values inside their specification."""
        return 100 * self.in_spec / self.measured if self.measured else None

    @property
    def lot(self) -> str:
        """The lot on the line, from the newest point that names one."""
        newest = [cell.points[-1] for cell in self.cells if cell.points and cell.points[-1].lot]
        return max(newest, key=lambda point: point.t).lot if newest else ""


@dataclass(frozen=True)
class Overview:
    """Bands in route order, and how many cells are in each state."""

    bands: list[Band]
    tally: Counter[str]
    now: datetime


def plant_overview(actor: Actor, *, site: int | None = None, since: datetime | None = None) -> Overview:
    """Every active characteristic the actor sees (of one site), five queries; `since` begins the shift."""
    now = timezone.now()
    rows = characteristics_visible_to(actor).filter(active=True).select_related("station__parent")
    rows = rows.filter(site_id=site) if site else rows
    cells = _cells(list(rows.order_by("sequence", "code")), now)
    bands: dict[int, Band] = {}
    for cell in cells:
        line = cell.characteristic.station.parent
        bands.setdefault(line.pk if line else 0, Band(line)).cells.append(cell)
    _count_in_spec(bands, since or now - timedelta(hours=8), now)
    ordered = sorted(bands.values(), key=lambda b: (b.line.sequence, b.line.code) if b.line else (0, ""))
    return Overview(ordered, Counter(cell.state for cell in cells), now)


def _cells(rows: Sequence[Characteristic], now: datetime) -> list[Cell]:
    ids = [row.pk for row in rows]
    points: dict[int, list[CellPoint]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [ids, CELL_POINTS])
        for pk, n, t, mean, mask, state, limits, lot, drawn in cursor.fetchall():
            points[pk].append(CellPoint(n, t, mean, mask, state != "ok", limits, lot, drawn))
    states = ChartState.objects.in_bulk(ids)
    known = {row.pk: row for row in rows}
    in_force = ControlLimits.objects.filter(characteristic_id__in=ids, state="in_force").order_by("revision")
    limits_of = {x.characteristic_id: x for x in in_force if fits(x, known[x.characteristic_id])}
    signals = _open_signals(ids)
    return [
        _cell(row, points[row.pk], limits_of.get(row.pk), signals.get(row.pk),
              states.get(row.pk), now)
        for row in rows
    ]  # fmt: skip


def _open_signals(ids: Sequence[int]) -> dict[int, Signal]:
    """The signal that matters of each characteristic: shifts before early signs, then the newest."""
    found: dict[int, Signal] = {}
    rows = Signal.objects.filter(characteristic_id__in=ids, state=SignalState.OPEN, retrospective=False)
    for signal in rows.order_by("last_at"):
        known = found.get(signal.characteristic_id)
        if known is None or watch_only(known.rules) or not watch_only(signal.rules):
            found[signal.characteristic_id] = signal
    return found


def _cell(
    row: Characteristic, points: list[CellPoint], limits: ControlLimits | None, signal: Signal | None,
    state: ChartState | None, now: datetime,
) -> Cell:  # fmt: skip
    if row.chart in APART:  # values of the learning stage have other heights
        points = [point for point in points if point.drawn] or points
    last = state.last_t if state else None
    return Cell(row, points, limits, _state(row, limits, signal, last, now), signal, last, _total(row, state))


def _total(row: Characteristic, state: ChartState | None) -> int:
    """How many points the chart of today has."""
    if state is None or (state.chart and (state.chart, state.size) != (row.chart, row.subgroup_size)):
        return 0
    return state.last_point - state.begun + 1


def _state(
    row: Characteristic, limits: ControlLimits | None, signal: Signal | None, last: datetime | None, now: datetime
) -> CellState:
    if signal is not None:
        return "watch" if watch_only(signal.rules) else "signal"
    if last is None or now - last > timedelta(seconds=row.stale_after):
        return "stale"
    return "ok" if limits else "learn"


def _count_in_spec(bands: dict[int, Band], since: datetime, now: datetime) -> None:
    lines = {cell.characteristic.pk: band for band in bands.values() for cell in band.cells}
    with connection.cursor() as cursor:
        cursor.execute(_IN_SPEC, [since, now, list(lines)])
        for pk, measured, good in cursor.fetchall():
            lines[pk].measured += measured
            lines[pk].in_spec += good
