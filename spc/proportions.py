"""Tests and intervals of proportions and rates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.hypotheses import Comparison
from spc.values import BadInput, table


def _check(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise BadInput("The confidence lies between 0 and 1, for example 0.95.")


def clopper_pearson(events: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Exact interval of a proportion. In: events 0..n of n >= 1. Out: (low, high) within 0..1. Raises BadInput.

    Source: Clopper and Pearson, Biometrika 26 (1934), by the beta distribution.
    """
    _counts(events, n)
    _check(confidence)
    tail = (1 - confidence) / 2
    low = 0.0 if events == 0 else float(scipy.stats.beta.ppf(tail, events, n - events + 1))
    return low, 1.0 if events == n else float(scipy.stats.beta.isf(tail, events + 1, n - events))


def wilson(events: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of a proportion. In: events 0..n of n >= 1. Out: (low, high). Source: Wilson, JASA 22 (1927)."""
    _counts(events, n)
    _check(confidence)
    z = float(scipy.stats.norm.ppf(0.5 + confidence / 2))
    p, weight = events / n, 1 + z * z / n
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / weight
    center = (p + z * z / (2 * n)) / weight
    return max(0.0, center - reach), min(1.0, center + reach)


def proportion_one(events: int, n: int, *, share: float, confidence: float = 0.95) -> Comparison:
    """A proportion against a value: exact binomial test, two-sided by the sum of equally unlikely counts.

    In: events of n, share in 0..1. Out: Comparison with the exact interval. Source: Clopper and Pearson 1934; scipy.
    """
    _counts(events, n)
    if not 0 <= share <= 1:
        raise BadInput("A proportion lies between 0 and 1.")
    p = float(scipy.stats.binomtest(events, n, share).pvalue)
    ci = clopper_pearson(events, n, confidence=confidence)
    return Comparison("exact binomial", float(events), None, p, events / n, ci, (n,), "Items are independent.")


def proportion_two(first: tuple[int, int], second: tuple[int, int], *, confidence: float = 0.95) -> Comparison:
    """Difference of two proportions, first - second: Fisher's exact p, interval by Newcombe's score method.

    In: (events, n) of both. Out: Comparison; statistic = odds ratio, None where it is 0/0 or infinite.
    Sources: Fisher 1935; Newcombe, Statistics in Medicine 17 (1998), method 10.
    """
    (a, n), (b, m) = first, second
    _counts(a, n)
    _counts(b, m)
    odds, p = scipy.stats.fisher_exact(np.array([[a, n - a], [b, m - b]]))
    (l1, u1), (l2, u2) = wilson(a, n, confidence=confidence), wilson(b, m, confidence=confidence)
    gap = a / n - b / m
    low = gap - math.hypot(a / n - l1, u2 - b / m)
    high = gap + math.hypot(u1 - a / n, b / m - l2)
    ratio = float(odds) if math.isfinite(odds) else None
    why = "" if ratio is not None else "The odds ratio is 0/0 or infinite."
    return Comparison(
        "Fisher's exact test", ratio, None, float(p), gap, (low, high), (n, m), "Items are independent.", why
    )


def rate_two(first: tuple[int, float], second: tuple[int, float], *, confidence: float = 0.95) -> Comparison:
    """Ratio of two rates, first / second: conditional binomial test and its exact interval.

    In: (events, exposure > 0) of both. Out: Comparison; estimate None when the second has no event.
    Source: Przyborowski and Wilenski, Biometrika 31 (1940).
    """
    (a, s), (b, t) = first, second
    if min(a, b) < 0 or not (s > 0 and t > 0):
        raise BadInput("A rate needs events from 0 and an exposure above 0.")
    method, assumes = "conditional test of two rates", "Events are independent (Poisson)."
    if a + b == 0:
        return Comparison(method, None, None, None, None, None, (0, 0), assumes, "There were no events at all.")
    p = float(scipy.stats.binomtest(a, a + b, s / (s + t)).pvalue)
    low, high = clopper_pearson(a, a + b, confidence=confidence)
    odds = [None if q == 1 else q / (1 - q) * t / s for q in (low, high)]
    ratio = (a / s) / (b / t) if b else None
    why = "" if b else "The second rate is zero."
    return Comparison(method, float(a), None, p, ratio, (odds[0], odds[1]), (a, b), assumes, why)


def chi_square(counts: Any) -> Comparison:
    """Independence of rows and columns of a table of counts; estimate = Cramer's V.

    In: table (r, c) of counts from 0, rows and columns with at least one count enter. Out: Comparison, the reason warns
    when expected counts lie below 5. Source: Pearson 1900; Cochran, Biometrics 10 (1954).
    """
    data = table(counts, name="counts")
    if np.isnan(data).any() or (data < 0).any():
        raise BadInput("A table of counts needs numbers from 0 in every cell.")
    data = data[data.sum(axis=1) > 0][:, data.sum(axis=0) > 0] if data.size else data
    method, assumes = "chi-square of a table", "Items are independent."
    if min(data.shape, default=0) < 2:
        return Comparison(
            method, None, None, None, None, None, (int(data.sum()),), assumes, "It needs two rows and columns."
        )
    q, p, df, expected = scipy.stats.chi2_contingency(data, correction=False)
    v = math.sqrt(float(q) / (data.sum() * (min(data.shape) - 1)))
    why = "Some expected counts lie below 5: the p-value is rough." if float(np.min(expected)) < 5 else ""
    return Comparison(method, float(q), float(df), float(p), v, None, (int(data.sum()),), assumes, why)


def _counts(events: int, n: int) -> None:
    if int(events) != events or int(n) != n or not 0 <= events <= n or n < 1:
        raise BadInput(f"{events:g} of {n:g} is no proportion: give whole numbers, events from 0 up to n.")
