"""Within-process standard deviation from subgroups or moving ranges, every estimator by name."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from spc.constants import c4, c5, d2, d3, d4
from spc.values import BadInput, Bools, Floats, Ints, present, table

_BLOCK = 8192


@dataclass(frozen=True)
class Subgroups:
    """Size, mean, range and standard deviation of each subgroup, shape (k,) each; NaN where they do not exist."""

    sizes: Ints
    means: Floats
    ranges: Floats
    stds: Floats | None = None

    def only(self, keep: Bools) -> Subgroups:
        """The subgroups where `keep` (shape (k,)) is true."""
        return Subgroups(
            self.sizes[keep], self.means[keep], self.ranges[keep], None if self.stds is None else self.stds[keep]
        )

    def spreads(self) -> Floats:
        """Standard deviations of the subgroups. Raises BadInput when they were not computed."""
        if self.stds is None:
            raise BadInput("Standard deviations of the subgroups were not computed.")
        return self.stds


def summarise(rows: object, *, stds: bool = True) -> Subgroups:
    """Subgroup statistics of rows of readings, missing readings left out.

    In: rows (k, n) array or list of rows (None or NaN = missing, rows may differ in length); stds=False skips the
    standard deviations. Out: Subgroups; an empty subgroup has size 0 and NaN, a single value no range and no spread.
    Raises BadInput with row and column. Standard deviations by two passes, so large offsets do no harm.
    Source: Chan, Golub and LeVeque, American Statistician 37 (1983).
    """
    data = table(rows)
    if not len(data) or not data.shape[1]:
        raise BadInput("There are no readings: give at least one subgroup.")
    means, ranges = _full(data)
    sizes: Ints = np.full(len(data), data.shape[1], dtype=np.int64)
    broken: Bools = np.isnan(means) | (data.shape[1] < 2)
    if broken.any():
        part = _gappy(data[broken])
        sizes[broken], means[broken], ranges[broken] = part
    return Subgroups(sizes, means, ranges, _stds(data, means, ranges, sizes) if stds else None)


def _full(data: Floats) -> tuple[Floats, Floats]:
    """Means and ranges, block by block and column by column: an order of magnitude faster than along short rows."""
    means, ranges = np.empty(len(data)), np.empty(len(data))
    for start in range(0, len(data), _BLOCK):
        block = np.ascontiguousarray(data[start : start + _BLOCK].T)
        stop = start + block.shape[1]
        low, high, total = block[0].copy(), block[0].copy(), block[0].copy()
        for column in block[1:]:
            np.minimum(low, column, out=low)
            np.maximum(high, column, out=high)
            np.add(total, column, out=total)
        np.divide(total, len(block), out=means[start:stop])
        np.subtract(high, low, out=ranges[start:stop])
    return means, ranges


def _gappy(data: Floats) -> tuple[Ints, Floats, Floats]:
    seen = ~np.isnan(data)
    sizes: Ints = seen.sum(axis=1).astype(np.int64)
    with np.errstate(invalid="ignore"):
        means = np.where(seen, data, 0.0).sum(axis=1) / np.where(sizes > 0, sizes, np.nan)
        spans = np.where(seen, data, -np.inf).max(axis=1) - np.where(seen, data, np.inf).min(axis=1)
    return sizes, means, np.where(sizes > 1, spans, np.nan)


def _stds(data: Floats, means: Floats, ranges: Floats, sizes: Ints) -> Floats:
    deviations = data - means[:, None]
    squares = np.nansum(deviations * deviations, axis=1)
    stds: Floats = np.sqrt(squares / np.where(sizes > 1, sizes - 1, np.nan))
    return np.where(ranges == 0, 0.0, stds)  # equal readings have no spread, whatever their mean rounds to


def per_size(function: Callable[[int], float], sizes: Ints) -> Floats:
    """A constant for each subgroup size.

    In: function of n, sizes shape (k,). Out: shape (k,), NaN below two. Source: definition.
    """
    if len(sizes) and (sizes == sizes[0]).all():
        return np.full(len(sizes), function(int(sizes[0])) if sizes[0] > 1 else np.nan)
    distinct, index = np.unique(sizes, return_inverse=True)
    values: Floats = np.array([function(int(n)) if n > 1 else np.nan for n in distinct])
    return values[index]


def mean_range(groups: Subgroups) -> float:
    """Mean of R_i / d2(n_i).

    In: Subgroups. Out: sigma in the unit of the readings, NaN without a subgroup of two.
    Source: Montgomery, Introduction to SQC, 6.2.
    """
    return mean(groups.ranges / per_size(d2, groups.sizes))


def mean_std(groups: Subgroups) -> float:
    """Mean of S_i / c4(n_i).

    In: Subgroups. Out: sigma in the unit of the readings, NaN without a subgroup of two. Source: Montgomery 6.3.
    """
    return mean(groups.spreads() / per_size(c4, groups.sizes))


def minimum_variance_range(groups: Subgroups) -> float:
    """Weighted mean of R_i / d2(n_i), weights d2^2 / d3^2.

    In: Subgroups. Out: sigma or NaN. Source: Burr, J. Quality Technology 1 (1969).
    """
    center, spread = per_size(d2, groups.sizes), per_size(d3, groups.sizes)
    return mean(groups.ranges / center, (center / spread) ** 2)


def minimum_variance_std(groups: Subgroups) -> float:
    """Weighted mean of S_i / c4(n_i), weights c4^2 / (1 - c4^2).

    In: Subgroups. Out: sigma or NaN. Source: Burr, J. Quality Technology 1 (1969).
    """
    center, spread = per_size(c4, groups.sizes), per_size(c5, groups.sizes)
    return mean(groups.spreads() / center, (center / spread) ** 2)


def degrees_of_freedom(groups: Subgroups) -> int:
    """Sum of n_i - 1 over subgroups that have a spread; an empty subgroup adds nothing.

    In: Subgroups. Out: whole number from 0. Source: Montgomery 6.3.2.
    """
    return int(np.sum(np.maximum(groups.sizes - 1, 0)))


def pooled(groups: Subgroups) -> float:
    """Root of the pooled variance, sum (n_i-1) S_i^2 / sum (n_i-1), not corrected for bias.

    In: Subgroups. Out: sigma or NaN. Source: Burr, Statistical Quality Control Methods (1976).
    """
    freedom = degrees_of_freedom(groups)
    weighted = np.nansum(np.maximum(groups.sizes - 1, 0) * groups.spreads() ** 2)
    return math.sqrt(float(weighted) / freedom) if freedom else math.nan


def pooled_unbiased(groups: Subgroups) -> float:
    """Pooled standard deviation divided by c4(df + 1), the usual default of commercial software.

    In: Subgroups. Out: sigma or NaN. Source: Burr, Statistical Quality Control Methods (1976).
    """
    freedom = degrees_of_freedom(groups)
    return pooled(groups) / c4(freedom + 1) if freedom else math.nan


def mean_moving_range(ranges: Floats, *, span: int = 2) -> float:
    """Mean of the moving ranges that exist / d2(span).

    In: ranges (k,), NaN = none, span of one range in points. Out: sigma or NaN. Source: Montgomery 6.4.
    """
    return mean(ranges) / d2(span)


def median_moving_range(ranges: Floats, *, span: int = 2) -> float:
    """Median of the moving ranges that exist / d4(span), robust to single shocks.

    In: ranges (k,), NaN = none, span of one range in points. Out: sigma or NaN. Source: Wheeler 1995.
    """
    existing = present(ranges)
    return float(np.median(existing)) / d4(span) if len(existing) else math.nan


def moving_ranges(x: Floats, *, breaks: tuple[int, ...] = ()) -> Floats:
    """|x_i - x_(i-1)| where both neighbours exist, else NaN.

    In: x shape (n,), NaN = gap; breaks = point numbers (from 1) that start afresh, such as the first of a stage.
    Out: shape (n,), the first is NaN.
    Source: Montgomery 6.4.
    """
    ranges = np.full(len(x), np.nan)
    ranges[1:] = np.abs(np.diff(x))
    ranges[[point - 1 for point in breaks if 1 <= point <= len(x)]] = np.nan
    return ranges


def mean(values: Floats, weights: Floats | None = None) -> float:
    """Weighted mean of the values that exist, centred first so that equal values give exactly that value.

    In: values (n,), NaN = gap, weights (n,) or None. Out: their unit, NaN when there is none. Source: definition.
    """
    keep = ~np.isnan(values)
    if not keep.all():
        values, weights = values[keep], None if weights is None else weights[keep]
    if not len(values):
        return math.nan
    first = float(values[0])
    return first + float(np.average(values - first, weights=weights))


SUBGROUP: dict[str, Callable[[Subgroups], float]] = {
    "mean of R/d2(n)": mean_range,
    "mean of S/c4(n)": mean_std,
    "minimum-variance R": minimum_variance_range,
    "minimum-variance S": minimum_variance_std,
    "pooled, uncorrected": pooled,
    "pooled / c4(df+1)": pooled_unbiased,
}
INDIVIDUAL: dict[str, Callable[[Floats], float]] = {
    "mean moving range": mean_moving_range,
    "median moving range": median_moving_range,
}
_SHORT = {
    "mean of R/d2(n)": ("rbar/d2", "meanr", "meanr/d2", "meanrange", "rbar", "r", "uwaver"),
    "mean of S/c4(n)": ("sbar/c4", "means", "means/c4", "sbar", "s", "uwavesd"),
    "minimum-variance R": ("minimumvariancerange", "mvr", "mvluer"),
    "minimum-variance S": ("minimumvariancestd", "mvs", "mvluesd"),
    "pooled, uncorrected": ("pooleduncorrected", "pooledstd"),
    "pooled / c4(df+1)": ("pooled", "pooled/c4", "pooledunbiased", "rmsdf"),
    "mean moving range": (
        "mrbar/d2",
        "mr",
        "mrbar",
        "meanmr",
        "mr/d2",
        "movingrange",
        "movingrange/d2",
        "meanmovingrange/d2",
        "averagemovingrange",
    ),
    "median moving range": ("medianmr", "medianmr/d4", "medianmovingrange/d4", "medianmr/0.954"),
}


def _bare(name: str) -> str:
    """A name without case, blanks, signs and the subgroup size in brackets."""
    return re.sub(r"\((n|2|df ?\+ ?1)\)|[\s_,-]|\bof\b", "", name.lower())


_KNOWN = {_bare(short): full for full, shorts in _SHORT.items() for short in (full, *shorts)}


@cache
def named(name: str) -> str:
    """The full name of an estimator asked for by full or short name.

    In: a name; case, blanks and hyphens do not matter; "pooled" is the unbiased pooled estimator, "pooled-uncorrected"
    the plain one. Out: a key of SUBGROUP or INDIVIDUAL. Raises BadInput. Source: the names of the reference cases.
    """
    full = _KNOWN.get(_bare(name))
    if full is None:
        raise BadInput(f"There is no sigma estimator {name!r}. Known: {', '.join((*SUBGROUP, *INDIVIDUAL))}.")
    return full
