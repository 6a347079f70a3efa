"""Which chart is in use and why it suits: the nature of the data, and what its points say against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from governance.models import AVERAGED, COUNTED, MEMORY, MULTIVARIATE, SHORT_RUNS, Characteristic, Chart
from iot.models import ProductionRun, Subgroup
from iot.queries.joint import vectors_said
from iot.queries.lists import see
from iot.queries.standing import Standing
from qms.core.actor import Actor
from qms.web.words import number
from spc.autocorrelation import lag_one, ljung_box, warns
from spc.charts.rare import laney
from spc.values import Floats

NEWEST = 300  # points that are looked at
_LEAST = 25
_CHANCE = 0.01  # p of the test from which dependence is said to show
_ALTERNATING = (
    "Neighbouring points alternate more than chance lets them: the process may be adjusted after every point, or two"
    " streams (tools, cavities) are measured in turn."
)
_WIDE = 1.5  # times the chance spread from which a Laney chart says more
_SMALL = "It gathers what came before, so that a shift of one sigma or less shows early."
_WHY: Mapping[str, str] = {
    Chart.I_MR: "Single values in order of time; neighbours tell the spread.",
    Chart.XBAR_R: "Small subgroups: means show the level, ranges the spread within.",
    Chart.XBAR_S: "Subgroups: means show the level, standard deviations the spread within.",
    Chart.P: "Proportions of nonconforming items in equal samples.",
    Chart.NP: "Numbers of nonconforming items in equal samples.",
    Chart.C: "Numbers of nonconformities on equal areas of opportunity.",
    Chart.U: "Nonconformities per unit inspected.",
    Chart.LANEY_P: "Proportions of large samples: limits follow the spread that the points have, not chance alone.",
    Chart.LANEY_U: "Rates of large samples: limits follow the spread that the points have, not chance alone.",
    Chart.G: "Rare events: the number of cases between two of them says more than a proportion near zero.",
    Chart.T: "Rare events: the time between two of them, judged as a power that is nearly normal.",
    Chart.EWMA: _SMALL,
    Chart.EWMA_P: f"Proportions. {_SMALL}",
    Chart.EWMA_U: f"Counts. {_SMALL}",
    Chart.CUSUM: _SMALL,
    Chart.MOVING_AVERAGE: "The mean of the last points shows small shifts and is read in the unit of the values.",
    Chart.RESIDUAL: "Neighbouring values are alike: what a first-order model does not foretell is judged.",
    Chart.WIDENED: "Neighbouring values are alike: the limits rest on the overall spread, not on moving ranges.",
    Chart.T2: "Several characteristics that move together: one limit for all sees what no chart of one of them shows.",
    Chart.MEWMA: f"Several characteristics that move together. {_SMALL}",
    Chart.SHORT_RUN: "Short runs: several parts share the chart as deviations from their nominals.",
    Chart.SHORT_RUN_Z: "Short runs of parts that spread unequally: deviations in sigmas of each part.",
}


@dataclass(frozen=True)
class Fit:
    """The chart in use, why it suits, what was found in its data, and what speaks against it."""

    name: str
    why: str
    found: str = ""
    against: str = ""


def fit_of(characteristic: Characteristic, *, actor: Actor, standing: Standing | None = None) -> Fit:
    """Why a characteristic has its chart; `against` says which other one the points of its limits ask for."""
    see(characteristic, actor)
    name, why = characteristic.get_chart_display(), _WHY[characteristic.chart]
    if characteristic.chart in SHORT_RUNS:
        return Fit(name, why, *_parts(characteristic))
    if characteristic.chart in MULTIVARIATE:
        return Fit(name, why, *vectors_said(characteristic))
    standing = standing or Standing(characteristic)
    limits = standing.limits
    rows = standing.rows.filter(state=Subgroup.State.OK).order_by("-n")
    if limits and limits.first_point and limits.last_point:  # a later shift of the level would look like dependence
        rows = rows.filter(t__gte=limits.first_point, t__lte=limits.last_point)
    rows, whose = rows[:NEWEST], "the limits rest on" if limits else "measured so far"
    if characteristic.chart in COUNTED:
        return Fit(name, why, *_counts(characteristic, [row.values for row in rows.only("values")][::-1]))
    values = np.array(list(rows.values_list("mean", flat=True))[::-1])
    return Fit(name, why, *_neighbours(characteristic, values, whose))


def _parts(row: Characteristic) -> tuple[str, str]:
    runs = ProductionRun.objects.filter(characteristic=row).order_by("-begins_at")
    newest = runs.first()
    if newest is None:
        return "", "No part was entered yet: until then nothing is drawn."
    return f"{runs.values('part').distinct().count()} parts so far, now {newest.part}.", ""


def _counts(row: Characteristic, points: list[list[float]]) -> tuple[str, str]:
    plain = row.chart in (Chart.P, Chart.NP, Chart.C, Chart.U)
    if len(points) < _LEAST or row.chart == Chart.G or row.chart in MEMORY:
        return "", ""
    kind = "p" if row.chart in (Chart.P, Chart.NP, Chart.LANEY_P) else "u"
    counts = [sum(values) for values in points]
    spread = laney(counts, row.subgroup_size if row.chart != Chart.C else 1, chart=kind).sigma_z  # type: ignore[arg-type]  # p or u
    if spread is None:
        return "", ""
    found = f"The points spread {spread:.1f} times as widely as chance alone."
    if plain and spread > _WIDE:
        return found, "A p\u2032 or u\u2032 chart (Laney) would not take that for signals."
    if plain and sum(counts) / len(counts) < 1:
        return found, "Events are rare here: a g or t chart sees more."
    return found, ""


def _neighbours(row: Characteristic, x: Floats, whose: str) -> tuple[str, str]:
    """What the points say about their neighbours."""
    r = lag_one(x) if len(x) >= _LEAST else None
    if r is None:
        return "", ""
    p = ljung_box(x).p
    dependent = warns(x) and p is not None and p < _CHANCE
    alike = r > 0 and dependent
    shown = "" if dependent else ", none that shows"
    found = f"Lag-one autocorrelation of the {len(x)} points {whose}: {number(r)}{shown}."
    if dependent and not alike:
        return found, _ALTERNATING
    if row.chart in (Chart.RESIDUAL, Chart.WIDENED):
        return found, "" if alike else "No autocorrelation shows any more: an ordinary chart would do."
    if not alike:
        return found, ""
    ways = "a larger subgroup or " if row.chart in AVERAGED and row.subgroup_size > 1 else ""
    return found, (
        f"Neighbouring points are alike, so the limits are too narrow: {ways}residuals or widened limits would fit."
    )
