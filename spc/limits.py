"""Control limits as an object: estimated once from phase I, then laid over any points without ever moving."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeGuard, get_args

import numpy as np

from spc import estimators
from spc.constants import c4, c5, d2, d3
from spc.estimators import INDIVIDUAL, SUBGROUP, Subgroups, named, per_size
from spc.samples import Kind, Sample
from spc.values import BadInput, Bools, Floats, Ints, finite

KINDS: tuple[Kind, ...] = get_args(Kind)
VARIABLES = ("i-mr", "xbar-r", "xbar-s")
WIDTH = 3.0
POOLED = "pooled, uncorrected"


@dataclass(frozen=True)
class Lines:
    """Centre, standard error and limits of each plotted point, shape (k,); spread_* for the lower chart, or None."""

    center: Floats
    sigma: Floats
    ucl: Floats
    lcl: Floats
    spread_center: Floats | None = None
    spread_sigma: Floats | None = None
    spread_ucl: Floats | None = None
    spread_lcl: Floats | None = None

    def repeated(self, count: int) -> Lines:
        """The lines of one point, repeated for `count` points without copies."""
        columns: dict[str, Floats | None] = vars(self)
        return Lines(**{k: None if v is None else np.broadcast_to(v[0], (count,)) for k, v in columns.items()})  # type: ignore[arg-type]  # the first four are never None


@dataclass(frozen=True)
class Limits:
    """What a limit version stores: enough to draw its lines for any subgroup size.

    center: process mean (i-mr, xbar-*), proportion (p, np) or rate per unit (c, u); sigma: process standard deviation,
    None for attribute charts; points: how many entered the estimate; both None with a reason when they do not exist.
    """

    chart: Kind
    center: float | None
    sigma: float | None
    estimator: str
    points: int
    spread_mean: float | None = None
    width: float = WIDTH
    reasons: Mapping[str, str] = field(default_factory=dict)

    def at(self, size: float = 1) -> dict[str, float | None]:
        """The lines for one subgroup size: center, sigma, ucl, lcl and spread_* by name, None where there is none."""
        lines = self.along(np.array([size], dtype=np.float64))
        return {name: None if column is None else finite(float(column[0])) for name, column in vars(lines).items()}

    def along(self, sizes: Floats) -> Lines:
        """The lines of points with these subgroup sizes, shape (k,).

        Location: center +/- width * standard error; spread: d2 or c4 times sigma +/- width * d3 or sqrt(1-c4^2) times
        sigma, not below 0; an xbar-s chart of the uncorrected pooled S-bar takes A3, B3 and B4 times it, so that every
        point is corrected by c4 of its own size; proportions stay within 0..1 (np: 0..n), rates and counts not below 0.
        Source: Montgomery, Introduction to SQC, chapters 6 and 7 (6.3.2 for unequal sizes); ASTM MNL 7.
        """
        if len(sizes) > 1 and (sizes == sizes[0]).all():
            return self.along(sizes[:1]).repeated(len(sizes))
        return _variable_lines(self, sizes) if self.chart in VARIABLES else _attribute_lines(self, sizes)


def kind_of(name: str) -> Kind:
    """The chart kind of this name.

    In: a name. Out: the same as Kind. Raises BadInput for any other. Source: the names of the reference cases.
    """
    if not _is_kind(name):
        raise BadInput(f"There is no chart {name!r} with stored limits. Known: {', '.join(KINDS)}.")
    return name


def _is_kind(name: str) -> TypeGuard[Kind]:
    return name in KINDS


def _variable_lines(limits: Limits, sizes: Floats) -> Lines:
    center = math.nan if limits.center is None else limits.center
    sigma: Floats | float = math.nan if limits.sigma is None else limits.sigma
    counts: Ints = np.where(sizes > 0, sizes, 0).astype(np.int64)
    if limits.chart == "xbar-s" and limits.estimator == POOLED:
        sigma = sigma / per_size(c4, counts)
    error = sigma / np.sqrt(np.where(counts > 0, counts, np.nan))
    mean_of, std_of = (c4, c5) if limits.chart == "xbar-s" else (d2, d3)
    spans: Ints = np.full(len(sizes), 2, dtype=np.int64) if limits.chart == "i-mr" else counts
    spread, spread_error = per_size(mean_of, spans) * sigma, per_size(std_of, spans) * sigma
    return Lines(
        center=np.full(len(sizes), center),
        sigma=error,
        ucl=center + limits.width * error,
        lcl=center - limits.width * error,
        spread_center=spread,
        spread_sigma=spread_error,
        spread_ucl=spread + limits.width * spread_error,
        spread_lcl=np.maximum(0.0, spread - limits.width * spread_error),
    )


def _attribute_lines(limits: Limits, sizes: Floats) -> Lines:
    rate = math.nan if limits.center is None else limits.center
    n = np.where(sizes > 0, sizes, np.nan)
    variance = rate * (1.0 - rate) if limits.chart in ("p", "np") else rate
    counted = limits.chart in ("np", "c")
    center = rate * n if counted else np.where(np.isnan(n), np.nan, rate)
    error = np.sqrt(variance * n) if counted else np.sqrt(variance / n)
    ceiling = {"p": np.ones(len(n)), "np": n}.get(limits.chart, np.full(len(n), math.inf))
    return Lines(
        center,
        error,
        np.minimum(center + limits.width * error, ceiling),
        np.maximum(center - limits.width * error, 0.0),
    )


def estimate(sample: Sample, *, keep: Bools | None = None, estimator: str = "", width: float = WIDTH) -> Limits:
    """Phase I: the limits that these points give.

    In: a sample; keep = which points enter (shape (k,), default all that exist); estimator = a name of
    spc.estimators (default: mean moving range, mean of R/d2(n) or mean of S/c4(n)); width in sigmas. Out: Limits.
    Points left out stay on the chart and are judged; moving ranges exist only between neighbours that both enter.
    Source: Montgomery, Introduction to SQC, chapters 6 and 7.
    """
    entering = ~np.isnan(sample.values) if keep is None else keep & ~np.isnan(sample.values)
    if not (math.isfinite(width) and width > 0):
        raise BadInput("Limits need a positive width, usually 3 sigmas.")
    count = int(entering.sum())
    if sample.chart not in VARIABLES:
        return _attribute(sample, entering, width)
    if sample.groups is None:
        center, sigma, spread, name = _individuals(sample, entering, estimator)
    else:
        center, sigma, spread, name = _subgrouped(sample.chart, sample.groups, entering, estimator)
    why = _why(sample, count, sigma)
    return Limits(sample.chart, finite(center), finite(sigma), name, count, finite(spread), width, why)


def _individuals(sample: Sample, entering: Bools, estimator: str) -> tuple[float, float, float, str]:
    name = named(estimator or "mean moving range")
    if name not in INDIVIDUAL:
        raise BadInput(f"{name} needs subgroups. For single values choose {' or '.join(INDIVIDUAL)}.")
    values = np.where(entering, sample.values, np.nan)
    ranges = estimators.moving_ranges(values, breaks=sample.breaks)
    return estimators.mean(values), INDIVIDUAL[name](ranges), estimators.mean(ranges), name


def _subgrouped(chart: str, groups: Subgroups, entering: Bools, estimator: str) -> tuple[float, float, float, str]:
    name = named(estimator or ("mean of R/d2(n)" if chart == "xbar-r" else "mean of S/c4(n)"))
    if name not in SUBGROUP:
        raise BadInput(f"{name} is for single values. For subgroups choose one of: {', '.join(SUBGROUP)}.")
    kept = groups if entering.all() else groups.only(entering)
    even = len(kept.sizes) > 0 and (kept.sizes == kept.sizes[0]).all()
    center = estimators.mean(kept.means, None if even else kept.sizes.astype(np.float64))
    sigma = SUBGROUP[name](kept)
    # With unequal sizes the textbooks call the root of the pooled variance S-bar (Montgomery 6.3.2).
    pooled = chart == "xbar-s" and name == POOLED
    spread = sigma if pooled else estimators.mean(kept.ranges if chart == "xbar-r" else kept.spreads())
    return center, sigma, spread, name


def _attribute(sample: Sample, entering: Bools, width: float) -> Limits:
    counts, sizes = sample.counts, sample.sizes
    count = int(entering.sum())
    exposure = float(sizes[entering].sum()) if count else 0.0
    rate = float(counts[entering].sum()) / exposure if exposure else None
    reasons = {} if rate is not None else {"center": "No point has a count and a size above zero."}
    if rate is not None and (rate == 0 or (rate == 1 and sample.chart in ("p", "np"))):
        reasons["violations"] = (
            "All counts are equal to their extreme: there is no variation to judge, rules are not run."
        )
    return Limits(sample.chart, rate, None, "", count, None, width, reasons)


def _why(sample: Sample, count: int, sigma: float) -> dict[str, str]:
    if count == 0:
        return {"center": "There is no value to estimate from.", "sigma": "There is no value to estimate from."}
    if math.isnan(sigma):
        return {
            "sigma": "No moving range exists: it needs two neighbouring values."
            if sample.groups is None
            else "No subgroup has two values: use an individuals chart (i-mr)."
        }
    if sigma == 0:
        return {"violations": "The values do not vary (sigma is 0), so the rules are not run."}
    return {}
