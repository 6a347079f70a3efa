"""Charts with a memory: EWMA, CUSUM and moving average."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from spc import estimators
from spc.rules import NOISE, ROUNDING
from spc.values import BadInput, Bools, Floats, numbers


@dataclass(frozen=True)
class Smoothed:
    """A statistic per point with its limits, shape (n,) each; limits None where sigma is unknown, with the reason."""

    values: Floats
    center: float | None
    sigma: float | None
    ucl: Floats | None
    lcl: Floats | None
    violations: tuple[int, ...]
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cusum:
    """Tabular CUSUM, shape (n,) each, in the unit of the data: upper and lower sums, run lengths since zero, signals.

    h: decision interval; estimated_change_after: last point before the change that the first signal shows, None
    without.
    """

    c_plus: Floats
    c_minus: Floats
    n_plus: tuple[int, ...]
    n_minus: tuple[int, ...]
    h: float
    upper: tuple[int, ...]
    lower: tuple[int, ...]
    estimated_change_after: int | None


def basis(x: Floats, target: float | None, sigma: float | None) -> tuple[float, float]:
    """Target and sigma as given, else from the data.

    In: x shape (n,), target and sigma from 0 in its unit, None = estimate. Out: mean and mean moving range / d2(2)
    where not given, NaN when they do not exist. Raises BadInput. Source: Montgomery, Introduction to SQC, 6.4.
    """
    if sigma is not None and not sigma >= 0:
        raise BadInput("Sigma is a number from 0.")
    center = estimators.mean(x) if target is None else target
    return center, estimators.mean_moving_range(estimators.moving_ranges(x)) if sigma is None else sigma


def ewma(
    x: Any,
    *,
    weight: float = 0.2,
    width: float = 3.0,
    target: float | None = None,
    sigma: float | None = None,
    limits: Literal["exact", "asymptotic"] = "exact",
) -> Smoothed:
    """Exponentially weighted moving average z_i = weight x_i + (1 - weight) z_(i-1), started at the target.

    In: n values (None = gap: the average stands still there), weight in (0, 1], width of the limits in sigmas. Out:
    Smoothed; exact limits widen over the first points, asymptotic ones are constant.
    Source: Roberts, Technometrics 1 (1959); NIST e-Handbook 6.3.2.4; Montgomery 9.2.
    """
    if not 0 < weight <= 1:
        raise BadInput("The EWMA weight lambda lies above 0 and up to 1.")
    check_width(width)
    data = numbers(x)
    center, spread = basis(data, target, sigma)
    there = ~np.isnan(data)
    values, seen = np.full(len(data), np.nan), np.cumsum(there)
    values[there] = _smoothed(data[there], weight, center)
    growth = 1 - (1 - weight) ** (2 * seen) if limits == "exact" else np.ones(len(data))
    return bounded(values, center, spread, width * np.sqrt(weight / (2 - weight) * growth))


def check_width(width: float) -> None:
    """The width of limits is a number above 0.

    In: the width in sigmas. Out: nothing. Raises BadInput for anything else. Source: definition.
    """
    if not (math.isfinite(width) and width > 0):
        raise BadInput("Limits need a positive width, usually 3 sigmas.")


def _smoothed(x: Floats, weight: float, current: float) -> list[float]:
    """The recursion on plain floats: a loop over an array would take five times as long."""
    rest, found = 1 - weight, []
    for step in (weight * x).tolist():
        current = step + rest * current
        found.append(current)
    return found


def moving_average(
    x: Any, *, span: int, width: float = 3.0, target: float | None = None, sigma: float | None = None
) -> Smoothed:
    """Mean of the last `span` values, of those there are at the start; limits target +/- width sigma / sqrt(number).

    In: n values (None = gap, left out of the mean), span >= 1. Out: Smoothed. Source: Montgomery 9.3.
    """
    if span < 1:
        raise BadInput("A moving average needs a span of at least one point.")
    check_width(width)
    data = numbers(x)
    if not len(data):
        raise BadInput("There are no values: give at least one.")
    center, spread = basis(data, target, sigma)
    kernel = np.ones(min(span, len(data)))
    size = np.convolve(~np.isnan(data), kernel)[: len(data)]
    size = np.where(np.isnan(data) | (size == 0), np.nan, size)
    total = np.convolve(np.where(np.isnan(data), 0.0, data - center), kernel)[: len(data)]
    return bounded(center + total / size, center, spread, width / np.sqrt(size))


def bounded(values: Floats, center: float, sigma: float, reach: Floats) -> Smoothed:
    """Limits center +/- reach * sigma and the points strictly beyond them.

    In: values (n,), centre and sigma in their unit, reach (n,) in sigmas. Out: Smoothed; no signals where sigma is 0,
    no limits where it does not exist, with the reason. Source: Montgomery, Introduction to SQC, chapter 9.
    """
    if not math.isfinite(center) or not math.isfinite(sigma):
        why = "There is not enough data to estimate the centre and sigma."
        return Smoothed(values, None, None, None, None, (), dict.fromkeys(("ucl", "lcl", "center", "sigma"), why))
    out: Bools = np.abs(values - center) > reach * sigma + NOISE * sigma + ROUNDING * abs(center)
    reasons = {} if sigma > 0 else {"violations": "Sigma is 0: the limits have no width and no point is judged."}
    beyond = tuple((np.flatnonzero(out) + 1).tolist()) if sigma > 0 else ()
    return Smoothed(values, center, sigma, center + reach * sigma, center - reach * sigma, beyond, reasons)


def cusum(x: Any, *, target: float, k: float, h: float, head_start: float = 0.0) -> Cusum:
    """Two-sided tabular CUSUM: C+ = max(0, x - (target + k) + C+), C- = max(0, (target - k) - x + C-).

    In: n values (None = gap: the sums stand still), target, reference value k, decision interval h and head start, all
    in the unit of the data. Out: Cusum; a sum strictly above h signals.
    Source: Page, Biometrika 41 (1954); Lucas and Crosier, Technometrics 24 (1982); NIST e-Handbook 6.3.2.3.
    """
    if not (k >= 0 and h > 0 and head_start >= 0):
        raise BadInput("A CUSUM needs k from 0, h above 0 and a head start from 0.")
    data = numbers(x)
    noise = NOISE * h + ROUNDING * abs(target)
    plus, runs_up = _sums(data - target - k, head_start, noise)
    minus, runs_down = _sums(target - k - data, head_start, noise)
    limit = h + noise
    upper, lower = (tuple((np.flatnonzero(c > limit) + 1).tolist()) for c in (plus, minus))
    first = min(
        [(points[0], run[points[0] - 1]) for points, run in ((upper, runs_up), (lower, runs_down)) if points],
        default=None,
    )
    return Cusum(plus, minus, runs_up, runs_down, h, upper, lower, None if first is None else first[0] - first[1])


def _sums(steps: Floats, start: float, noise: float) -> tuple[Floats, tuple[int, ...]]:
    sums, runs, current, run = [], [], start, 0
    for step in steps.tolist():
        if step == step:  # noqa: PLR0124 - a gap is no number
            current = max(0.0, current + step)
        run = run + 1 if current > noise else 0
        sums.append(current)
        runs.append(run)
    return np.array(sums, dtype=np.float64), tuple(runs)
