"""Readings of one parameter and day as pieces of columns: each column is a line and what differs from it."""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iot.copying import Ints
from iot.readings import Texts
from spc.values import Floats

MOST = 4_096  # readings of a piece: short enough to open one for an hour of a day, long enough to cost nothing itself
COLUMNS = (
    "first_t, last_t, step, base, scale, parameter_id, seq, n, tick, seq_step, lag,"
    " t2, t4, t8, v2, v4, f4, f8, seqs, lags, flags, lots, serials"
)
_SECOND = 1_000_000
_TICKS = (_SECOND, 1_000, 1)  # microseconds; clocks of devices count seconds, milliseconds or microseconds
_DIGITS = 9  # behind the decimal point; a value of more is kept as it is
_EXACT = 2**53
_OIDS = {"i2": 21, "i4": 23, "i8": 20, "f4": 700, "f8": 701}
_TEXT = 25
_FIELDS = 23
_NULL = struct.pack(">i", -1)
Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Day:
    """Readings in order of time and sequence number; times in microseconds since 2000-01-01."""

    parameter: int
    t: Ints
    value: Floats
    received: Ints
    seq: Ints
    flags: NDArray[np.int16]
    lot: Texts | None
    serial: Texts | None


def packed(day: Day) -> bytes:
    """The pieces of a day as rows in PostgreSQL's binary COPY format, to be opened again by `iot_stored`.

    Everything comes back as it was, but the time of receipt: that is kept to the second, so a reading seems received up
    to a second before it was.
    """
    count = -(-len(day.t) // MOST)
    bounds = np.linspace(0, len(day.t), count + 1).astype(np.int64).tolist()
    return b"".join(_piece(day, slice(a, b)) for a, b in itertools.pairwise(bounds))


def _piece(day: Day, span: slice) -> bytes:
    t, value = day.t[span], day.value[span]
    place = np.arange(len(t), dtype=np.int64)
    step, tick, times = _times(t, place)
    base, scale, values = _values(value)
    seq, seq_step, seqs = _line(day.seq[span], place)
    late = (day.received[span] - t) // _SECOND
    lag = int(np.clip(np.median(late), -(2**31), 2**31 - 1)) if len(late) else 0
    lags, flags = late - lag, day.flags[span]
    numbers = (
        ("q", int(t[0])), ("q", int(t[-1])), ("q", step), ("q", base), ("d", scale), ("i", day.parameter), ("i", seq),
        ("i", len(t)), ("i", tick), ("i", seq_step), ("i", lag),
    )  # fmt: skip
    columns = [
        *(times if times.dtype == kind else None for kind in (np.int16, np.int32, np.int64)),
        *(values if values.dtype == kind else None for kind in (np.int16, np.int32, np.float32, np.float64)),
        seqs, lags.astype(np.int32), flags.astype(np.int16),
    ]  # fmt: skip
    kept = [None if one is None or (at not in _ALWAYS and not one.any()) else one for at, one in enumerate(columns)]
    fields = [struct.pack(f">i{kind}", struct.calcsize(kind), number) for kind, number in numbers]
    texts = [_NULL if column is None else _texts(column[span]) for column in (day.lot, day.serial)]
    return struct.pack(">h", _FIELDS) + b"".join([*fields, *(_array(one) for one in kept), *texts])


_ALWAYS = range(3, 7)  # the values say how many readings there are


def _times(t: Ints, place: Ints) -> tuple[int, int, Array]:
    """The step of the line through the first and the last, the unit of what differs from it, and the differences."""
    tick = next(tick for tick in _TICKS if not ((t - t[0]) % tick).any())
    step = int((t[-1] - t[0]) // max(len(t) - 1, 1)) // tick * tick
    return step, tick, _narrow((t - t[0] - place * step) // tick)


def _values(value: Floats) -> tuple[int, float, Array]:
    """Values of few decimals as whole numbers around a base, each exactly the same when it is divided again."""
    with np.errstate(over="ignore", invalid="ignore"):
        for scale in (10.0**digits for digits in range(_DIGITS + 1)):
            whole = np.rint(value * scale)
            if not (np.abs(whole) < _EXACT).all():
                break
            if _same(whole / scale + 0.0, value):
                number = whole.astype(np.int64)
                base = (int(number.min()) + int(number.max())) // 2
                apart = _narrow(number - base)
                if apart.dtype != np.int64:
                    return base, scale, apart
                break
        single = value.astype(np.float32)
        return 0, 1.0, single if _same(single.astype(np.float64), value) else value


def _same(one: Floats, other: Floats) -> bool:
    """Whether they agree to the last bit."""
    return np.array_equal(one.view(np.int64), other.view(np.int64))


def _line(seq: Ints, place: Ints) -> tuple[int, int, Array]:
    """Counters of devices go up by one: what differs from that."""
    step = int(seq[-1] > seq[0])
    apart = seq - seq[0] - place * step
    if (np.abs(apart) >= 2**31).any():
        raise ValueError("The sequence numbers of a day are too far apart to be packed.")
    return int(seq[0]), step, apart.astype(np.int32)


def _narrow(numbers: Ints) -> Array:
    low, high = int(numbers.min()), int(numbers.max())
    for kind in (np.int16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return numbers.astype(kind)
    return numbers


def _array(column: Array | None) -> bytes:
    """One array of numbers as a field."""
    if column is None:
        return _NULL
    size = column.dtype.itemsize
    elements = np.empty(len(column), np.dtype([("size", ">i4"), ("value", column.dtype.newbyteorder(">"))]))
    elements["size"], elements["value"] = size, column
    return _framed(_OIDS[f"{column.dtype.kind}{size}"], len(column), elements.tobytes(), nulls=False)


def _texts(column: Texts) -> bytes:
    """One array of texts as a field; null where there is none at all."""
    if not any(one is not None for one in column):
        return _NULL
    coded = (None if one is None else one.encode() for one in column)
    body = b"".join(_NULL if one is None else struct.pack(">i", len(one)) + one for one in coded)
    return _framed(_TEXT, len(column), body, nulls=True)


def _framed(oid: int, count: int, body: bytes, *, nulls: bool) -> bytes:
    data = struct.pack(">iiiii", 1, int(nulls), oid, count, 1) + body
    return struct.pack(">i", len(data)) + data
