"""Distributions that capability data follow, fitted by maximum likelihood, by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.values import BadInput, Floats


class Frozen(Protocol):
    """A fitted distribution: density, share below and above, and quantiles."""

    def logpdf(self, x: Any) -> Any: ...
    def cdf(self, x: Any) -> Any: ...
    def sf(self, x: Any) -> Any: ...
    def ppf(self, q: Any) -> Any: ...


_TIGHT = 1e-6
Fit = tuple[Frozen, dict[str, float]]


def _weibull(x: Floats) -> Fit:
    """By the likelihood equation of the shape: sum x^k ln x / sum x^k - 1 / k = mean ln x (Cohen 1965)."""
    logs = np.log(x)
    top = float(logs.max())
    away = logs - top  # powers of x / max(x) neither overflow nor vanish

    def slope(shape: float) -> float:
        powers = np.exp(shape * away)
        return float(powers @ away / powers.sum()) - 1 / shape - float(away.mean())

    guess = 1.2 / float(logs.std())
    shape = float(scipy.optimize.brentq(slope, guess / 100, guess * 100, xtol=1e-13 * guess, rtol=1e-14))
    scale = math.exp(top + math.log(float(np.mean(np.exp(shape * away)))) / shape)
    return scipy.stats.weibull_min(shape, scale=scale), {"shape": shape, "scale": scale}


def _gamma(x: Floats) -> Fit:
    """By the likelihood equation of the shape: ln k - digamma(k) = ln mean x - mean ln x (Greenwood, Durand 1960)."""
    mean = float(x.mean())
    gap = max(-float(np.log1p((x - mean) / mean).mean()), 1e-16)
    if (
        gap < _TIGHT
    ):  # ln k - digamma(k) is 1 / 2k + 1 / 12k^2 here, and its difference of logarithms has no digits left
        shape = 0.5 / gap + 1 / 6
        return scipy.stats.gamma(shape, scale=mean / shape), {"shape": shape, "scale": mean / shape}
    guess = (3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)

    def slope(shape: float) -> float:
        return math.log(shape) - float(scipy.special.digamma(shape)) - gap

    shape = float(scipy.optimize.brentq(slope, guess / 2, guess * 2, xtol=1e-13 * guess, rtol=1e-14))
    scale = mean / shape
    return scipy.stats.gamma(shape, scale=scale), {"shape": shape, "scale": scale}


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

_ALSO = {"weibull2": "weibull", "lognorm": "lognormal", "expon": "exponential", "gaussian": "normal", "norm": "normal"}


def named(name: str) -> str:
    """The name of a distribution as FAMILIES knows it.

    In: a name; case, blanks and hyphens do not matter ("Weibull", "log-normal"). Out: a key of FAMILIES. Raises
    BadInput for any other. Source: the names of the reference cases.
    """
    bare = "".join(letter for letter in name.lower() if letter.isalnum())
    known = {"".join(letter for letter in full if letter.isalnum()): full for full in FAMILIES} | _ALSO
    if bare not in known:
        raise BadInput(f"not supported: distribution {name!r}. Known: {', '.join(FAMILIES)}.")
    return known[bare]


REGULAR: dict[str, Callable[[Mapping[str, float]], Frozen]] = {  # by their parameters; likelihood smooth in all of them
    "weibull": lambda p: scipy.stats.weibull_min(p["shape"], scale=p["scale"]),
    "lognormal": lambda p: scipy.stats.lognorm(p["sigma"], scale=math.exp(p["mu"])),
    "gamma": lambda p: scipy.stats.gamma(p["shape"], scale=p["scale"]),
    "exponential": lambda p: scipy.stats.expon(scale=p["scale"]),
    "loglogistic": lambda p: scipy.stats.fisk(1 / p["scale"], scale=math.exp(p["location"])),
    "normal": lambda p: scipy.stats.norm(p["mu"], p["sigma"]),
    "logistic": lambda p: scipy.stats.logistic(p["location"], p["scale"]),
    "smallest-extreme-value": lambda p: scipy.stats.gumbel_l(p["location"], p["scale"]),
    "largest-extreme-value": lambda p: scipy.stats.gumbel_r(p["location"], p["scale"]),
}
