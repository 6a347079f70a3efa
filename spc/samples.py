"""What is plotted: single values, subgroups or counts, brought into one shape for every chart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from spc.estimators import Subgroups, moving_ranges, summarise
from spc.values import BadInput, Floats, numbers

Kind = Literal["i-mr", "xbar-r", "xbar-s", "p", "np", "c", "u"]


@dataclass(frozen=True)
class Sample:
    """The points of a chart, shape (k,) each: plotted values (NaN = gap), subgroup sizes, spreads or counts.

    breaks: point numbers (from 1) where a stage starts and no moving range reaches back.
    """

    chart: Kind
    values: Floats
    sizes: Floats
    spread: Floats | None = None
    groups: Subgroups | None = None
    counts: Floats = field(default_factory=lambda: np.empty(0))
    breaks: tuple[int, ...] = ()

    def split(self, breaks: Iterable[int]) -> Sample:
        """The same points with moving ranges cut at these point numbers (from 1)."""
        starts = tuple(breaks)
        if self.chart != "i-mr":
            return replace(self, breaks=starts)
        return replace(self, breaks=starts, spread=moving_ranges(self.values, breaks=starts))


def individuals(x: Any) -> Sample:
    """Single values in order of time for an i-mr chart.

    In: n numbers, None or NaN = missing. Out: Sample with moving ranges of neighbours. Raises BadInput.
    Source: Montgomery, Introduction to SQC, 6.4.
    """
    values = numbers(x)
    if not len(values):
        raise BadInput("There are no values: give at least one.")
    return Sample("i-mr", values, np.ones(len(values)), moving_ranges(values))


def subgroups(rows: Any, *, chart: Literal["xbar-r", "xbar-s"] = "xbar-r", stds: bool = True) -> Sample:
    """Subgroups of readings for an xbar-r or xbar-s chart, in order of time.

    In: rows (k, n), None = missing, rows may differ in length. Out: Sample. Raises BadInput with row and column.
    Source: see spc.estimators.summarise.
    """
    groups = summarise(rows, stds=stds or chart == "xbar-s")
    spread = groups.ranges if chart == "xbar-r" else groups.spreads()
    return Sample(chart, groups.means, groups.sizes.astype(np.float64), spread, groups)


def counted(counts: Any, sizes: Any = None, *, chart: Literal["p", "np", "c", "u"]) -> Sample:
    """Counts of nonconforming items (p, np) or nonconformities (c, u) with the number of items or units inspected.

    In: k counts >= 0 and k sizes >= 0 or one size for all (default 1 for c and u); None = missing. A point without a
    count, a size or with size 0 is a gap. Out: Sample. Raises BadInput with the position of negative numbers and counts
    above the size. Source: Montgomery, Introduction to SQC, chapter 7.
    """
    count = numbers(counts, name="counts")
    if not len(count):
        raise BadInput("There are no counts: give at least one.")
    size = _sizes(sizes, len(count), chart)
    for values, name in ((count, "counts"), (size, "sizes")):
        if (values < 0).any():
            raise BadInput(f"{name}, entry {int(np.argmax(values < 0)) + 1} is negative: counts and sizes start at 0.")
    if chart in ("p", "np") and (count > size).any():
        place = int(np.argmax(count > size)) + 1
        raise BadInput(f"counts, entry {place} is larger than the {size[place - 1]:g} items inspected.")
    usable = ~np.isnan(count) & (size > 0)
    size, kept = np.where(usable, size, np.nan), np.where(usable, count, np.nan)
    return Sample(chart, kept / size if chart in ("p", "u") else kept, size, counts=kept)


def _sizes(sizes: Any, count: int, chart: str) -> Floats:
    if sizes is None:
        if chart in ("p", "np"):
            raise BadInput(f"A {chart} chart needs the number of items inspected for each count (sizes).")
        return np.ones(count)
    size = np.full(count, float(sizes)) if isinstance(sizes, (int, float)) else numbers(sizes, name="sizes")
    if len(size) != count:
        raise BadInput(f"There are {count} counts but {len(size)} sizes: give one size for each count.")
    return size
