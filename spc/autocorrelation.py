"""Dependence between neighbouring values: the lag-one coefficient, its warning, and the sample size that is left."""

from __future__ import annotations

import math

import numpy as np

from spc.values import Floats, present


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

    In: x shape (n,), NaN = gap. Limits from moving ranges are then too narrow. Source: Box, Jenkins and Reinsel,
    chapter 2.
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
