"""A sensor that stands still: more equal readings in a row than its resolution explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spc.values import numbers

SURE = 0.001


@dataclass(frozen=True)
class Standstill:
    """The longest row of equal readings: first and last point (from 1), their value, and how often chance does it."""

    first: int
    last: int
    value: float
    expected: float

    @property
    def length(self) -> int:
        """How many readings are equal."""
        return self.last - self.first + 1


def standstill(data: Any) -> Standstill | None:
    """The longest row of equal readings, when chance would hardly ever give one so long; else None.

    In: readings in order of time, missing ones left out of the row. Out: Standstill, or None where the readings repeat
    no longer than their resolution and their slowness explain. Formula: outside the row, e of m neighbouring pairs are
    equal, so a reading repeats with q = (e + 1) / (m + 1); n q^(length - 1) rows so long are expected, and fewer than
    0.001 is told. Raises BadInput with the place of what is no number.
    Source: Feller, An Introduction to Probability Theory and Its Applications I, XIII.7 (runs of successes).
    """
    x = numbers(data)
    there = np.flatnonzero(~np.isnan(x))
    kept = x[there]
    if len(kept) < 3:
        return None
    starts = np.flatnonzero(np.r_[True, np.diff(kept) != 0])
    lengths = np.diff(np.r_[starts, len(kept)])
    longest = int(np.argmax(lengths))
    start, length = int(starts[longest]), int(lengths[longest])
    equal = np.delete(np.diff(kept) == 0, slice(start, start + length - 1))
    if not len(equal):
        return None  # nothing moves at all: there is nothing to tell a row from
    # so few readings cannot show that values never repeat, so one more repetition is always thought possible
    expected = len(kept) * ((float(equal.sum()) + 1) / (len(equal) + 1)) ** (length - 1)
    if length < 3 or expected >= SURE:
        return None
    first, last = int(there[start]) + 1, int(there[start + length - 1]) + 1
    return Standstill(first, last, float(kept[start]), expected)
