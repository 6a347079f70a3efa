"""What a picture needs: histogram bins, and fewer points that look the same and lose no signal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from spc.values import BadInput, Bools, Floats, Ints, numbers, present

_MOST = 200


@dataclass(frozen=True)
class Histogram:
    """Bin edges (bins + 1), counts (bins) and the share of values per unit (density), in the unit of the values."""

    edges: Floats
    counts: Ints
    density: Floats


def histogram(x: Any, *, bins: int | None = None) -> Histogram:
    """Bins of equal width over all values; values on an inner edge fall into the bin above it.

    In: n numbers (None = missing); bins = how many, default by Freedman and Diaconis (2 IQR n^(-1/3)), by Sturges where
    the IQR is 0, at most 200. Out: Histogram; one bin of width 1 when all values are equal. Raises BadInput when empty.
    Source: Freedman and Diaconis, Z. Wahrscheinlichkeitstheorie 57 (1981).
    """
    values = present(numbers(x))
    if not len(values):
        raise BadInput("There are no values: give at least one.")
    low, high = float(values.min()), float(values.max())
    if low == high:
        low, high, bins = low - 0.5, high + 0.5, 1
    count = _bins(values, high - low) if bins is None else bins
    if count < 1:
        raise BadInput("A histogram needs at least one bin.")
    counts, edges = np.histogram(values, bins=count, range=(low, high))
    whole: Ints = counts.astype(np.int64)
    return Histogram(edges, whole, whole / (len(values) * np.diff(edges)))


def _bins(values: Floats, width: float) -> int:
    upper, lower = np.percentile(values, [75, 25])
    step = 2.0 * float(upper - lower) / len(values) ** (1 / 3)
    count = width / step if step > 0 else 1.0 + math.log2(len(values))
    return int(min(_MOST, max(1, math.ceil(count))))


def decimate(t: Any, y: Any, keep: Any = (), *, width: int) -> Ints:
    """Which points to draw so that a line chart of `width` columns looks the same and no marked point is lost.

    In: t ascending times (n,), y values (n,) with NaN = gap, keep = positions (from 0) or a boolean mask (n,) of marked
    points. Out: ascending positions: per column of equal time its first, lowest, highest and last point, every marked
    point, and the gaps next to drawn points; all of them when n <= 4 * width. Raises BadInput for unequal lengths.
    Source: extremes by column, as in Jugel et al., VLDB 7 (2014).
    """
    time, values = np.asarray(t, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if time.shape != values.shape or time.ndim != 1:
        raise BadInput(f"There are {time.size} times but {values.size} values: give one time for each value.")
    if width < 1:
        raise BadInput("A chart needs a width of at least one column.")
    if len(time) <= 4 * width:
        return np.arange(len(time), dtype=np.int64)
    span = float(time[-1] - time[0])
    column = (
        np.minimum((time - time[0]) * (width / span), width - 1).astype(np.int64)
        if span > 0
        else np.zeros(len(time), np.int64)
    )
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    wanted = np.zeros(len(time), dtype=np.bool_)
    wanted[starts] = wanted[np.append(starts[1:] - 1, len(time) - 1)] = True
    for extreme in (_lowest(values, starts), _lowest(-values, starts)):
        wanted[extreme] = True
    gap = np.isnan(values)
    wanted |= gap & (np.append(~gap[1:], False) | np.append(False, ~gap[:-1]))
    wanted[_positions(keep, len(time))] = True
    return np.flatnonzero(wanted).astype(np.int64)


def _lowest(values: Floats, starts: Ints) -> Ints:
    """Position of the lowest value of each stretch (gaps never; a stretch of gaps gives its first point)."""
    clean = np.where(np.isnan(values), np.inf, values)
    least = np.repeat(np.minimum.reduceat(clean, starts), np.diff(np.append(starts, len(values))))
    hits = np.flatnonzero(clean == least)
    first = np.searchsorted(hits, starts)
    return hits[first].astype(np.int64)


def _positions(keep: Any, count: int) -> Ints | Bools:
    marked = np.asarray(keep)
    if marked.dtype == np.bool_:
        if marked.shape != (count,):
            raise BadInput(f"The mask of marked points has {marked.size} entries for {count} points.")
        return marked
    places = marked.astype(np.int64)
    if places.size and (places.min() < 0 or places.max() >= count):
        raise BadInput(f"A marked point lies outside the {count} points.")
    return places
