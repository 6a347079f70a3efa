"""Tests of hypotheses: means, proportions, variances and ranks, each with its effect, interval and assumptions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.values import BadInput, Floats, finite, numbers, present

Side = Literal["two-sided", "greater", "less"]
Interval = tuple[float | None, float | None]


@dataclass(frozen=True)
class Comparison:
    """One test: statistic, degrees of freedom, p; estimate and ci of what is compared (None = open or absent).

    assumes: what has to hold; reason: why figures are absent.
    """

    method: str
    statistic: float | None
    df: float | None
    p: float | None
    estimate: float | None
    ci: Interval | None
    n: tuple[int, ...]
    assumes: str
    reason: str = ""


_NORMAL = "Values are independent and roughly normal (less important from about 30 values)."
_FEW = "There are too few values, or they do not vary."


def _samples(groups: Sequence[Any], least: int = 1) -> list[Floats]:
    columns = [present(numbers(group, name=f"sample {i}")) for i, group in enumerate(groups, start=1)]
    for i, column in enumerate(columns, start=1):
        if len(column) < least:
            raise BadInput(f"Sample {i} has {len(column)} values: this test needs at least {least}.")
    return columns


def _side(side: str, confidence: float) -> None:
    if side not in ("two-sided", "greater", "less"):
        raise BadInput("The alternative is 'two-sided', 'greater' or 'less'.")
    if not 0 < confidence < 1:
        raise BadInput("The confidence lies between 0 and 1, for example 0.95.")


def _t(estimate: float, null: float, error: float, df: float, side: Side, confidence: float) -> tuple[Any, ...]:
    """Statistic, p and interval of an estimate with a t distributed error."""
    t = (estimate - null) / error
    tails = {"two-sided": 2 * scipy.stats.t.sf(abs(t), df), "greater": scipy.stats.t.sf(t, df)}
    p = float(tails.get(side, scipy.stats.t.cdf(t, df)))
    share = 0.5 + confidence / 2 if side == "two-sided" else confidence
    reach = float(scipy.stats.t.ppf(share, df)) * error
    low = None if side == "less" else estimate - reach
    high = None if side == "greater" else estimate + reach
    return t, p, (low, high)


def t_one(x: Any, *, mean: float = 0.0, side: Side = "two-sided", confidence: float = 0.95) -> Comparison:
    """Mean of one sample against a value.

    In: n >= 2 values (None left out). Out: Comparison, unit of x. Source: Student 1908.
    """
    _side(side, confidence)
    (a,) = _samples([x], 2)
    estimate, error = float(a.mean()), float(a.std(ddof=1)) / math.sqrt(len(a))
    if np.ptp(a) == 0:
        return Comparison("one-sample t", None, len(a) - 1.0, None, estimate, None, (len(a),), _NORMAL, _FEW)
    t, p, ci = _t(estimate, mean, error, len(a) - 1, side, confidence)
    return Comparison("one-sample t", t, len(a) - 1.0, p, estimate, ci, (len(a),), _NORMAL)


def t_two(
    x: Any, y: Any, *, equal: bool = False, side: Side = "two-sided", difference: float = 0.0, confidence: float = 0.95
) -> Comparison:
    """Difference of two means, x - y: Welch's test, or Student's when the variances are taken as equal.

    In: two samples of at least two values (None left out), side of the alternative about mean(x) - mean(y). Out:
    Comparison.
    Sources: Welch, Biometrika 34 (1947); Student 1908.
    """
    _side(side, confidence)
    a, b = _samples([x, y], 2)
    n, m = len(a), len(b)
    va, vb, estimate = float(a.var(ddof=1)), float(b.var(ddof=1)), float(a.mean() - b.mean())
    method = "Student's t of two samples" if equal else "Welch's t of two samples"
    if np.ptp(a) == 0 and np.ptp(b) == 0:
        return Comparison(method, None, None, None, estimate, None, (n, m), _NORMAL, _FEW)
    if equal:
        df = n + m - 2.0
        error = math.sqrt(((n - 1) * va + (m - 1) * vb) / df * (1 / n + 1 / m))
    else:
        parts = va / n, vb / m
        error = math.sqrt(sum(parts))
        df = sum(parts) ** 2 / (parts[0] ** 2 / (n - 1) + parts[1] ** 2 / (m - 1))
    t, p, ci = _t(estimate, difference, error, df, side, confidence)
    return Comparison(method, t, df, p, estimate, ci, (n, m), _NORMAL + (" Variances are equal." if equal else ""))


def t_paired(x: Any, y: Any, *, side: Side = "two-sided", confidence: float = 0.95) -> Comparison:
    """Mean of the differences x - y of pairs.

    In: two columns of equal length, pairs with a gap left out. Out: Comparison. Source: Student 1908.
    """
    a, b = numbers(x, name="sample 1"), numbers(y, name="sample 2")
    if len(a) != len(b):
        raise BadInput(f"The samples have {len(a)} and {len(b)} values: a paired test needs pairs.")
    found = t_one(a - b, side=side, confidence=confidence)
    return Comparison("paired t", *list(vars(found).values())[1:])


def variances(groups: Sequence[Any], *, confidence: float = 0.95) -> Comparison:
    """Equality of two or more variances: Levene's test around the medians; ratio and F interval for two groups.

    In: groups of at least three values. Out: Comparison; estimate = var1 / var2 (two groups only). Source: Brown and
    Forsythe, JASA 69 (1974); the interval by F, which needs normal data.
    """
    _side("two-sided", confidence)
    columns = _samples(groups, 3)
    sizes = tuple(len(c) for c in columns)
    away = [np.abs(c - np.median(c)) for c in columns]
    method, assumes = "Levene's test around the medians", "Values are independent; any shape."
    if len(columns) < 2:
        raise BadInput("Comparing variances needs at least two samples.")
    if max(float(np.ptp(a)) for a in away) == 0:
        return Comparison(method, None, None, None, None, None, sizes, assumes, _FEW)
    result = scipy.stats.f_oneway(*away)
    ratio, ci = None, None
    if len(columns) == 2 and np.ptp(columns[1]) > 0 and np.ptp(columns[0]) > 0:
        ratio = float(columns[0].var(ddof=1) / columns[1].var(ddof=1))
        free = sizes[0] - 1, sizes[1] - 1
        share = (1 - confidence) / 2
        ci = ratio / float(scipy.stats.f.isf(share, *free)), ratio * float(scipy.stats.f.isf(share, *free[::-1]))
    df = float(sum(sizes) - len(sizes))
    return Comparison(
        method, finite(float(result.statistic)), df, finite(float(result.pvalue)), ratio, ci, sizes, assumes
    )


def variance_one(x: Any, *, sigma: float, confidence: float = 0.95) -> Comparison:
    """Standard deviation of one sample against a value, chi-square on n - 1.

    In: n >= 2 values, sigma > 0 in the unit of x. Out: Comparison; estimate = s with its interval.
    Source: Montgomery, Introduction to SQC, 4.3.4.
    """
    _side("two-sided", confidence)
    (a,) = _samples([x], 2)
    if not sigma > 0:
        raise BadInput("The sigma to compare with lies above 0.")
    df, s = len(a) - 1.0, 0.0 if np.ptp(a) == 0 else float(a.std(ddof=1))
    q = df * (s / sigma) ** 2
    p = 2 * min(float(scipy.stats.chi2.cdf(q, df)), float(scipy.stats.chi2.sf(q, df)))
    low, high = (float(scipy.stats.chi2.ppf(0.5 + part * confidence / 2, df)) for part in (1, -1))
    return Comparison(
        "chi-square of one variance",
        q,
        df,
        p,
        s,
        (s * math.sqrt(df / low), s * math.sqrt(df / high)),
        (len(a),),
        _NORMAL,
    )


def mann_whitney(x: Any, y: Any, *, side: Side = "two-sided") -> Comparison:
    """Rank test of two samples; estimate = median of all differences x - y (Hodges and Lehmann).

    In: two samples. Out: Comparison; exact below nine values without ties, else normal with tie correction.
    Source: Mann and Whitney, Annals of Math. Statistics 18 (1947), by scipy.
    """
    _side(side, 0.95)
    a, b = _samples([x, y], 1)
    method, assumes = "Mann-Whitney", "Values are independent; both shapes alike if it shall compare medians."
    shift = float(np.median(a[:, None] - b[None, :])) if len(a) * len(b) <= 4_000_000 else None
    if np.ptp(np.concatenate([a, b])) == 0:
        return Comparison(method, None, None, None, shift, None, (len(a), len(b)), assumes, _FEW)
    found = scipy.stats.mannwhitneyu(a, b, alternative=side)
    return Comparison(method, float(found.statistic), None, float(found.pvalue), shift, None, (len(a), len(b)), assumes)


def kruskal(groups: Sequence[Any]) -> Comparison:
    """Rank test of two or more samples, corrected for ties.

    In: groups of at least one value. Out: Comparison; estimate = share of rank variation (eta squared).
    Source: Kruskal and Wallis, JASA 47 (1952), by scipy.
    """
    columns = _samples(groups, 1)
    sizes = tuple(len(c) for c in columns)
    if len(columns) < 2:
        raise BadInput("A Kruskal-Wallis test needs at least two samples.")
    if np.ptp(np.concatenate(columns)) == 0:
        return Comparison("Kruskal-Wallis", None, None, None, None, None, sizes, "Values are independent.", _FEW)
    found = scipy.stats.kruskal(*columns)
    h, k, n = float(found.statistic), len(columns), sum(sizes)
    eta = max(0.0, (h - k + 1) / (n - k)) if n > k else None
    return Comparison("Kruskal-Wallis", h, k - 1.0, float(found.pvalue), eta, None, sizes, "Values are independent.")
