"""Short production runs: several products on one chart, as deviations from nominal or standardised."""

from __future__ import annotations

from typing import Any

import numpy as np

from spc import estimators
from spc.charts.timeweighted import Smoothed, bounded, check_width
from spc.values import BadInput, Floats, numbers


def short_run(x: Any, *, nominal: Any, sigma: Any = None, width: float = 3.0) -> Smoothed:
    """Deviations x - nominal, divided by sigma where each product's sigma is given.

    In: n values (None = gap), nominal and sigma one for all or one for each value. Out: Smoothed: without sigma
    deviations around their mean with moving-range limits; with sigma standardised values, centre 0, limits +/- width.
    Source: Montgomery, Introduction to SQC, 10.1; Bothe, Quality (1989).
    """
    check_width(width)
    values = numbers(x)
    deviations = values - _each(nominal, len(values), "nominal")
    if sigma is None:
        return bounded(deviations, *_estimates(deviations), np.full(len(values), width))
    spread = _each(sigma, len(values), "sigma")
    if (spread <= 0).any():
        raise BadInput("Standardising needs a sigma above 0 for every product.")
    return bounded(deviations / spread, 0.0, 1.0, np.full(len(values), width))


def _estimates(values: Floats) -> tuple[float, float]:
    return estimators.mean(values), estimators.mean_moving_range(estimators.moving_ranges(values))


def _each(value: Any, count: int, name: str) -> Floats:
    result = np.full(count, float(value)) if isinstance(value, (int, float)) else numbers(value, name=name)
    if len(result) != count:
        raise BadInput(
            f"There are {count} values but {len(result)} entries of {name}: give one for all or one for each."
        )
    return result
