"""How sure the capability of a fitted distribution is: intervals of Pp and Ppk from the curvature of the likelihood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.capability import Spec
from spc.families import REGULAR, Frozen
from spc.shapes import fit
from spc.values import BadInput, Floats, numbers, present

_STEP = 1e-4
_PLACES = ("mu", "location")
Interval = tuple[float, float]


@dataclass(frozen=True)
class ShapeIntervals:
    """Intervals at `confidence` of the indices of the percentile method; None = absent, with the reason."""

    confidence: float
    pp: Interval | None
    ppk: Interval | None
    reasons: Mapping[str, str] = field(default_factory=dict)


def shape_intervals(x: Any, spec: Spec, *, distribution: str, confidence: float = 0.95) -> ShapeIntervals:
    """Intervals of the capability of a fitted distribution, by the delta method.

    In: n values, a Spec in their unit, a distribution of spc.shapes.fit, the confidence in (0, 1). Out: ShapeIntervals;
    absent for a distribution with a threshold, whose likelihood is not smooth there, and where the curvature cannot be
    told. Raises BadInput as fit(). Source: Meeker and Escobar, Statistical Methods for Reliability Data (1998),
    section 8.4 (variance of a function of the estimates from the observed information).
    """
    if not 0 < confidence < 1:
        raise BadInput("The confidence lies between 0 and 1, for example 0.95.")
    values, found = present(numbers(x)), fit(x, distribution)
    build = REGULAR.get(distribution)
    if build is None:
        return _absent(confidence, "A distribution with a threshold gives no interval: its likelihood is not smooth.")
    names = tuple(found.parameters)
    at = np.array([found.parameters[name] for name in names])
    scale = next(value for name, value in found.parameters.items() if name not in _PLACES)
    steps = _STEP * np.array([scale if name in _PLACES else abs(found.parameters[name]) for name in names])

    def frozen(point: Floats) -> Frozen:
        return build(dict(zip(names, point.tolist(), strict=True)))

    spread = _covariance(lambda point: float(np.sum(frozen(point).logpdf(values))), at, steps)
    if spread is None:
        return _absent(confidence, "The likelihood is too flat to tell how sure the fit is.")
    reach = float(scipy.special.ndtri(0.5 + confidence / 2))

    def index(place: int) -> Interval | None:
        return _interval(lambda point: _indices(frozen(point), spec)[place], at, steps, spread, reach)

    ends = index(0), index(1)
    reasons = {} if ends[0] else {"pp_ci": "The specification has one limit only."}
    return ShapeIntervals(confidence, ends[0], ends[1], reasons)


def _absent(confidence: float, why: str) -> ShapeIntervals:
    return ShapeIntervals(confidence, None, None, {"pp_ci": why, "ppk_ci": why})


def _indices(shape: Frozen, spec: Spec) -> tuple[float | None, float]:
    """Pp and Ppk of the percentile method."""
    low, middle, high = (float(q) for q in shape.ppf([0.00135, 0.5, 0.99865]))
    sides = [] if spec.usl is None else [(spec.usl - middle) / (high - middle)]
    sides += [] if spec.lsl is None else [(middle - spec.lsl) / (middle - low)]
    both = None if spec.usl is None or spec.lsl is None else (spec.usl - spec.lsl) / (high - low)
    return both, min(sides)


def _covariance(likelihood: Callable[[Floats], float], at: Floats, steps: Floats) -> Floats | None:
    """Inverse of the observed information, by central differences; None where it is no covariance."""
    count = len(at)
    curved, unit = np.empty((count, count)), np.diag(steps)
    for i in range(count):
        for j in range(i, count):
            signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
            total = sum(a * b * likelihood(at + a * unit[i] + b * unit[j]) for a, b in signs)
            curved[i, j] = curved[j, i] = -total / (4 * steps[i] * steps[j])
    if not np.isfinite(curved).all() or np.linalg.eigvalsh(curved).min() <= 0:
        return None
    return np.asarray(np.linalg.inv(curved), dtype=np.float64)


def _interval(
    index: Callable[[Floats], float | None], at: Floats, steps: Floats, spread: Floats, reach: float
) -> Interval | None:
    value = index(at)
    if value is None:
        return None
    slopes = np.array([((index(at + move) or 0.0) - (index(at - move) or 0.0)) for move in np.diag(steps)]) / (
        2 * steps
    )
    error = float(np.sqrt(slopes @ spread @ slopes))
    return value - reach * error, value + reach * error
