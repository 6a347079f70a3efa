"""The readings of a batch as columns: gathered message by message, then sorted, stored and judged as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iot.copying import UNIX, Ints
from spc.values import Bools, Floats

Texts = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Readings:
    """Columns of one length; times in microseconds as PostgreSQL counts them, `message`: which one brought it.

    `device`: whose it is, -1 where nobody knows.
    """

    parameter: NDArray[np.int32]
    t: Ints
    seq: NDArray[np.int32]
    value: Floats
    received: Ints
    flags: NDArray[np.int16]
    message: NDArray[np.int32]
    device: Ints
    lot: Texts | None = None  # None where no reading has one
    serial: Texts | None = None

    def __len__(self) -> int:
        return len(self.t)

    def __getitem__(self, which: Ints | Bools | slice) -> Readings:
        """The readings at these places, or where a mask is set."""
        columns = {one.name: getattr(self, one.name) for one in fields(self)}
        picked: dict[str, Any] = {name: None if one is None else one[which] for name, one in columns.items()}
        return Readings(**picked)


def begins(*columns: NDArray[Any]) -> Bools:
    """Where rows in order have another key than the row before; the first row always does."""
    first = np.ones(len(columns[0]), np.bool_)
    first[1:] = reduce(np.logical_or, (one[1:] != one[:-1] for one in columns))
    return first


# parameter, time, value, time of receipt, sequence number, flags and no texts, as the binary COPY gives them
_KINDS = (("parameter", ">i4"), ("t", ">i8"), ("value", ">f8"), ("received", ">i8"), ("seq", ">i4"), ("flags", ">i2"))
_BARE = np.dtype(
    [("fields", ">i2"), *(pair for name, kind in _KINDS for pair in ((f"{name}_", ">i4"), (name, kind))),
     ("lot_", ">i4"), ("serial_", ">i4")]
)  # fmt: skip
_TEXTS_AT = _BARE.itemsize - 8


def read(raw: memoryview) -> Readings:
    """Rows of parameter, time, value, receipt, sequence number, flags, lot and serial number, fetched as binary."""
    lots: list[str | None] = []
    serials: list[str | None] = []
    if len(raw) % _BARE.itemsize == 0:
        table = np.frombuffer(raw, _BARE)
        without = (table["lot_"] == -1) & (table["serial_"] == -1)
        if without.all() and (table["fields"] == len(_KINDS) + 2).all():
            return _of(table, None, None)
    rows, at = [], 0
    while at < len(raw):
        rows.append(bytes(raw[at : at + _TEXTS_AT]))
        at += _TEXTS_AT
        for texts in (lots, serials):
            size = int.from_bytes(raw[at : at + 4], "big", signed=True)
            texts.append(str(raw[at + 4 : at + 4 + size], "utf-8") if size >= 0 else None)
            at += 4 + max(size, 0)
    table = np.frombuffer(b"".join(row + b"\xff" * 8 for row in rows), _BARE)
    return _of(table, *(np.array(texts, np.object_) for texts in (lots, serials)))


def _of(table: NDArray[np.void], lot: Texts | None, serial: Texts | None) -> Readings:
    columns = {name: table[name].astype(kind[1:]) for name, kind in _KINDS}
    nobody = np.full(len(table), -1, np.int64)
    return Readings(**columns, message=np.zeros(len(table), np.int32), device=nobody, lot=lot, serial=serial)


def in_order(parts: Sequence[Readings]) -> Readings:
    """Parts as one, by parameter, time and sequence number; a column of texts without any is none."""
    whole: dict[str, Any] = {}
    for name in (one.name for one in fields(Readings)):
        columns = [getattr(part, name) for part in parts]
        if all(column is None for column in columns):
            whole[name] = None
            continue
        filled = (np.full(len(part), None) if one is None else one for part, one in zip(parts, columns, strict=True))
        joined = np.concatenate(list(filled))
        whole[name] = None if joined.dtype == np.object_ and all(one is None for one in joined) else joined
    rows = Readings(**whole)
    return rows[np.lexsort((rows.seq, rows.t, rows.parameter))]


@dataclass(slots=True)
class _Sparse:
    """A column that is the same for most rows: what differs is filled in at the end."""

    usual: Any
    dtype: Any
    filled: list[tuple[int, int, Any]] = field(default_factory=list)

    def column(self, count: int) -> NDArray[Any]:
        made = np.full(count, self.usual, self.dtype)
        for start, stop, values in self.filled:
            made[start:stop] = values
        return made

    def texts(self, count: int) -> Texts | None:
        return self.column(count) if self.filled else None


@dataclass(slots=True)
class Gathering:
    """Columns that grow by the readings of one message, or of one entry, at a time."""

    count: int = 0
    parameters: list[NDArray[np.int32]] = field(default_factory=list)
    t: list[int] = field(default_factory=list)  # microseconds since 1970, as the wire counts them
    value: list[float] = field(default_factory=list)
    parts: list[tuple[int, int, int, int]] = field(default_factory=list)  # message, device or -1, received, readings
    seq: _Sparse = field(default_factory=lambda: _Sparse(0, np.int32))
    flags: _Sparse = field(default_factory=lambda: _Sparse(0, np.int16))
    lot: _Sparse = field(default_factory=lambda: _Sparse(None, np.object_))
    serial: _Sparse = field(default_factory=lambda: _Sparse(None, np.object_))

    def add(
        self, parameters: NDArray[np.int32], t: Sequence[int], value: Sequence[float], part: tuple[int, int, int]
    ) -> None:
        """Readings of one message; `part`: its number, its device or -1, when it was received."""
        self.parameters.append(parameters)
        self.t += t
        self.value += value
        self.parts.append((*part, len(t)))
        self.count += len(t)

    def also(self, count: int, *, seq: Any = 0, flags: Any = 0, lot: Any = None, serial: Any = None) -> None:
        """What is remarkable about the `count` readings added last: one value for all, or one for each."""
        for column, values in ((self.seq, seq), (self.flags, flags), (self.lot, lot), (self.serial, serial)):
            if values is not column.usual:
                column.filled.append((self.count - count, self.count, values))

    def readings(self) -> Readings:
        """The columns."""
        message, device, received, many = np.array(self.parts, np.int64).reshape(-1, 4).T
        count = self.count
        return Readings(
            np.concatenate(self.parameters) if self.parameters else np.zeros(0, np.int32),
            np.array(self.t, np.int64) - UNIX,
            self.seq.column(count),
            np.array(self.value, np.float64),
            np.repeat(received, many),
            self.flags.column(count),
            np.repeat(message, many).astype(np.int32),
            np.repeat(device, many),
            self.lot.texts(count),
            self.serial.texts(count),
        )
