"""Power and sample size: what a test can see, and how many values it takes."""

from __future__ import annotations

import math
from collections.abc import Callable

import scipy  # its parts load at first use: most processes never ask for them

from spc.values import BadInput

_MOST = 10_000_000


def power_mean(
    n: int, *, difference: float, sigma: float, alpha: float = 0.05, samples: int = 2, two_sided: bool = True
) -> float:
    """Power of a t test: the chance that it shows a true difference.

    In: n values in each sample, difference and sigma in the unit of the data, samples 1 (or paired, with the sigma of
    the differences) or 2. Out: 0..1 by the noncentral t distribution. Source: Cohen, Statistical Power Analysis (1988).
    """
    _level(alpha)
    if n < 2 or not sigma > 0 or samples not in (1, 2):
        raise BadInput("Power needs at least two values in each of one or two samples and a sigma above 0.")
    df = samples * (n - 1.0)
    shift = abs(difference) / sigma * math.sqrt(n / samples)
    bound = float(scipy.stats.t.isf(alpha / 2 if two_sided else alpha, df))
    other = float(scipy.stats.nct.cdf(-bound, df, shift)) if two_sided else 0.0
    upper = float(scipy.stats.nct.sf(bound, df, shift))
    return min(1.0, (upper if math.isfinite(upper) else 1.0) + (other if math.isfinite(other) else 0.0))


def power_proportions(n: int, *, first: float, second: float, alpha: float = 0.05) -> float:
    """Power of the two-sided comparison of two proportions with n items each, by the arcsine transformation.

    In: n >= 1, proportions in 0..1. Out: 0..1. Source: Cohen 1988, chapter 6.
    """
    _level(alpha)
    if n < 1 or not (0 <= first <= 1 and 0 <= second <= 1):
        raise BadInput("Power needs at least one item and proportions between 0 and 1.")
    effect = abs(2 * math.asin(math.sqrt(first)) - 2 * math.asin(math.sqrt(second)))
    bound, shift = float(scipy.special.ndtri(1 - alpha / 2)), effect * math.sqrt(n / 2)
    return float(scipy.special.ndtr(shift - bound) + scipy.special.ndtr(-shift - bound))


def power_anova(n: int, *, groups: int, effect: float, alpha: float = 0.05) -> float:
    """Power of one-way ANOVA with n values in each of k groups; effect f = sigma of group means / sigma within.

    In: n >= 2, groups >= 2, effect >= 0. Out: 0..1 by the noncentral F distribution. Source: Cohen 1988, chapter 8.
    """
    _level(alpha)
    if n < 2 or groups < 2 or effect < 0:
        raise BadInput("Power needs at least two groups of two values and an effect from 0.")
    free = groups - 1, groups * (n - 1)
    bound = float(scipy.stats.f.isf(alpha, *free))
    return float(scipy.stats.ncf.sf(bound, *free, groups * n * effect**2)) if effect else alpha


def power_variances(n: int, *, ratio: float, alpha: float = 0.05) -> float:
    """Power of the two-sided F test of two standard deviations, n values each; ratio = sigma1 / sigma2.

    In: n >= 2, ratio > 0. Out: 0..1. Source: Montgomery, Introduction to SQC, 4.4.4.
    """
    _level(alpha)
    if n < 2 or not ratio > 0:
        raise BadInput("Power needs at least two values in each sample and a ratio above 0.")
    high, low = (float(scipy.stats.f.ppf(q, n - 1, n - 1)) for q in (1 - alpha / 2, alpha / 2))
    return float(scipy.stats.f.sf(high / ratio**2, n - 1, n - 1) + scipy.stats.f.cdf(low / ratio**2, n - 1, n - 1))


def sample_size(power_of: Callable[[int], float], *, power: float = 0.8, least: int = 2) -> int:
    """The smallest n in each sample whose power reaches `power`.

    In: n -> power, rising (such as lambda n: power_mean(n, difference=1, sigma=2)), power in (0, 1). Out: n. Raises
    BadInput when ten million values are not enough.
    Source: Cohen 1988.
    """
    if not 0 < power < 1:
        raise BadInput("The power lies between 0 and 1, usually 0.8 or 0.9.")
    low, high = least, least
    while power_of(high) < power:
        low, high = high, 2 * high
        if low > _MOST:
            raise BadInput("Even ten million values would not show a difference this small.")
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power_of(middle) >= power else (middle + 1, high)
    return low


def _level(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise BadInput("The level alpha lies between 0 and 1, usually 0.05.")
