"""Correlation of two columns: straight line, ranks, and pairs in the same order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.values import BadInput, Floats, finite, numbers

_FEW = "A test of the coefficient needs at least three complete pairs."


@dataclass(frozen=True)
class Coefficient:
    """A coefficient in -1..1 with its two-sided p-value; None where it does not exist, with the reason."""

    value: float | None
    p: float | None
    n: int
    reason: str = ""


def pairs(x: Any, y: Any) -> tuple[Floats, Floats]:
    """The complete pairs of two columns.

    In: two columns of n numbers (None = missing). Out: both, shape (m,), rows with a gap left out. Raises BadInput for
    unequal lengths. Source: definition.
    """
    left, right = numbers(x, name="x"), numbers(y, name="y")
    if len(left) != len(right):
        raise BadInput(f"x has {len(left)} values, y has {len(right)}: a correlation needs pairs.")
    both = ~np.isnan(left) & ~np.isnan(right)
    return left[both], right[both]


def _absent(x: Floats, y: Floats) -> Coefficient | None:
    if len(x) < 2:
        return Coefficient(None, None, len(x), "A correlation needs at least two complete pairs.")
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return Coefficient(None, None, len(x), f"{'x' if np.ptp(x) == 0 else 'y'} does not vary.")
    return None


def pearson(x: Any, y: Any) -> Coefficient:
    """Product-moment coefficient, p by Student's t.

    In: two columns of n numbers. Out: Coefficient, None with the reason without variation. Raises BadInput.
    Source: Pearson 1895 (scipy).
    """
    a, b = pairs(x, y)
    absent = _absent(a, b)
    if absent:
        return absent
    result = scipy.stats.pearsonr(a, b)
    return Coefficient(float(result.statistic), finite(float(result.pvalue)), len(a))


def spearman(x: Any, y: Any) -> Coefficient:
    """Product-moment coefficient of mid-ranks, so ties are right.

    In: two columns of n numbers. Out: Coefficient, None with the reason without variation. Raises BadInput.
    Source: Spearman 1904 (scipy).
    """
    a, b = pairs(x, y)
    absent = _absent(a, b)
    if absent:
        return absent
    result = scipy.stats.spearmanr(a, b)
    p = finite(float(result.pvalue))
    return Coefficient(float(result.statistic), p, len(a), _FEW if p is None else "")


def kendall(x: Any, y: Any) -> Coefficient:
    """Kendall's tau-b, corrected for ties.

    In: two columns of n numbers. Out: Coefficient, None with the reason without variation. Raises BadInput.
    Source: Kendall 1945 (scipy).
    """
    a, b = pairs(x, y)
    absent = _absent(a, b)
    if absent:
        return absent
    result = scipy.stats.kendalltau(a, b, variant="b")
    return Coefficient(float(result.statistic), finite(float(result.pvalue)), len(a))


def concordance(x: Any, y: Any) -> tuple[int, int]:
    """Pairs of points that order x and y alike, and the other way round; ties in either count for neither.

    In: two columns of n numbers. Out: (concordant, discordant). Source: Kendall 1938. Time n^2 in blocks.
    """
    a, b = pairs(x, y)
    alike = against = 0
    for i in range(len(a) - 1):
        signs = np.sign(a[i + 1 :] - a[i]) * np.sign(b[i + 1 :] - b[i])
        alike, against = alike + int((signs > 0).sum()), against + int((signs < 0).sum())
    return alike, against
