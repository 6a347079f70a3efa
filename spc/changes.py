"""Several change points of the mean: candidates by halving, the best set of them by dynamic programming."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from spc.values import BadInput, Floats, Ints, numbers

_EXACT = 600
_LEAST_ALIKE = 20  # values that a change among values that are alike needs
_LEAST_APART = 10  # and how many independent ones they must be worth
_CANDIDATES = 3000


@dataclass(frozen=True)
class Segment:
    """Points first to last (from 1) of one level, their mean and standard deviation in the unit of x."""

    first: int
    last: int
    mean: float
    std: float | None


@dataclass(frozen=True)
class Changes:
    """Last point (from 1) before each change, the levels between, and the penalty of one more change (squared unit)."""

    last_before_change: tuple[int, ...]
    segments: tuple[Segment, ...]
    penalty: float
    noise: float


def changes(x: Any, *, penalty: float | None = None, least: int = 2) -> Changes:
    """The levels of a series: the split with the least sum of squares plus a penalty for each change.

    In: n values in order of time (None = gap, kept in its place); penalty in squared units, default 3 sigma^2 ln n with
    sigma from the median absolute step; least = shortest stretch in points. Out: Changes. Up to 600 points every split
    is weighed (optimal partitioning); above, the splits of a binary segmentation with a third of the penalty, so that
    100,000 points take well below a second. Raises BadInput below two values.
    Sources: Jackson et al., IEEE Signal Processing Letters 12 (2005); Scott and Knott, Biometrics 30 (1974); penalty
    after Yao, Statistics and Probability Letters 6 (1988).
    """
    data = numbers(x)
    place = np.flatnonzero(~np.isnan(data))
    if len(place) < 2 or least < 1:
        raise BadInput("Change points need at least two values and stretches of at least one point.")
    values = data[place] - data[place].mean()
    noise = _noise(values)
    cost = 3.0 * noise**2 * math.log(len(values)) if penalty is None else penalty
    if not cost > 0:
        cost = 1e-9 * max(1e-300, float(np.ptp(values)) ** 2)
    total = np.concatenate([[0.0], np.cumsum(values)])
    splits = np.arange(least, len(values) - least + 1) if len(values) <= _EXACT else _halved(total, cost / 3.0, least)
    found = _best(total, splits, cost, least)
    edges = np.array([0, *found, len(values)], dtype=np.int64)
    pieces = tuple(_segment(data, place, a, b) for a, b in pairwise(edges))
    return Changes(tuple(int(place[cut - 1]) + 1 for cut in found), pieces, cost, noise)


def newest_change(x: Any, *, alike: bool = False) -> int | None:
    """The last point before the newest change of the level that is shown, None without one.

    In: n values in order of time (None = gap); alike = neighbours are alike (autocorrelated) and the level seems to
    wander: splits are then taken one after the other, each weighed against the long-run variance s^2 (1 + r) / (1 - r)
    of what is left around its two levels instead of the noise of single steps. Out: a point number from 1.
    Sources: changes(); long-run variance of a first-order model as in Bai, Econometric Theory 13 (1997).
    """
    data = numbers(x)
    place = np.flatnonzero(~np.isnan(data))
    if not alike:
        shown = changes(data).last_before_change if len(place) > 1 else ()
        return shown[-1] if shown else None
    values, newest, start = data[place], None, 0
    while (cut := _split(values[start:])) is not None:
        start += cut
        newest = int(place[start - 1]) + 1
    return newest


def _split(values: Floats) -> int | None:
    """How many values lie before the change, None where none is shown against the long-run variance."""
    if len(values) < _LEAST_ALIKE:
        return None
    total = np.concatenate([[0.0], np.cumsum(values - values.mean())])
    saved, cut = _gain(total, 0, len(values), _LEAST_ALIKE // 4)
    left = np.concatenate([values[:cut] - values[:cut].mean(), values[cut:] - values[cut:].mean()])
    power = float(left @ left)
    if power == 0:
        return cut if saved > 0 else None
    like = float(left[1:] @ left[:-1]) / power
    like = min(0.99, max(0.0, like + (1 + 4 * like) / (len(values) / 2)))  # each of two levels is fitted (Kendall 1954)
    if len(values) * (1 - like) / (1 + like) < _LEAST_APART:
        return None
    cost = 3.0 * power / len(values) * (1 + like) / (1 - like) * math.log(len(values))
    return cut if saved > cost else None


def _noise(values: Floats) -> float:
    """Standard deviation from the median absolute step, blind to jumps; where most steps are 0, from their mean."""
    steps = np.abs(np.diff(values))
    middle = float(np.median(steps)) / 0.9538725524
    return middle if middle > 0 else float(np.mean(steps)) / 1.1283791671


def _gain(total: Floats, first: int, last: int, least: int) -> tuple[float, int]:
    """What the best split of points first to last saves, and where it lies."""
    cut = np.arange(first + least, last - least + 1)
    if not len(cut):
        return 0.0, 0
    left, right = total[cut] - total[first], total[last] - total[cut]
    whole = (total[last] - total[first]) ** 2 / (last - first)
    saved = left**2 / (cut - first) + right**2 / (last - cut) - whole
    best = int(saved.argmax())
    return float(saved[best]), int(cut[best])


def _halved(total: Floats, cost: float, least: int) -> Ints:
    """Splits of a binary segmentation that save more than `cost`, the best first, up to a fixed number."""
    waiting = [(0, len(total) - 1)]
    found: list[int] = []
    while waiting and len(found) < _CANDIDATES:
        first, last = waiting.pop(0)
        saved, cut = _gain(total, first, last, least)
        if saved > cost:
            found.append(cut)
            waiting += [(first, cut), (cut, last)]
    return np.array(sorted(found), dtype=np.int64)


def _best(total: Floats, splits: Ints, cost: float, least: int) -> list[int]:
    """Optimal partitioning over the candidate splits: each step weighs all earlier ends at once."""
    ends = np.concatenate([[0], splits, [len(total) - 1]]).astype(np.int64)
    value, back = np.full(len(ends), math.inf), np.zeros(len(ends), dtype=np.int64)
    value[0] = -cost
    for i in range(1, len(ends)):
        gap = (ends[i] - ends[:i]).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            score = value[:i] + cost - (total[ends[i]] - total[ends[:i]]) ** 2 / gap
        score[gap < least] = math.inf
        back[i] = int(score.argmin())
        value[i] = score[back[i]]
    chosen, i = [], int(back[-1])
    while i > 0:
        chosen.append(int(ends[i]))
        i = int(back[i])
    return chosen[::-1]


def _segment(data: Floats, place: Ints, first: int, stop: int) -> Segment:
    piece = data[place[first:stop]]
    spread = float(np.std(piece, ddof=1)) if len(piece) > 1 else None
    return Segment(int(place[first]) + 1, int(place[stop - 1]) + 1, float(piece.mean()), spread)
