"""What else moved before a signal: the parameters of the same line, before against just before, largest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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

LATE, EARLY = 24, 72  # means compared: those just before the signal with those before them
_SHORTEST, _LONGEST = timedelta(minutes=24), timedelta(days=14)
_CHANCE, _SIGMAS = 0.01, 1.0  # a shift counts as one below this chance and above this many sigma
_LEAST = 6  # means a side needs

_MEANS = """
select c.parameter_id, width_bucket(extract(epoch from s.t), %s, %s, %s) - 1, avg(s.mean)
from iot_subgroup s join governance_characteristic c on c.id = s.characteristic_id
where c.parameter_id = any(%s) and s.t >= %s and s.t < %s and s.state = 'ok' group by 1, 2
union all
select r.parameter_id, width_bucket(extract(epoch from r.t), %s, %s, %s) - 1, avg(r.value)
from iot_reading r where r.parameter_id = any(%s) and r.t >= %s and r.t < %s and r.flags & %s = 0 group by 1, 2
"""


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
    """The stretch looked at, what moved in it, what did not, and what was noted or changed on the line."""

    first: datetime
    start: datetime
    until: datetime
    moved: list[Moved]
    still: list[Parameter]
    silent: list[Parameter]
    events: list[tuple[datetime, str]]

    @property
    def step(self) -> timedelta:
        """The time one mean stands for."""
        return (self.until - self.first) / (LATE + EARLY)


def what_moved(signal: Signal, *, actor: Actor) -> Before | None:
    """What moved on the line before a signal; None when the chart itself has too little before it to compare.

    The window is as long as the chart's own 24 points before the signal; the three windows before it are the
    reference. A shift is named when Welch's test on means of equal stretches finds it (p below 0.01, autocorrelation
    allowed for) and it is at least one sigma of those means. It is a hint: things that move together need not be
    cause and effect.
    """
    row = signal.characteristic
    see(row, actor)
    start = _start(signal)
    if start is None:
        return None
    until = signal.first_at
    first = until - (until - start) * (LATE + EARLY) / LATE
    others = list(_others(row))
    means = _means([*others, row.parameter], first, until)
    own = means.get(row.parameter_id)
    moved, still, silent = [], [], []
    for parameter in others:
        series = means.get(parameter.pk)
        if (
            series is None
            or min(np.count_nonzero(~np.isnan(part)) for part in (series[:EARLY], series[EARLY:])) < _LEAST
        ):
            silent.append(parameter)
        elif (found := _shift(parameter, series, own, (first, until))) is not None:
            moved.append(found)
        else:
            still.append(parameter)
    moved.sort(key=lambda one: -abs(one.sigmas))
    return Before(first, start, until, moved, still, silent, _events(row, start, until))


def _start(signal: Signal) -> datetime | None:
    """When the window begins: the chart's own points before the signal set its length."""
    points = Subgroup.objects.filter(characteristic=signal.characteristic_id, t__lt=signal.first_at).order_by("-t")
    times = list(points.values_list("t", flat=True)[:LATE])
    if len(times) < LATE // 2:
        return None
    return signal.first_at - min(max(signal.first_at - times[-1], _SHORTEST), _LONGEST)


def _others(row: Characteristic) -> list[Parameter]:
    line = row.station.parent_id
    here = {"station__parent_id": line} if line else {"station_id": row.station_id}
    rows = Parameter.objects.filter(active=True, site_id=row.site_id, **here).exclude(pk=row.parameter_id)
    return list(rows.select_related("station", "characteristic").order_by("station__sequence", "name"))


def _means(parameters: list[Parameter], first: datetime, until: datetime) -> Mapping[int, NDArray[np.float64]]:
    """Means of equal stretches by parameter: of chart points where there is a chart, else of readings."""
    charted = [one.pk for one in parameters if hasattr(one, "characteristic")]
    bare = [one.pk for one in parameters if not hasattr(one, "characteristic")]
    bins = [first.timestamp(), until.timestamp(), LATE + EARLY]
    found: dict[int, NDArray[np.float64]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_MEANS, [*bins, charted, first, until, *bins, bare, first, until, int(UNCHARTED)])
        for pk, place, mean in cursor.fetchall():
            series = found.setdefault(pk, np.full(LATE + EARLY, np.nan))
            if 0 <= place < len(series):
                series[place] = mean
    return found


def _shift(
    parameter: Parameter,
    series: NDArray[np.float64],
    own: NDArray[np.float64] | None,
    span: tuple[datetime, datetime],
) -> Moved | None:
    early, late = series[:EARLY], series[EARLY:]
    known = early[~np.isnan(early)]
    sigma = float(known.std(ddof=1))
    verdict = of_means(list(early), list(late), Goal("higher"))
    if verdict.change is None or verdict.p is None or sigma == 0:
        return None
    sigmas = verdict.change / sigma
    if verdict.p >= _CHANCE or abs(sigmas) < _SIGMAS:
        return None
    alike = spearman(series, own).value if own is not None else None
    characteristic = getattr(parameter, "characteristic", None)
    n = int(np.count_nonzero(~np.isnan(late)))
    return Moved(parameter, characteristic, verdict.change, sigmas, verdict.ci, _when(series, span), n, alike)


def _when(series: NDArray[np.float64], span: tuple[datetime, datetime]) -> datetime:
    """Where the series splits best into two levels."""
    places = np.flatnonzero(~np.isnan(series))
    place = int(places[mean_shift(series[places]).last_before_change])
    return (span[0] + (span[1] - span[0]) * place / len(series)).astimezone(UTC)


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
