"""Has it moved? Change points and monotone trends of a series."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.values import BadInput, Floats, numbers, present

_EXACT = 3000
_PAIRS = 2_000_000


@dataclass(frozen=True)
class Pettitt:
    """Pettitt's statistic K, its approximate p, and the last point (from 1) before the change (None: no variation)."""

    k: float
    p: float
    last_before_change: int | None


@dataclass(frozen=True)
class MeanShift:
    """Best split into two levels by least squares: the last point (from 1) of the first, and both means.

    All None where the values do not vary.
    """

    last_before_change: int | None
    mean_before: float | None
    mean_after: float | None


@dataclass(frozen=True)
class MannKendall:
    """Mann-Kendall S, its variance under no trend, z with continuity correction, two-sided p (None: no variation)."""

    s: int
    var_s: float
    z: float | None
    p: float | None


def _series(x: Any, least: int) -> Floats:
    values = present(numbers(x))
    if len(values) < least:
        raise BadInput(f"This needs at least {least} values, there are {len(values)}.")
    return values


def pettitt(x: Any) -> Pettitt:
    """Rank test for one change of level at an unknown point.

    In: n values in order of time (None = gap, kept in its place). Out: Pettitt, p = 2 exp(-6 K^2 / (n^3 + n^2)), at
    most 1. Source: Pettitt, Applied Statistics 28 (1979).
    """
    values = _series(x, 2)
    n = len(values)
    u = np.abs(2.0 * np.cumsum(scipy.stats.rankdata(values)) - np.arange(1, n + 1) * (n + 1))[:-1]
    k = float(u.max())
    change = None if np.ptp(values) == 0 else _point(x, int(u.argmax()))
    return Pettitt(k, min(1.0, 2.0 * math.exp(-6.0 * k * k / (n**3 + n**2))), change)


def _point(x: Any, order: int) -> int:
    """The number (from 1) on the chart of the value that comes at this place (from 0) among those that exist."""
    return int(np.flatnonzero(~np.isnan(numbers(x)))[order]) + 1


def mean_shift(x: Any) -> MeanShift:
    """The split into two stretches with the least sum of squared deviations from their means, in n steps.

    In: n values in order of time (None = gap, kept in its place). Out: MeanShift in the unit of x. Source: Hawkins,
    JASA 72 (1977).
    """
    values = _series(x, 2)
    if np.ptp(values) == 0:
        return MeanShift(None, None, None)
    n, centred = len(values), values - values.mean()
    left, size = np.cumsum(centred)[:-1], np.arange(1, n)
    gain = left**2 / size + left**2 / (n - size)
    cut = int(gain.argmax()) + 1
    return MeanShift(_point(x, cut - 1), float(values[:cut].mean()), float(values[cut:].mean()))


def mann_kendall(x: Any) -> MannKendall:
    """Rank test for a monotone trend, ties taken into account, in n log n.

    In: n values in order of time (None left out). Out: MannKendall.
    Source: Mann, Econometrica 13 (1945); Kendall, Rank Correlation Methods (1975).
    """
    values = _series(x, 2)
    n = len(values)
    ties = np.unique(values, return_counts=True)[1].astype(np.float64)
    pairs, tied = n * (n - 1) / 2, float(np.sum(ties * (ties - 1) / 2))
    tau = 0.0 if pairs == tied else float(scipy.stats.kendalltau(np.arange(n), values).statistic)
    s = round(tau * math.sqrt(pairs * (pairs - tied)))
    variance = (n * (n - 1) * (2 * n + 5) - float(np.sum(ties * (ties - 1) * (2 * ties + 5)))) / 18
    if variance <= 0:
        return MannKendall(s, max(0.0, variance), None, None)
    z = (s - int(np.sign(s))) / math.sqrt(variance)
    return MannKendall(s, variance, z, 2.0 * float(scipy.stats.norm.sf(abs(z))))


def sen_slope(x: Any) -> float:
    """Median slope of all pairs of points, per step; above 3000 points of 2 million pairs drawn with a fixed seed.

    In: n values at equal steps (None = gap). Out: unit of x per step. Source: Sen, JASA 63 (1968).
    """
    values = numbers(x)
    place = np.flatnonzero(~np.isnan(values))
    if len(place) < 2:
        raise BadInput("A slope needs at least two values.")
    if len(place) <= _EXACT:
        first, second = np.triu_indices(len(place), k=1)
    else:
        rng = np.random.default_rng(len(place))
        first, second = rng.integers(0, len(place), (2, _PAIRS))
        first, second = first[first != second], second[first != second]
    a, b = place[first], place[second]
    return float(np.median((values[b] - values[a]) / (b - a)))
