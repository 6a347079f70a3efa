"""Phase I of every chart: the lines that a span of points gives, and what has to be kept with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from governance.models import Characteristic, Chart
from governance.queries import JointDesign, JointMemory, design_of
from iot.charting.plan import Run
from iot.charting.sampling import sample_of
from iot.models import Subgroup
from spc.charts.multivariate import individuals as hotelling
from spc.charts.rare import g_chart, laney, t_chart
from spc.charts.residual import residual_chart, widened
from spc.limits import Limits, estimate
from spc.live import AverageDesign, TimeDesign, deviation
from spc.memory import CusumDesign, EwmaDesign
from spc.run_length_mewma import mewma_limit
from spc.samples import individuals
from spc.values import BadInput, Bools, Floats

_STANDARD = Limits("i-mr", 0.0, 1.0, "given", 0)
_ALONE = ("spread_center", "spread_ucl", "spread_lcl")


@dataclass(frozen=True)
class PhaseOne:
    """Lines by name (center, sigma, ucl, lcl, spread_*), what they rest on, and what the judge needs beside them."""

    lines: Mapping[str, float | None]
    points: int
    estimator: str
    within: float | None = None
    design: Mapping[str, Any] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """Points of a chart in order, which of them enter, and the part that was made at each."""

    characteristic: Characteristic
    points: Sequence[Subgroup]
    keep: Bools
    estimator: str
    runs: Sequence[Run | None]

    @property
    def values(self) -> Floats:
        """The statistic of each point, NaN where it is left out."""
        return np.where(self.keep, [point.mean for point in self.points], np.nan)

    @property
    def count(self) -> int:
        """How many enter."""
        return int(self.keep.sum())


def phase_one(span: Span) -> PhaseOne:
    """The limits that these points give. Raises BadInput for what they cannot give."""
    own = _OWN.get(span.characteristic.chart)
    if own is None:
        return _shewhart(span)
    if span.estimator:
        raise BadInput("This chart estimates in one way only: leave the estimator empty.")
    return own(span)


def _shewhart(span: Span) -> PhaseOne:
    """Charts whose limits are estimated from values or counts as they are, and those with a memory of them."""
    row = span.characteristic
    found = estimate(sample_of(row, span.points), keep=span.keep, estimator=span.estimator)
    lines, design = found.at(row.subgroup_size), design_of(row.chart, row.design)
    center, sigma, kept = lines["center"], lines["sigma"], dict[str, float]()
    if design is not None and center is not None and sigma is not None:
        lines |= dict.fromkeys(_ALONE) | _edges(design, center, sigma)
        kept = dict(vars(design))
        if row.chart in (Chart.EWMA_P, Chart.EWMA_U):
            lines["lcl"] = max(0.0, lines["lcl"] or 0.0)
            lines["ucl"] = min(lines["ucl"] or 0.0, 1.0 if row.chart == Chart.EWMA_P else math.inf)
    name = found.estimator or ("from the mean proportion" if row.chart == Chart.EWMA_P else "from the mean count")
    return PhaseOne(lines, found.points or span.count, name, found.sigma, kept, found.reasons)


def _edges(design: object, center: float, sigma: float) -> dict[str, float | None]:
    if isinstance(design, CusumDesign):
        return {"ucl": design.h * sigma, "lcl": None}
    reach = design.reach(sigma) if isinstance(design, (EwmaDesign, AverageDesign)) else 3 * sigma
    return {"ucl": center + reach, "lcl": center - reach}


def _laney(span: Span) -> PhaseOne:
    row = span.characteristic
    kind = "p" if row.chart == Chart.LANEY_P else "u"
    counts = [sum(p.values) if kept else None for p, kept in zip(span.points, span.keep, strict=True)]
    found = laney(counts, row.subgroup_size, chart=kind)  # type: ignore[arg-type]  # p or u
    if found.center is None or found.sigma_z is None:
        return PhaseOne({"center": None, "ucl": None}, 0, "", reasons=found.reasons)
    variance = found.center * (1 - found.center) if kind == "p" else found.center
    sigma = math.sqrt(variance / row.subgroup_size) * found.sigma_z
    ceiling = 1.0 if kind == "p" else math.inf
    lines = {"center": found.center, "sigma": sigma, "ucl": min(found.center + 3 * sigma, ceiling),
             "lcl": max(0.0, found.center - 3 * sigma)}  # fmt: skip
    return PhaseOne(lines, span.count, "moving range of standardised counts", design={"sigma_z": found.sigma_z})


def _between(span: Span) -> PhaseOne:
    found = g_chart(span.values)
    sigma = math.sqrt(found.center * (found.center + 1)) if found.center is not None else None
    lines = {"center": found.center, "sigma": sigma, "ucl": found.ucl, "lcl": found.lcl}
    return PhaseOne(lines, span.count, "geometric, from the mean", reasons=found.reasons)


def _times(span: Span) -> PhaseOne:
    design = design_of(Chart.T, span.characteristic.design)
    power = design.power if isinstance(design, TimeDesign) else TimeDesign().power
    found = t_chart(span.values, power=power)
    root = found.limits_of
    if root is None or root.center is None:
        return PhaseOne({"center": None, "ucl": None}, 0, "", reasons=found.reasons)
    lines = {"center": found.center, "sigma": root.sigma, "ucl": found.ucl, "lcl": found.lcl}
    kept = {"power": power, "root": root.center}
    return PhaseOne(lines, span.count, "mean moving range of the roots", design=kept, reasons=found.reasons)


def _residuals(span: Span) -> PhaseOne:
    found = residual_chart(span.values)
    lines = {name: value for name, value in found.limits.at().items() if name not in _ALONE}
    kept = {"phi": found.phi, "level": found.level}
    return PhaseOne(
        lines, found.limits.points, "AR(1), moving range of residuals", found.limits.sigma, kept, found.reasons
    )


def _widened(span: Span) -> PhaseOne:
    found = widened(span.values)
    edges = {name: None if side is None else float(side[0]) for name, side in (("ucl", found.ucl), ("lcl", found.lcl))}
    lines = {"center": found.center, "sigma": found.sigma, **edges}
    return PhaseOne(lines, span.count, "overall standard deviation / c4", found.sigma, reasons=found.reasons)


def _deviations(span: Span) -> PhaseOne:
    """Deviations from each part's nominal; standardised ones have fixed limits, but rest on points all the same."""
    scaled = span.characteristic.chart == Chart.SHORT_RUN_Z
    known = np.array([run is not None and (run.sigma is not None or not scaled) for run in span.runs]) & span.keep
    if not known.any():
        raise BadInput("No point of this span has a part in production with a nominal: enter the runs first.")
    targets = {run.part: [run.nominal, run.sigma] for run, one in zip(span.runs, known, strict=True) if one and run}
    if scaled:
        ranges = {name: value for name, value in _STANDARD.at().items() if name in _ALONE}
        fixed = {"center": 0.0, "sigma": 1.0, "ucl": 3.0, "lcl": -3.0, **ranges}
        return PhaseOne(fixed, int(known.sum()), "sigma given for each part", 1.0, {"targets": targets})
    moved = [deviation(p.mean, run.nominal) if run else math.nan for p, run in zip(span.points, span.runs, strict=True)]
    found = estimate(individuals(np.array(moved)), keep=known)
    return PhaseOne(found.at(), found.points, found.estimator, found.sigma, {"targets": targets}, found.reasons)


