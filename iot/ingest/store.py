"""Store readings: binary COPY straight into the partitions, a slower way for batches that repeat readings."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg2
from django.db import connection, transaction
from numpy.typing import NDArray

from iot.ingest.intake import Row

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_TRAILER = struct.pack(">h", -1)
_COLUMNS = "t, value, received, parameter_id, seq, flags, lot, serial"
# one row of binary COPY: the number of fields, then each with its length before it; -1 is null
_ROW = np.dtype(
    [
        ("fields", ">i2"), ("t_", ">i4"), ("t", ">i8"), ("value_", ">i4"), ("value", ">f8"),
        ("received_", ">i4"), ("received", ">i8"), ("parameter_", ">i4"), ("parameter", ">i4"),
        ("seq_", ">i4"), ("seq", ">i4"), ("flags_", ">i4"), ("flags", ">i2"), ("lot_", ">i4"), ("serial_", ">i4"),
    ]
)  # fmt: skip
_PLAIN = _ROW.itemsize
_UNTEXTED = _PLAIN - 8  # a row without its two text fields


@dataclass
class Stored:
    """What became of each row of a batch."""

    inserted: list[Row] = field(default_factory=list)
    duplicates: list[Row] = field(default_factory=list)
    corrections: list[tuple[Row, float]] = field(default_factory=list)  # with the value already stored
    refused: list[tuple[Row, str]] = field(default_factory=list)


def store(rows: Sequence[Row], *, repeated: bool = False) -> Stored:
    """Store a batch inside the transaction under way; a row the database refuses costs that row alone.

    `repeated` says that readings may have been stored before (a redelivery), which skips the fast way.
    """
    done = Stored()
    single, later = _first_of_each(rows)
    if single:
        _store(single, done, repeated=repeated)
    if later:
        _compare(later, done)
    return done


def _first_of_each(rows: Sequence[Row]) -> tuple[list[Row], list[tuple[Row, Row]]]:
    """The rows in the order of their key, each key once: workers that meet on a key then wait, never deadlock.

    Beside them each further row of a key, with the first of it.
    """
    if len(rows) < 2:
        return list(rows), []
    parameters, times, numbers = _keys(rows)
    order = np.lexsort((numbers, times, parameters))  # stable: of one key the first heard comes first
    ordered = [rows[at] for at in order.tolist()]
    same = np.ones(len(rows) - 1, dtype=np.bool_)
    for column in (parameters, times, numbers):
        in_order = column[order]
        same &= in_order[1:] == in_order[:-1]
    if not same.any():
        return ordered, []
    single, later = ordered[:1], list[tuple[Row, Row]]()
    for row, again in zip(ordered[1:], same.tolist(), strict=True):
        if again:
            later.append((row, single[-1]))
        else:
            single.append(row)
    return single, later


def _compare(later: Sequence[tuple[Row, Row]], done: Stored) -> None:
    """Further rows of a key beside what the table holds, which may be older than the first of the batch."""
    standing = {id(row): value for row, value in done.corrections}
    refused = {id(row): text for row, text in done.refused}
    for row, first in later:
        held = standing.get(id(first), first.value)
        if id(first) in refused:
            done.refused.append((row, refused[id(first)]))
        elif row.value == held:
            done.duplicates.append(row)
        else:
            done.corrections.append((row, held))


def _keys(rows: Sequence[Row]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Parameters, measured times in microseconds and sequence numbers."""
    numbers = ([row.parameter for row in rows], _microseconds([row.t for row in rows]), [row.seq for row in rows])
    parameters, times, seqs = (np.array(column, dtype=np.int64) for column in numbers)
    return parameters, times, seqs


def _microseconds(times: Sequence[datetime]) -> list[int]:
    """Microseconds since the epoch of PostgreSQL."""
    return [(t - _EPOCH) // _MICROSECOND for t in times]


def _store(rows: list[Row], done: Stored, *, repeated: bool) -> None:
    try:
        with transaction.atomic():
            if not repeated:
                _copy("iot_reading", _COLUMNS, _buffer(rows))
                done.inserted += rows
            else:
                _through_stage(rows, done)
    except psycopg2.errors.UniqueViolation:
        _store(rows, done, repeated=True)
    except (psycopg2.DataError, psycopg2.IntegrityError) as problem:
        if len(rows) == 1:
            done.refused.append((rows[0], str(problem).splitlines()[0]))
            return
        half = len(rows) // 2
        _store(rows[:half], done, repeated=repeated)
        _store(rows[half:], done, repeated=repeated)


def _copy(table: str, columns: str, data: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.copy_expert(f"copy {table} ({columns}) from stdin (format binary)", io.BytesIO(data))


def _through_stage(rows: list[Row], done: Stored) -> None:
    """Insert what is new; what was there is a duplicate, or a correction when its value differs."""
    _copy("iot_reading_stage", f"position, {_COLUMNS}", _buffer(rows, positions=True))
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into iot_reading ({_COLUMNS}) select {_COLUMNS} from iot_reading_stage order by position"
            " on conflict (parameter_id, t, seq) do nothing returning parameter_id, t, seq"
        )
        new = set(cursor.fetchall())
        cursor.execute(
            "select s.position, r.value from iot_reading_stage s join iot_reading r using (parameter_id, t, seq)"
            " where r.value is distinct from s.value"
        )
        differing = dict(cursor.fetchall())
        cursor.execute("delete from iot_reading_stage")
    for position, row in enumerate(rows):
        if (row.parameter, row.t, row.seq) in new:
            done.inserted.append(row)
        elif position in differing:
            done.corrections.append((row, differing[position]))
        else:
            done.duplicates.append(row)


def _buffer(rows: Sequence[Row], *, positions: bool = False) -> bytes:
    """The rows in PostgreSQL's binary COPY format."""
    table = np.zeros(len(rows), dtype=_ROW)
    table["fields"] = 9 if positions else 8
    table["t_"] = table["value_"] = table["received_"] = 8
    table["parameter_"] = table["seq_"] = 4
    table["flags_"], table["lot_"], table["serial_"] = 2, -1, -1
    table["parameter"], table["t"], table["seq"] = _keys(rows)
    heard = {id(row.received): row.received for row in rows}  # one moment for all readings of a message
    known = dict(zip(heard, _microseconds(list(heard.values())), strict=True))
    table["received"] = [known[id(row.received)] for row in rows]
    table["value"] = [row.value for row in rows]
    table["flags"] = [row.flags for row in rows]
    if not positions and all(row.lot is None and row.serial is None for row in rows):
        return _HEADER + table.tobytes() + _TRAILER
    return _HEADER + _with_texts(rows, table, positions=positions) + _TRAILER


def _with_texts(rows: Sequence[Row], table: NDArray[np.void], *, positions: bool) -> bytes:
    """Rows whose text fields differ in length, put together one by one."""
    raw, parts = table.tobytes(), []
    for at, row in enumerate(rows):
        start = at * _PLAIN
        parts.append(raw[start : start + 2])
        if positions:
            parts.append(struct.pack(">ii", 4, at))
        parts.append(raw[start + 2 : start + _UNTEXTED])
        parts += [_text(row.lot), _text(row.serial)]
    return b"".join(parts)


def _text(value: str | None) -> bytes:
    if value is None:
        return struct.pack(">i", -1)
    data = value.encode()
    return struct.pack(">i", len(data)) + data
