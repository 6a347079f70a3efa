"""Has the level moved since the limits in force began: where it did, and what new limits from there would change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from governance.models import MULTIVARIATE, SHORT_RUNS, Characteristic, Chart
from iot.charting.phase_one import Span, phase_one
from iot.charting.plans import plan_of
from iot.charting.sampling import SAMPLED, sample_of, stored_limits
from iot.models import ControlLimits, Subgroup
from iot.queries.lists import see
from iot.queries.standing import Standing
from iot.workflow import LEARNING_POINTS
from qms.core.actor import Actor
from spc.changes import newest_change
from spc.live import TimeDesign, rooted
from spc.proposal import compared, material, propose
from spc.values import BadInput, Floats

MOST = 5_000  # newest points that are searched
_ALIKE = frozenset({Chart.RESIDUAL.value, Chart.WIDENED.value})  # charts for values whose neighbours are alike
_FIXED = (
    "Standardised limits stay at 0 and \u00b13: enter the nominal and the standard deviation that each part has now."
)


@dataclass(frozen=True)
class Shift:
    """A change of the level that the data show: its first point, how many there are since, and what limits would do.

    enough: whether the points since give limits; words: by how much centre and width would change, empty before that;
    refused: why this chart takes no new limits from there.
    """

    limits: ControlLimits
    first: int
    since: datetime
    points: int
    enough: bool
    words: str
    refused: str = ""


def shift_of(characteristic: Characteristic, *, actor: Actor) -> Shift | None:
    """The newest change of the level under the limits in force; None without limits or without a shown change.

    Excluded points are left out. It only tells: new limits are proposed and released by people.
    """
    see(characteristic, actor)
    if characteristic.chart in MULTIVARIATE:  # a level of several variables has no one figure: look at their own charts
        return None
    standing = Standing(characteristic)
    limits = standing.limits
    if limits is None or limits.effective_from is None:
        return None
    rows = standing.rows.filter(t__gte=limits.effective_from, state=Subgroup.State.OK)
    points = list(rows.order_by("-n").only("n", "t", "values", "mean", "up", "state")[:MOST])[::-1]
    if len(points) < 2:
        return None
    find = _of_sample if characteristic.chart in SAMPLED else _of_drawn
    return find(characteristic, limits, points)


def _of_sample(row: Characteristic, limits: ControlLimits, points: Sequence[Subgroup]) -> Shift | None:
    """Charts whose limits are estimated from values or counts as they are."""
    sample = sample_of(row, points)
    found = propose(sample, stored_limits(row, limits, sample.chart), least=LEARNING_POINTS)
    if found.last_before_change is None or (found.difference is not None and found.limits is None):
        return None  # no change, or one that has come back to where the limits are
    start = points[found.first - 1]
    known = int((~np.isnan(sample.values[found.first - 1 :])).sum())
    words = found.difference.words if found.difference else ""
    return Shift(limits, start.n, start.t, known, found.limits is not None, words)


def _of_drawn(row: Characteristic, limits: ControlLimits, points: Sequence[Subgroup]) -> Shift | None:
    """Charts with a phase I of their own: what they judge is searched, and phase I repeated on the points since."""
    judged = _judged(row.chart, limits, points)
    change = newest_change(judged, alike=row.chart in _ALIKE)
    if change is None:
        return None
    since, known = points[change:], int((~np.isnan(judged[change:])).sum())
    told = Shift(limits, since[0].n, since[0].t, known, False, "")
    if row.chart == Chart.SHORT_RUN_Z:
        return Shift(**{**vars(told), "refused": _FIXED})
    if known < LEARNING_POINTS:
        return told
    plan = plan_of(row)
    runs = [plan.run_at(point.t) for point in since]
    try:
        lines = phase_one(Span(row, since, np.ones(len(since), np.bool_), "", runs))
    except BadInput as problem:
        return Shift(**{**vars(told), "refused": str(problem)})
    old, new = (
        _drawn_at(limits.center, limits.sigma, limits.design),
        _drawn_at(lines.lines.get("center"), lines.lines.get("sigma"), lines.design),
    )
    apart = compared(old, new)
    if not material(apart, known, before=limits.n_points):
        return None
    return Shift(**{**vars(told), "enough": True, "words": apart.words})


def _judged(chart: str, limits: ControlLimits, points: Sequence[Subgroup]) -> Floats:
    """What is searched: deviations of a short run, roots of times and of counts between events, else the values."""
    if chart in SHORT_RUNS:
        return np.array([math.nan if point.up is None else point.up for point in points])
    if chart in (Chart.G, Chart.T):
        power = limits.design.get("power", TimeDesign().power)
        return np.array([rooted(point.mean, power) for point in points])
    return np.array([point.mean for point in points])


def _drawn_at(center: float | None, sigma: float | None, design: object) -> tuple[float, float]:
    """Centre and sigma by which two versions are compared: those of the roots, and the level where one is kept."""
    kept = design if isinstance(design, dict) else {}
    middle = kept.get("root", kept.get("level", center))
    return (math.nan if middle is None else float(middle), math.nan if sigma is None else float(sigma))
