"""Numbers as they come in: lists with gaps become float arrays, anything else becomes a clear error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]
Masks: TypeAlias = NDArray[np.uint32]


LARGEST = 1e75  # powers up to the fourth still fit a float
_PLAIN = {float, int, type(None)}


class BadInput(ValueError):
    """Data that cannot be judged; the text says where and what to do."""


def number(value: Any, *, where: str) -> float:
    """One entry as a float; None is a missing value (NaN).

    In: any value and the words for its place. Out: float. Raises BadInput for text, truth values and infinity.
    Source: definition.
    """
    if value is None:
        return math.nan
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise BadInput(f"{where} is {value!r}, not a number. Correct it or leave it empty (null).")
    if value < -LARGEST or value > LARGEST:
        raise BadInput(f"{where} is infinite or beyond {LARGEST:g}. Correct it or leave it empty (null).")
    return float(value)


def numbers(values: Any, *, name: str = "x") -> Floats:
    """A column of numbers.

    In: n entries, None and NaN are gaps. Out: shape (n,). Raises BadInput with the position (from 1). Source:
    definition.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiu" and values.ndim == 1:
        column = values.astype(np.float64, copy=False)
        if len(column) and (np.fmax.reduce(column) > LARGEST or np.fmin.reduce(column) < -LARGEST):
            place = int(np.flatnonzero(np.abs(column) > LARGEST)[0])
            number(float(column[place]), where=f"{name}, entry {place + 1}")
        return column
    if isinstance(values, (str, bytes)) or not isinstance(values, (Sequence, np.ndarray)):
        raise BadInput(f"{name} must be a list of numbers.")
    quick = _quick(values)
    if quick is not None:
        return quick
    return np.array([number(v, where=f"{name}, entry {i}") for i, v in enumerate(values, start=1)], dtype=np.float64)


def _quick(values: Sequence[Any] | np.ndarray[Any, Any]) -> Floats | None:
    """A column at once when it holds nothing but sound numbers and gaps; None where entries must be looked at."""
    if not set(map(type, values)) <= _PLAIN:
        return None
    try:
        column = np.array(values, dtype=np.float64)  # None becomes NaN
    except OverflowError:  # a whole number beyond every float
        return None
    return None if (np.abs(column) > LARGEST).any() else column


def table(rows: Any, *, name: str = "subgroups") -> Floats:
    """Rows of numbers.

    In: rows of entries, None = missing, rows may differ in length. Out: shape (rows, widest row), short rows filled
    with gaps. Raises BadInput with row and column. Source: definition.
    """
    if isinstance(rows, np.ndarray) and rows.ndim == 2 and rows.dtype.kind in "fiu":
        numbers(rows.ravel(), name=name)
        return rows.astype(np.float64, copy=False)
    if isinstance(rows, (str, bytes)) or not isinstance(rows, (Sequence, np.ndarray)):
        raise BadInput(f"{name} must be a list of rows.")
    if set(map(type, rows)) <= {list, tuple} and len(set(map(len, rows))) == 1:
        quick = _quick(list(chain.from_iterable(rows)))
        if quick is not None:
            return quick.reshape(len(rows), -1)
    parsed = [_row(row, where=f"{name}, row {i}") for i, row in enumerate(rows, start=1)]
    filled = np.full((len(parsed), max((len(row) for row in parsed), default=0)), np.nan)
    for i, row in enumerate(parsed):
        filled[i, : len(row)] = row
    return filled


def _row(row: Any, *, where: str) -> list[float]:
    if row is None:
        return []
    if isinstance(row, (str, bytes)) or not isinstance(row, (Sequence, np.ndarray)):
        raise BadInput(f"{where} must be a list of numbers.")
    return [number(v, where=f"{where}, column {j}") for j, v in enumerate(row, start=1)]


def present(values: Floats) -> Floats:
    """The values that exist, order kept.

    In: shape (n,), NaN = gap. Out: shape (m,). Source: definition.
    """
    return values[~np.isnan(values)]


def finite(value: float | None) -> float | None:
    """The value as a plain float, or None when it does not exist.

    In: a number, None, NaN or infinite. Out: float or None. Source: definition.
    """
    return None if value is None or not math.isfinite(value) else float(value)


def said(value: float, shape: str = ".4g") -> str:
    """A figure inside a sentence, with a true minus sign.

    In: the value, and its shape as format() takes it. Out: its text. Source: definition.
    """
    return format(value, shape).replace("-", "\u2212")
