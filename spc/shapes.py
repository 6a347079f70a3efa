"""Capability and transformation of data that are not normal: fitted distributions and Box-Cox."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.capability import Spec
from spc.families import FAMILIES, POSITIVE, Frozen
from spc.values import BadInput, Floats, numbers, present


@dataclass(frozen=True)
class Shape:
    """A fitted distribution: its name, parameters, log likelihood, and the quantiles that bound 99.73 % of it.

    aic: Akaike's criterion, anderson_darling: distance from the data; both the smaller the better.
    """

    distribution: str
    parameters: Mapping[str, float]
    log_likelihood: float
    aic: float
    anderson_darling: float
    p00135: float
    p50: float
    p99865: float


@dataclass(frozen=True)
class ShapedCapability:
    """Capability of a fitted distribution: percentile method (pp ppl ppu ppk) and Z method; PPM expected from the fit.

    None where a limit or the spread is missing. normal_theory_ppk: what Ppk would be if normality were assumed.
    """

    shape: Shape
    pp: float | None
    ppl: float | None
    ppu: float | None
    ppk: float | None
    ppk_z_method: float | None
    normal_theory_ppk: float | None
    expected_ppm_above: float | None
    expected_ppm_below: float | None
    reasons: Mapping[str, str]


def fit(x: Any, distribution: str) -> Shape:
    """Maximum likelihood fit of a distribution.

    In: n values (None left out; above 0 for those that start at zero); distribution: weibull, gamma (shape, scale),
    lognormal (mu, sigma of the logarithm), exponential (scale), loglogistic, logistic, smallest- and
    largest-extreme-value (location, scale), normal (mu, sigma); weibull-3, lognormal-3, gamma-3 add a threshold. Out:
    Shape. Raises BadInput. Source: Meeker and Escobar, Statistical Methods for Reliability Data (1998), chapter 8.
    """
    values = present(numbers(x))
    if distribution not in FAMILIES:
        raise BadInput(f"not supported: distribution {distribution!r}. Known: {', '.join(FAMILIES)}.")
    if len(values) < 2 or np.ptp(values) == 0:
        raise BadInput("A distribution cannot be fitted to fewer than two different values.")
    if distribution in POSITIVE:
        _positive(x)
    frozen, parameters = FAMILIES[distribution](values)
    low, middle, high = (float(q) for q in frozen.ppf([0.00135, 0.5, 0.99865]))
    likelihood = float(np.sum(frozen.logpdf(values)))
    aic = 2.0 * len(parameters) - 2.0 * likelihood
    return Shape(distribution, parameters, likelihood, aic, _distance(values, frozen), low, middle, high)


def _distance(values: Floats, frozen: Frozen) -> float:
    """Anderson-Darling distance A squared between data and fit: the smaller, the better (no p-value is implied)."""
    n, ordered = len(values), np.sort(values)
    with np.errstate(divide="ignore"):
        below = np.log(np.maximum(frozen.cdf(ordered), 1e-300))
        above = np.log(np.maximum(frozen.sf(ordered[::-1]), 1e-300))
    return -n - float(np.mean((2 * np.arange(1, n + 1) - 1) * (below + above)))


def ranked(x: Any, *, names: tuple[str, ...] = ()) -> list[Shape]:
    """Every distribution that these values allow, the best first by Akaike's criterion.

    In: n values (None left out), names of fit() (default all). Out: Shapes by rising aic. Raises BadInput when none can
    be fitted. Source: Akaike, IEEE Trans. Automatic Control 19 (1974).
    """
    positive = bool(len(present(numbers(x)))) and float(present(numbers(x)).min()) > 0
    asked = names or tuple(FAMILIES)
    found = [fit(x, name) for name in asked if positive or name not in POSITIVE]
    if not found:
        raise BadInput("Values at or below zero fit none of these distributions.")
    return sorted(found, key=lambda shape: shape.aic)


def _positive(x: Any) -> None:
    values = numbers(x)
    if (values <= 0).any():
        raise BadInput(
            f"x, entry {int(np.argmax(values <= 0)) + 1} is not above 0. Shift the data or choose another way."
        )


def capability_of(x: Any, spec: Spec, *, distribution: str) -> ShapedCapability:
    """Capability by the quantiles of a fitted distribution.

    In: n values, a Spec, a distribution of fit(). Out: ShapedCapability. Percentile method: pp = (USL - LSL) / (p99.865
    - p0.135), ppu = (USL - median) / (p99.865 - median), ppl likewise. Z method: -Phi^-1 of the larger tail share / 3.
    Source: Clements, Quality Progress 22 (1989); ISO 22514-4.
    """
    shape = fit(x, distribution)
    if not (shape.p00135 < shape.p50 < shape.p99865 < math.inf and present(numbers(x)).std(ddof=1) > 0):
        raise BadInput("The fitted curve has no width that numbers can tell: give the values in a smaller unit.")
    frozen = FAMILIES[distribution](present(numbers(x)))[0]
    ppu = None if spec.usl is None else (spec.usl - shape.p50) / (shape.p99865 - shape.p50)
    ppl = None if spec.lsl is None else (shape.p50 - spec.lsl) / (shape.p50 - shape.p00135)
    both = spec.usl is not None and spec.lsl is not None
    pp = (spec.usl - spec.lsl) / (shape.p99865 - shape.p00135) if both else None  # type: ignore[operator]  # both are set
    above = None if spec.usl is None else float(frozen.sf(spec.usl))
    below = None if spec.lsl is None else float(frozen.cdf(spec.lsl))
    sides = [-float(scipy.stats.norm.ppf(tail)) / 3 for tail in (above, below) if tail is not None]
    z = min(sides) if math.isfinite(min(sides)) else None
    reasons = {
        name: "The specification has one limit only."
        for name, v in (("pp", pp), ("ppl", ppl), ("ppu", ppu))
        if v is None
    }
    if z is None:
        reasons["ppk_z_method"] = "The fitted distribution never reaches the limit."
    return ShapedCapability(
        shape,
        pp,
        ppl,
        ppu,
        min(v for v in (ppl, ppu) if v is not None),
        z,
        _normal(present(numbers(x)), spec),
        None if above is None else 1e6 * above,
        None if below is None else 1e6 * below,
        reasons,
    )


def _normal(values: Floats, spec: Spec) -> float:
    """Ppk as if the values were normal."""
    mean, spread = float(values.mean()), 3 * float(values.std(ddof=1))
    upper = math.inf if spec.usl is None else (spec.usl - mean) / spread
    return min(upper, math.inf if spec.lsl is None else (mean - spec.lsl) / spread)


@dataclass(frozen=True)
class BoxCox:
    """The power that makes the data most normal, and the profile log likelihood at some powers.

    at_bound: the likelihood still rises at the end of the range searched, -5 to 5, as it does for values that spread
    little about their level, which hardly any power changes.
    """

    power: float
    log_likelihood: Mapping[float, float]
    at_bound: bool = False


_LEAST, _GREATEST = -5.0, 5.0
_TERMS = np.array([(k - 1) / math.factorial(k) for k in range(2, 14)])
_SMALL = 0.1


def _tilt(power: float, away: Floats) -> float:
    """Minus the covariance of the transformed values with their slope in the power: the sign of the likelihood's."""
    reach = power * away
    if np.abs(reach).max() < _SMALL:  # here the difference of exponentials has no digits left
        curved = away if power == 0 else np.expm1(reach) / power
        slope = away * away * np.polynomial.polynomial.polyval(reach, _TERMS)
    else:
        curved = np.expm1(reach) / power
        slope = (away * np.exp(reach) - curved) / power
    scale = float(np.abs(slope).max()) or 1.0
    return -float(np.mean((curved - curved.mean()) * (slope / scale - (slope / scale).mean())))