def _joint(span: Span) -> PhaseOne:
    """Vectors: mean and covariance of those that enter; T squared has no centre line and is measured in sigmas."""
    row = span.characteristic
    design, size = design_of(row.chart, row.design), len(row.design["members"])
    used = [p for p, kept in zip(span.points, span.keep, strict=True) if kept and len(p.values) == size]
    alpha = design.alpha if isinstance(design, JointDesign) else JointDesign.alpha
    found = hotelling([p.values for p in used], alpha=alpha)
    limit = mewma_limit(size, design.weight, design.arl) if isinstance(design, JointMemory) else found.ucl_phase2
    beyond = [used[at - 1].n for at in found.violations]
    kept = {"mean": found.center.tolist(), "cov": found.cov.tolist(), "beyond": beyond}
    lines = {"center": 0.0, "sigma": 1.0, "ucl": limit, "lcl": None}
    given = {**vars(design), "members": row.design["members"]}
    return PhaseOne(lines, len(used), "mean vector and sample covariance", design={**given, **kept})


_OWN: Mapping[str, Callable[[Span], PhaseOne]] = {
    Chart.LANEY_P.value: _laney,
    Chart.LANEY_U.value: _laney,
    Chart.G.value: _between,
    Chart.T.value: _times,
    Chart.RESIDUAL.value: _residuals,
    Chart.WIDENED.value: _widened,
    Chart.SHORT_RUN.value: _deviations,
    Chart.SHORT_RUN_Z.value: _deviations,
    Chart.T2.value: _joint,
    Chart.MEWMA.value: _joint,
}
