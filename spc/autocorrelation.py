"""Dependence between neighbouring values: coefficients by lag, their test and warning, the sample size that is left."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.values import Floats, numbers, present


def lag_one(x: Floats) -> float | None:
    """Lag-one autocorrelation: sum (x_i - m)(x_(i+1) - m) / sum (x_i - m)^2.

    In: x shape (n,), NaN = gap (pairs across a gap are left out). Out: -1..1, None below three values or without
    variation. Source: Box, Jenkins and Reinsel, Time Series Analysis, chapter 2; NIST e-Handbook 1.3.3.1.
    """
    values = present(x)
    if len(values) < 3 or np.ptp(values) == 0:
        return None
    deviations = x - values.mean()
    return float(np.nansum(deviations[1:] * deviations[:-1]) / np.nansum(deviations * deviations))


def warns(x: Floats) -> bool:
    """Whether the lag-one autocorrelation lies beyond 1.96 / sqrt(n), the 95 % band of independent values.

    In: x shape (n,), NaN = gap. Out: true where limits from moving ranges are too narrow (or too wide).
    Source: Box, Jenkins and Reinsel, chapter 2.
    """
    coefficient = lag_one(x)
    return coefficient is not None and abs(coefficient) > 1.96 / math.sqrt(len(present(x)))


def effective_size(x: Floats) -> float:
    """How many independent values these are worth: n (1 - r) / (1 + r) for positive lag-one correlation r that shows.

    In: x shape (n,). Out: 1..n; n itself where no positive autocorrelation shows.
    Source: Bayley and Hammersley, J. Royal Statistical Society Suppl. 8 (1946), first-order case.
    """
    size, coefficient = len(present(x)), lag_one(x)
    if coefficient is None or coefficient <= 0 or not warns(x):
        return float(size)
    return max(1.0, size * (1.0 - coefficient) / (1.0 + coefficient))


@dataclass(frozen=True)
class LjungBox:
    """Portmanteau test that the first `lags` autocorrelations are zero: Q, degrees of freedom and p; r per lag."""

    q: float | None
    lags: int
    p: float | None
    r: Floats
    reason: str = ""


def autocorrelations(x: Floats, lags: int) -> Floats:
    """Autocorrelations r_1 to r_lags, sum (x_i - m)(x_(i+k) - m) / sum (x_i - m)^2.

    In: x shape (n,), NaN = gap (pairs across a gap are left out), lags >= 1 and below n. Out: shape (lags,), NaN
    without variation. Source: Box, Jenkins and Reinsel, Time Series Analysis, chapter 2.
    """
    kept = present(x)
    if not len(kept) or np.ptp(kept) == 0:
        return np.full(lags, np.nan)
    away = np.nan_to_num(x - kept.mean(), nan=0.0)
    # einsum, not a product of vectors: on long series that would wait for the threads of a busy machine
    sums = [np.einsum("i,i->", away[k:], away[: len(away) - k]) for k in range(lags + 1)]
    found: Floats = np.array(sums[1:]) / sums[0]
    return found


def ljung_box(x: Any, *, lags: int | None = None, fitted: int = 0) -> LjungBox:
    """Test of autocorrelation over several lags: Q = n (n + 2) sum r_k^2 / (n - k), chi-square with lags - fitted.

    In: n values in order of time (None = gap); lags default min(10, n / 5); fitted = parameters of a model whose
    residuals these are. Out: LjungBox; None with a reason below four values or without variation.
    Source: Ljung and Box, Biometrika 65 (1978).
    """
    values = numbers(x)
    n = len(present(values))
    count = max(1 + fitted, min(10, n // 5)) if lags is None else lags
    if n < 4 or count >= n or count <= fitted or np.ptp(present(values)) == 0:
        why = "The test needs at least four values that vary, more values than lags, and more lags than parameters."
        return LjungBox(None, count, None, np.empty(0), why)
    r = autocorrelations(values, count)
    q = n * (n + 2) * float(np.sum(r * r / (n - np.arange(1, count + 1))))
    return LjungBox(q, count, float(scipy.stats.chi2.sf(q, count - fitted)), r)
