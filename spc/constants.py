"""Control chart constants from their definitions, for any subgroup size, cached."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.values import BadInput, Floats


def _size(n: int) -> int:
    if int(n) != n or n < 2:
        raise BadInput(f"A subgroup of {n} has no spread: chart constants need at least two values per subgroup.")
    return int(n)


@cache
def d2(n: int) -> float:
    """Mean of the range of n standard normal values: 2 * integral over x > 0 of 1 - Phi(x)^n - Phi(-x)^n.

    In: n >= 2. Out: dimensionless. Raises BadInput. Source: Tippett, Biometrika 17 (1925); ASTM MNL 7.
    """
    size = _size(n)

    def density(x: float) -> float:
        return float(-np.expm1(size * scipy.special.log_ndtr(x)) - np.exp(size * scipy.special.log_ndtr(-x)))

    low, _ = scipy.integrate.quad(density, 0.0, 6.0, epsabs=1e-14, epsrel=1e-13, limit=200)
    high, _ = scipy.integrate.quad(density, 6.0, 38.0, epsabs=1e-14, epsrel=1e-12, limit=200)
    return float(2.0 * (low + high))


@cache
def _nodes() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(600)
    return 13.0 * nodes, 13.0 * weights


def range_cdf(w: Floats, n: int) -> Floats:
    """P(range <= w) of n standard normal values: n * integral of phi(x) (Phi(x+w) - Phi(x))^(n-1) dx.

    In: w >= 0, any shape; n >= 2. Out: probabilities, same shape. Source: Harter, Annals of Math. Statistics 31 (1960).
    """
    x, weight = _nodes()
    inside = scipy.special.ndtr(x[:, None] + np.ravel(w)[None, :]) - scipy.special.ndtr(x)[:, None]
    upper = scipy.special.ndtr(-x)[:, None] - scipy.special.ndtr(-x[:, None] - np.ravel(w)[None, :])
    span = np.where(x[:, None] > 0, upper, inside)
    with np.errstate(divide="ignore"):
        powers = np.exp((_size(n) - 1) * np.log(np.maximum(span, 0.0)))
    density = np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    result: Floats = np.clip(n * (weight * density) @ powers, 0.0, 1.0)
    return result.reshape(np.shape(w))


@cache
def d3(n: int) -> float:
    """Standard deviation of the range of n standard normal values.

    sqrt(E[W^2] - d2^2) with E[W^2] = 2 * integral of w (1 - F(w)) dw, F = range_cdf. In: n >= 2. Out: dimensionless.
    Source: Harter 1960; ASTM MNL 7.
    """
    nodes, weights = np.polynomial.legendre.leggauss(300)
    w = 10.0 * (nodes + 1.0)
    second = 2.0 * float(np.sum(10.0 * weights * w * (1.0 - range_cdf(w, n))))
    return math.sqrt(second - d2(n) ** 2)


@cache
def d4(n: int) -> float:
    """Median of the range of n standard normal values: 0.9538726 for two, sqrt(2) * Phi^-1(0.75).

    In: n >= 2. Out: dimensionless. Raises BadInput. Source: Wheeler, Advanced Topics in SPC (1995).
    """
    if _size(n) == 2:
        return math.sqrt(2.0) * float(scipy.special.ndtri(0.75))
    return float(scipy.optimize.brentq(lambda w: float(range_cdf(np.array([w]), n)[0]) - 0.5, 1e-6, 20.0, xtol=1e-13))


@cache
def c4(n: int) -> float:
    """Mean of the sample standard deviation of n standard normal values.

    sqrt(2/(n-1)) * Gamma(n/2) / Gamma((n-1)/2), by log-gamma so that any n works. In: n >= 2. Out: dimensionless.
    Raises BadInput. Source: ASTM MNL 7.
    """
    size = _size(n)
    if size > 1000:  # the difference of two large log-gammas loses digits; the series does not
        m = 1.0 / (size - 1)
        return 1.0 - m / 4.0 + m * m / 32.0 + 5.0 * m**3 / 128.0 - 21.0 * m**4 / 2048.0
    return math.sqrt(2.0 / (size - 1)) * math.exp(math.lgamma(size / 2) - math.lgamma((size - 1) / 2))


def c5(n: int) -> float:
    """Standard deviation of the sample standard deviation of n standard normal values: sqrt(1 - c4^2).

    In: n >= 2. Out: dimensionless. Raises BadInput. Source: ASTM MNL 7.
    """
    return math.sqrt(max(0.0, 1.0 - c4(n) ** 2))


def chart_constants(n: int) -> dict[str, float]:
    """All constants of one subgroup size: d2 d3 c4 A A2 A3 D1-D4 B3-B6.

    In: n >= 2. Out: name -> value, three sigma. Source: ASTM MNL 7; Montgomery, Introduction to SQC, appendix VI.
    """
    root, mean_r, std_r, mean_s, std_s = math.sqrt(_size(n)), d2(n), d3(n), c4(n), c5(n)
    return {
        "d2": mean_r,
        "d3": std_r,
        "c4": mean_s,
        "A": 3 / root,
        "A2": 3 / (mean_r * root),
        "A3": 3 / (mean_s * root),
        "D1": max(0.0, mean_r - 3 * std_r),
        "D2": mean_r + 3 * std_r,
        "D3": max(0.0, 1 - 3 * std_r / mean_r),
        "D4": 1 + 3 * std_r / mean_r,
        "B3": max(0.0, 1 - 3 * std_s / mean_s),
        "B4": 1 + 3 * std_s / mean_s,
        "B5": max(0.0, mean_s - 3 * std_s),
        "B6": mean_s + 3 * std_s,
    }
