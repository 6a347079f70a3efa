"""Capability and transformation of data that are not normal: fitted distributions and Box-Cox."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.capability import Spec, of_values
from spc.values import BadInput, Floats, numbers, present


@dataclass(frozen=True)
class Shape:
    """A fitted distribution: its name, parameters, log likelihood, and the quantiles that bound 99.73 % of it."""

    distribution: str
    parameters: Mapping[str, float]
    log_likelihood: float
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


_FITS = ("weibull", "lognormal", "gamma", "exponential", "normal")


def fit(x: Any, distribution: str) -> Shape:
    """Maximum likelihood fit of a distribution that starts at zero (or the normal).

    In: n values > 0 (None left out; any sign for the normal); distribution: weibull (shape, scale), lognormal (mu,
    sigma of the logarithm), gamma (shape, scale), exponential (scale), normal (mu, sigma). Out: Shape. Raises BadInput.
    Source: Meeker and Escobar, Statistical Methods for Reliability Data (1998), chapter 8.
    """
    values = present(numbers(x))
    if distribution not in _FITS:
        raise BadInput(f"not supported: distribution {distribution!r}. Known: {', '.join(_FITS)}.")
    if len(values) < 2 or np.ptp(values) == 0:
        raise BadInput("A distribution cannot be fitted to fewer than two different values.")
    if distribution != "normal":
        _positive(x)
    frozen, parameters = _frozen(values, distribution)
    low, middle, high = (float(q) for q in frozen.ppf([0.00135, 0.5, 0.99865]))
    return Shape(distribution, parameters, float(np.sum(frozen.logpdf(values))), low, middle, high)


def _positive(x: Any) -> None:
    values = numbers(x)
    if (values <= 0).any():
        raise BadInput(
            f"x, entry {int(np.argmax(values <= 0)) + 1} is not above 0. Shift the data or choose another way."
        )


def _frozen(values: Floats, distribution: str) -> tuple[Any, dict[str, float]]:
    if distribution == "weibull":
        shape, _, scale = scipy.stats.weibull_min.fit(values, floc=0)
        return scipy.stats.weibull_min(shape, scale=scale), {"shape": float(shape), "scale": float(scale)}
    if distribution == "gamma":
        shape, _, scale = scipy.stats.gamma.fit(values, floc=0)
        return scipy.stats.gamma(shape, scale=scale), {"shape": float(shape), "scale": float(scale)}
    if distribution == "exponential":
        return scipy.stats.expon(scale=values.mean()), {"scale": float(values.mean())}
    logs = np.log(values) if distribution == "lognormal" else values
    mu, sigma = float(logs.mean()), float(logs.std())
    frozen = (
        scipy.stats.lognorm(sigma, scale=math.exp(mu)) if distribution == "lognormal" else scipy.stats.norm(mu, sigma)
    )
    return frozen, {"mu": mu, "sigma": sigma}


def capability_of(x: Any, spec: Spec, *, distribution: str) -> ShapedCapability:
    """Capability by the quantiles of a fitted distribution.

    In: n values, a Spec, a distribution of fit(). Out: ShapedCapability. Percentile method: pp = (USL - LSL) / (p99.865
    - p0.135), ppu = (USL - median) / (p99.865 - median), ppl likewise. Z method: -Phi^-1 of the larger tail share / 3.
    Source: Clements, Quality Progress 22 (1989); ISO 22514-4.
    """
    shape = fit(x, distribution)
    frozen = _frozen(present(numbers(x)), distribution)[0]
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
        _normal(x, spec),
        None if above is None else 1e6 * above,
        None if below is None else 1e6 * below,
        reasons,
    )


def _normal(x: Any, spec: Spec) -> float | None:
    spread = of_values(x)
    if spread.mean is None or not spread.overall:
        return None
    upper = math.inf if spec.usl is None else (spec.usl - spread.mean) / (3 * spread.overall)
    return min(upper, math.inf if spec.lsl is None else (spread.mean - spec.lsl) / (3 * spread.overall))


@dataclass(frozen=True)
class BoxCox:
    """The power that makes the data most normal, and the profile log likelihood at some powers."""

    power: float
    log_likelihood: Mapping[float, float]


def box_cox(x: Any, *, at: tuple[float, ...] = (-1.0, -0.5, 0.0, 0.3, 0.5, 1.0)) -> BoxCox:
    """Maximum likelihood power of (x^p - 1) / p, ln x at 0.

    In: n values > 0 (None left out). Out: BoxCox. Raises BadInput naming the first value that is not above 0.
    Source: Box and Cox, J. Royal Statistical Society B 26 (1964); likelihood by scipy.
    """
    _positive(x)
    values = present(numbers(x))
    if len(values) < 3 or np.ptp(values) == 0:
        raise BadInput("Box-Cox needs at least three values that vary.")
    best = scipy.stats.boxcox_normmax(values, method="mle", brack=(-2.0, 2.0))
    return BoxCox(float(best), {power: float(scipy.stats.boxcox_llf(power, values)) for power in at})
