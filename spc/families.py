"""Distributions that capability data follow, fitted by maximum likelihood, by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.values import Floats


class Frozen(Protocol):
    """A fitted distribution: density, share below and above, and quantiles."""

    def logpdf(self, x: Any) -> Any: ...
    def cdf(self, x: Any) -> Any: ...
    def sf(self, x: Any) -> Any: ...
    def ppf(self, q: Any) -> Any: ...


Fit = tuple[Frozen, dict[str, float]]


def _weibull(x: Floats) -> Fit:
    shape, _, scale = scipy.stats.weibull_min.fit(x, floc=0)
    return scipy.stats.weibull_min(shape, scale=scale), {"shape": float(shape), "scale": float(scale)}


def _gamma(x: Floats) -> Fit:
    shape, _, scale = scipy.stats.gamma.fit(x, floc=0)
    return scipy.stats.gamma(shape, scale=scale), {"shape": float(shape), "scale": float(scale)}


def _exponential(x: Floats) -> Fit:
    mean = float(x.mean())
    return scipy.stats.expon(scale=mean), {"scale": mean}


def _lognormal(x: Floats) -> Fit:
    logs = np.log(x)
    mu, sigma = float(logs.mean()), float(logs.std())
    return scipy.stats.lognorm(sigma, scale=math.exp(mu)), {"mu": mu, "sigma": sigma}


def _normal(x: Floats) -> Fit:
    mu, sigma = float(x.mean()), float(x.std())
    return scipy.stats.norm(mu, sigma), {"mu": mu, "sigma": sigma}


def _loglogistic(x: Floats) -> Fit:
    location, scale = scipy.stats.logistic.fit(np.log(x))
    found = {"location": float(location), "scale": float(scale)}
    return scipy.stats.fisk(1 / scale, scale=math.exp(location)), found


def _by_location(name: str) -> Callable[[Floats], Fit]:
    def fit(x: Floats) -> Fit:
        family = getattr(scipy.stats, name)
        location, scale = family.fit(x)
        return family(location, scale), {"location": float(location), "scale": float(scale)}

    return fit


def _threshold(inner: Callable[[Floats], Fit]) -> Callable[[Floats], Fit]:
    """The same family started at a threshold below the smallest value, found on the profile likelihood."""

    def fit(x: Floats) -> Fit:
        low, width = float(x.min()), float(np.ptp(x))

        def loss(u: float) -> float:
            moved = x - (low - math.exp(u))
            return -float(np.sum(inner(moved)[0].logpdf(moved)))

        grid = np.linspace(math.log(width * 1e-3), math.log(width * 30.0), 13)
        values = [loss(u) for u in grid]
        place = min(range(1, len(grid) - 1), key=lambda i: values[i])
        best = scipy.optimize.minimize_scalar(
            loss, bounds=(grid[place - 1], grid[place + 1]), method="bounded", options={"xatol": 1e-6}
        )
        start = low - math.exp(float(best.x))
        frozen, found = inner(x - start)
        return _Shifted(frozen, start), {**found, "threshold": start}

    return fit


class _Shifted:
    """A distribution moved by a threshold."""

    def __init__(self, inner: Frozen, start: float) -> None:
        self.inner, self.start = inner, start

    def logpdf(self, x: Any) -> Any:
        return self.inner.logpdf(x - self.start)

    def cdf(self, x: Any) -> Any:
        return self.inner.cdf(x - self.start)

    def sf(self, x: Any) -> Any:
        return self.inner.sf(x - self.start)

    def ppf(self, q: Any) -> Any:
        return self.inner.ppf(q) + self.start


POSITIVE = ("weibull", "lognormal", "gamma", "exponential", "loglogistic")
FAMILIES: dict[str, Callable[[Floats], Fit]] = {
    "weibull": _weibull,
    "lognormal": _lognormal,
    "gamma": _gamma,
    "exponential": _exponential,
    "loglogistic": _loglogistic,
    "normal": _normal,
    "logistic": _by_location("logistic"),
    "smallest-extreme-value": _by_location("gumbel_l"),
    "largest-extreme-value": _by_location("gumbel_r"),
    "weibull-3": _threshold(_weibull),
    "lognormal-3": _threshold(_lognormal),
    "gamma-3": _threshold(_gamma),
}