def box_cox(x: Any, *, at: tuple[float, ...] = (-1.0, -0.5, 0.0, 0.3, 0.5, 1.0)) -> BoxCox:
    """Maximum likelihood power of (x^p - 1) / p, ln x at 0, between -5 and 5.

    In: n values > 0 (None left out). Out: BoxCox. Raises BadInput naming the first value that is not above 0. Computed
    on values divided by their geometric mean, which moves no power and keeps the digits of values that spread little.
    Source: Box and Cox, J. Royal Statistical Society B 26 (1964).
    """
    _positive(x)
    values = present(numbers(x))
    if len(values) < 3 or np.ptp(values) == 0:
        raise BadInput("Box-Cox needs at least three values that vary.")
    level = float(np.log(values).mean())
    away = np.log(values) - level

    def likelihood(power: float) -> float:
        curved = away if power == 0 else np.expm1(power * away) / power
        return -len(values) * (level + 0.5 * math.log(max(float(curved.var()), 1e-300)))

    grid = np.linspace(_LEAST, _GREATEST, 41)
    place = int(np.argmax([likelihood(float(power)) for power in grid]))
    ends = (float(grid[max(place - 1, 0)]), float(grid[min(place + 1, len(grid) - 1)]))
    power = float(grid[place])
    if (
        _tilt(ends[0], away) > 0 > _tilt(ends[1], away)
    ):  # a root has all its digits, the place of a maximum half of them
        power = float(scipy.optimize.brentq(_tilt, *ends, args=(away,), xtol=1e-13))
    edge = min(power - _LEAST, _GREATEST - power) < 1e-3
    return BoxCox(float(round(power)) if edge else power, {p: likelihood(p) for p in at}, edge)
