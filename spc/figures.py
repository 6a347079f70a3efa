"""What box plots and multi-vari charts draw: quartiles with fences, and means nested by factor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spc.values import BadInput, numbers, present


@dataclass(frozen=True)
class Box:
    """One box, unit of x: quartiles, whiskers (the farthest values within 1.5 IQR), outliers, mean, and how many."""

    n: int
    q1: float
    median: float
    q3: float
    low: float
    high: float
    outliers: tuple[float, ...]
    mean: float


@dataclass(frozen=True)
class Family:
    """Spread of one source in a multi-vari study: name, mean square share of the total in %, and means by level."""

    name: str
    share: float | None
    means: Mapping[str, float]


@dataclass(frozen=True)
class MultiVari:
    """Means by the factors from the outside in; `within`: the share of variation inside the innermost cells."""

    families: tuple[Family, ...]
    within: float | None
    total_ss: float


def box(x: Any) -> Box:
    """Figures of a box plot.

    In: n numbers (None left out). Out: Box in their unit. Raises BadInput when empty. Source: Tukey, Exploratory Data
    Analysis (1977); quartiles by linear interpolation, type 7 of Hyndman and Fan, American Statistician 50 (1996).
    """
    values = np.sort(present(numbers(x)))
    if not len(values):
        raise BadInput("There are no values: give at least one.")
    q1, middle, q3 = (float(q) for q in np.percentile(values, [25, 50, 75]))
    reach = 1.5 * (q3 - q1)
    inside = values[(values >= q1 - reach) & (values <= q3 + reach)]
    outside = values[(values < q1 - reach) | (values > q3 + reach)]
    low, high = float(inside[0]), float(inside[-1])
    return Box(len(values), q1, middle, q3, low, high, tuple(outside.tolist()), float(values.mean()))


def boxes(groups: Mapping[str, Any]) -> dict[str, Box]:
    """A box for each group that has values.

    In: name -> values. Out: name -> Box, order kept. Raises BadInput naming the group. Source: Tukey 1977.
    """
    found = {name: present(numbers(values, name=name)) for name, values in groups.items()}
    return {name: box(values) for name, values in found.items() if len(values)}


def multi_vari(x: Any, factors: Mapping[str, Sequence[Any]]) -> MultiVari:
    """Which factor carries the variation: means of nested levels and their sums of squares, from the outside in.

    In: n numbers (None left out) and, from the outermost factor to the innermost, name -> n levels. Out: MultiVari;
    shares of the total sum of squares in %, None when nothing varies. Raises BadInput for unequal lengths.
    Source: Seder, Industrial Quality Control 7 (1950); nested sums of squares, Montgomery, DOE, chapter 14.
    """
    values = numbers(x)
    for name, levels in factors.items():
        if len(levels) != len(values):
            raise BadInput(f"Factor {name!r} has {len(levels)} levels for {len(values)} values.")
    keep = np.flatnonzero(~np.isnan(values)).tolist()
    if not keep or not factors:
        raise BadInput("A multi-vari study needs values and at least one factor.")
    data = values[keep]
    total, before = float(((data - data.mean()) ** 2).sum()), np.full(len(data), data.mean())
    families, labels = [], [""] * len(data)
    for name, levels in factors.items():
        labels = [f"{label} / {levels[i]}" if label else str(levels[i]) for label, i in zip(labels, keep, strict=True)]
        means = dict.fromkeys(labels, 0.0)
        kinds, index = np.unique(labels, return_inverse=True)
        average = np.bincount(index, weights=data) / np.bincount(index)
        means |= {str(kind): float(mean) for kind, mean in zip(kinds, average, strict=True)}
        here = average[index]
        share = 100.0 * float(((here - before) ** 2).sum()) / total if total > 0 else None
        families.append(Family(name, share, means))
        before = here
    within = 100.0 * float(((data - before) ** 2).sum()) / total if total > 0 else None
    return MultiVari(tuple(families), within, total)
