"""Trends in series whose neighbours are alike: Mann-Kendall with a corrected variance, Sen's slope with interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.autocorrelation import autocorrelations
from spc.trend import MannKendall, mann_kendall, sen_slope
from spc.values import BadInput, Floats, numbers, present

_MOST = 3000


@dataclass(frozen=True)
class CorrectedTrend:
    """Mann-Kendall with the variance that autocorrelated ranks have: correction n / n*, z and two-sided p.

    plain: the test without correction; lags: the lags whose rank autocorrelation was shown and entered.
    """

    s: int
    var_s: float
    correction: float
    z: float | None
    p: float | None
    lags: tuple[int, ...]
    plain: MannKendall


@dataclass(frozen=True)
class Slope:
    """Median slope per step with its interval at `confidence`, and the line's intercept at point 1 (unit of x)."""

    slope: float
    ci: tuple[float, float] | None
    intercept: float
    confidence: float
    reason: str = ""


def hamed_rao(x: Any, *, alpha: float = 0.05) -> CorrectedTrend:
    """Mann-Kendall test for autocorrelated data.

    In: n >= 3 values in order of time (None left out). Out: CorrectedTrend. Ranks of the values less Sen's slope;
    rank autocorrelations beyond z(1 - alpha/2) / sqrt(n) enter; var* = var (1 + 2 / (n (n-1) (n-2)) sum (n-k)(n-k-1)
    (n-k-2) r_k). A correction below 1 is kept, one that is not positive is refused and 1 used.
    Source: Hamed and Rao, J. Hydrology 204 (1998).
    """
    values = present(numbers(x))
    plain = mann_kendall(values)
    n = len(values)
    if n < 3 or plain.z is None:
        return CorrectedTrend(plain.s, plain.var_s, 1.0, plain.z, plain.p, (), plain)
    steady = values - sen_slope(values) * np.arange(1, n + 1)
    ranks: Floats = scipy.stats.rankdata(steady).astype(np.float64)
    r = autocorrelations(ranks, n - 1)
    bound = float(scipy.stats.norm.ppf(1 - alpha / 2)) / math.sqrt(n)
    k = np.arange(1, n)
    shown = np.abs(np.nan_to_num(r)) > bound
    weights = (n - k) * (n - k - 1.0) * (n - k - 2.0)
    factor = 1.0 + 2.0 / (n * (n - 1) * (n - 2)) * float(np.sum((weights * np.nan_to_num(r))[shown]))
    factor = factor if factor > 0 else 1.0
    variance = plain.var_s * factor
    z = (plain.s - int(np.sign(plain.s))) / math.sqrt(variance)
    return CorrectedTrend(
        plain.s, variance, factor, z, 2.0 * float(scipy.stats.norm.sf(abs(z))), tuple(k[shown].tolist()), plain
    )


def sen(x: Any, *, confidence: float = 0.95) -> Slope:
    """Sen's slope with the interval of Kendall's S, ties taken into account.

    In: n values at equal steps (None = gap). Out: Slope; the interval is the slopes of rank (N - C) / 2 and
    (N + C) / 2 + 1 of all N, C = z sqrt(Var S); None with the reason below four values and above 3000, where the slope
    comes from a sample of pairs. Source: Sen, JASA 63 (1968); Gilbert (1987), 16.5.
    """
    if not 0 < confidence < 1:
        raise BadInput("The confidence lies between 0 and 1, for example 0.95.")
    values, slope = numbers(x), sen_slope(x)
    place = np.flatnonzero(~np.isnan(values))
    intercept = float(np.median(values[place])) - slope * float(np.median(place))
    if not 4 <= len(place) <= _MOST:
        return Slope(slope, None, intercept, confidence, f"The interval needs 4 to {_MOST} values.")
    first, second = np.triu_indices(len(place), k=1)
    slopes = np.sort((values[place][second] - values[place][first]) / (place[second] - place[first]))
    reach = float(scipy.stats.norm.ppf(0.5 + confidence / 2)) * math.sqrt(mann_kendall(values).var_s)
    low = max(0, round((len(slopes) - reach) / 2) - 1)
    high = min(len(slopes) - 1, round((len(slopes) + reach) / 2))
    return Slope(slope, (float(slopes[low]), float(slopes[high])), intercept, confidence)
