"""What else moved before a signal: the parameters of the same line, their newest points against those before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from governance.models import Characteristic, Parameter
from iot.charting.judge import UNCHARTED
from iot.models import Annotation, Signal, Subgroup
from iot.queries.lists import see
from qms.core.actor import Actor
from spc.correlation import spearman
from spc.effect import Goal, of_means
from spc.trend import mean_shift

LATE, EARLY = 24, 72  # points compared: those just before the signal with those before them
_CHANCE, _SIGMAS = 0.01, 1.0  # a shift counts as one below this chance and from this many sigma
_LEAST, _SILENT = 36, 3  # points a parameter needs; windows without a point after which it is silent

_POINTS = """
select w.id, p.t, p.v from unnest(%s::bigint[], %s::bigint[]) w(id, chart) cross join lateral (
  select t, mean as v from iot_subgroup
  where characteristic_id = w.chart and t < %s and state = 'ok' order by t desc limit %s) p
union all
select w.id, r.t, r.v from unnest(%s::bigint[]) w(id) cross join lateral (
  select t, value as v from iot_stored(w.id::integer, %s, %s) where flags & %s = 0 order by t desc limit %s) r
order by 1, 2
"""


@dataclass(frozen=True)
class Series:
    """Points of one parameter in order of time."""

    times: list[datetime]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Moved:
    """One parameter: how far its mean moved (unit and sigma), its interval, since when, and how alike it ran."""

    parameter: Parameter
    characteristic: Characteristic | None
    change: float
    sigmas: float
    interval: tuple[float, float] | None
    at: datetime
    n: int
    alike: float | None

    @property
    def decimals(self) -> int:
        """Decimals to write it in."""
        return self.characteristic.decimals if self.characteristic else 3


@dataclass(frozen=True)
class Before:
    """The stretch before a signal, what moved in it, what did not, and what was noted or changed on the line."""

    start: datetime
    until: datetime
    moved: list[Moved]
    still: list[Parameter]
    silent: list[Parameter]
    events: list[tuple[datetime, str]]


def what_moved(signal: Signal, *, actor: Actor) -> Before | None:
    """What moved on the line before a signal; None when the chart itself has too little before it.

    Of each parameter the last 24 points before the signal are compared with the 72 before those. A shift is named
    when Welch's test finds it (p below 0.01, autocorrelation allowed for) and it is at least one sigma of the earlier
    points; its moment is the best split into two levels. A hint: what moves together need not be cause and effect.
    """
    row = signal.characteristic
    see(row, actor)
    others = _others(row)
    found = _series([*others, row.parameter], signal.first_at)
    own = found.get(row.parameter_id)
    if own is None or len(own.times) < LATE:
        return None
    start = own.times[-LATE]
    oldest = signal.first_at - _SILENT * max(signal.first_at - start, timedelta(minutes=10))
    moved, still, silent = [], [], []
    for parameter in others:
        series = found.get(parameter.pk)
        if series is None or len(series.times) < _LEAST or series.times[-1] < oldest:
            silent.append(parameter)
        elif (one := _shift(parameter, series, own)) is not None:
            moved.append(one)
        else:
            still.append(parameter)
    moved.sort(key=lambda one: -abs(one.sigmas))
    return Before(start, signal.first_at, moved, still, silent, _events(row, start, signal.first_at))


def _others(row: Characteristic) -> list[Parameter]:
    line = row.station.parent_id
    here = {"station__parent_id": line} if line else {"station_id": row.station_id}
    rows = Parameter.objects.filter(active=True, site_id=row.site_id, **here).exclude(pk=row.parameter_id)
    return list(rows.select_related("station", "characteristic").order_by("station__sequence", "name"))


def _series(parameters: list[Parameter], until: datetime) -> Mapping[int, Series]:
    """The newest points before a moment: of the chart where there is one, else the readings of thirty days."""
    charted = [one for one in parameters if hasattr(one, "characteristic")]
    bare = [one.pk for one in parameters if not hasattr(one, "characteristic")]
    most, since = LATE + EARLY, until - timedelta(days=30)
    charts = [one.characteristic.pk for one in charted]
    rows: dict[int, list[tuple[datetime, float]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _POINTS, [[one.pk for one in charted], charts, until, most, bare, since, until, int(UNCHARTED), most]
        )
        for pk, t, value in cursor.fetchall():
            rows.setdefault(pk, []).append((t, value))
    return {pk: Series([t for t, _ in points], np.array([v for _, v in points])) for pk, points in rows.items()}


def _shift(parameter: Parameter, series: Series, own: Series) -> Moved | None:
    early, late = series.values[:-LATE], series.values[-LATE:]
    sigma = float(early.std(ddof=1))
    if sigma == 0:
        return None
    sigmas = (float(late.mean()) - float(early.mean())) / sigma
    verdict = of_means(early, late, Goal("higher")) if abs(sigmas) >= _SIGMAS else None
    if verdict is None or verdict.change is None or verdict.p is None or verdict.p >= _CHANCE:
        return None
    split = mean_shift(series.values).last_before_change
    if split is None:
        return None
    at, characteristic = series.times[split], getattr(parameter, "characteristic", None)
    return Moved(parameter, characteristic, verdict.change, sigmas, verdict.ci, at, len(late), _alike(series, own))


def _alike(series: Series, own: Series) -> float | None:
    """Rank correlation with the chart itself, the parameter read off at the times of the chart's points."""
    times = np.array([t.timestamp() for t in series.times])
    own_times = np.array([t.timestamp() for t in own.times])
    inside = (own_times >= times[0]) & (own_times <= times[-1])
    if np.count_nonzero(inside) < LATE:
        return None
    return spearman(np.interp(own_times[inside], times, series.values), own.values[inside]).value


def _events(row: Characteristic, start: datetime, until: datetime) -> list[tuple[datetime, str]]:
    """Lots that began at the characteristic and what was noted on its line, newest first."""
    line = row.station.parent_id
    near = {"characteristic__station__parent_id": line} if line else {"characteristic__station_id": row.station_id}
    notes = Annotation.objects.filter(at__gte=start, at__lte=until, **near).select_related("characteristic")
    found = [(note.at, f"{note.get_kind_display()}: {note.text} ({note.characteristic.code})") for note in notes]
    points = Subgroup.objects.filter(characteristic=row, t__gte=start, t__lte=until).order_by("t")
    before = ""
    for t, lot in points.values_list("t", "lot"):
        if lot and before and lot != before:
            found.append((t, f"Lot {before} to {lot}"))
        before = lot or before
    return sorted(found, reverse=True)[:6]
