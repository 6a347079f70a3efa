"""Many tests at once: p-values adjusted so that the share of false findings stays below a level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from spc.values import BadInput, Floats, numbers

PValues: TypeAlias = Sequence[float | None] | Floats


def benjamini_hochberg(p: PValues) -> Floats:
    """Adjusted p-values that control the false discovery rate.

    In: m p-values from 0 to 1 (None = not tested). Out: shape (m,), NaN where not tested; findings are those at or
    below the level. Valid for independent and positively dependent tests. Raises BadInput for values outside 0..1.
    Source: Benjamini and Hochberg, J. Royal Statistical Society B 57 (1995).
    """
    return _adjusted(p, lambda ordered, m: np.minimum.accumulate((ordered * m / np.arange(1, m + 1))[::-1])[::-1])


def holm(p: PValues) -> Floats:
    """Adjusted p-values that control the chance of any false finding, whatever the dependence.

    In: m p-values from 0 to 1 (None = not tested). Out: shape (m,), NaN where not tested. Raises BadInput.
    Source: Holm, Scandinavian J. Statistics 6 (1979).
    """
    return _adjusted(p, lambda ordered, m: np.maximum.accumulate(ordered * np.arange(m, 0, -1)))


def _adjusted(p: PValues, steps: Callable[[Floats, int], Floats]) -> Floats:
    values = numbers(p, name="p")
    if ((values < 0) | (values > 1)).any():
        raise BadInput("A p-value lies between 0 and 1.")
    result = np.full(len(values), np.nan)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    result[order] = np.minimum(1.0, steps(values[order], len(order)))
    return result
