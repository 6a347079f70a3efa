"""Columns in PostgreSQL's binary COPY format: numpy lays out the rows, no value passes through Python by itself."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL counts microseconds from here
UNIX = 946_684_800_000_000  # microseconds from 1970 to there
_MICROSECOND = timedelta(microseconds=1)
_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_TRAILER = struct.pack(">h", -1)
_FLOAT8 = 701  # the number of the type in every PostgreSQL
_AT_ONCE = 1 << 20  # bytes handed over in one piece

Ints = NDArray[np.int64]
Column = NDArray[Any] | str | None  # numbers or a list of floats for each row; one text, or null, for all rows


def micros(t: datetime) -> int:
    """A moment as PostgreSQL keeps it."""
    return (t - EPOCH) // _MICROSECOND


def moment(t: int) -> datetime:
    """The moment of such a number."""
    return EPOCH + timedelta(microseconds=t)


def rows(columns: Mapping[str, Column], count: int) -> NDArray[np.void]:
    """`count` rows of one layout, fields in the order of the columns; numbers keep their own width."""
    layout: list[Any] = [("fields", ">i2")]
    for name, column in columns.items():
        layout += [(f"{name} size", ">i4"), *_layout(name, column)]
    table = np.empty(count, np.dtype(layout))
    table["fields"] = len(columns)
    for name, column in columns.items():
        _fill(table, name, column)
    return table


def _layout(name: str, column: Column) -> list[Any]:
    if isinstance(column, np.ndarray):
        if column.ndim == 1:
            return [(name, column.dtype.newbyteorder(">"))]
        return [(f"{name} head", ">i4", (5,)), (name, [("size", ">i4"), ("value", ">f8")], (column.shape[1],))]
    return [(name, f"S{len(column.encode())}")] if column else []


def _fill(table: NDArray[np.void], name: str, column: Column) -> None:
    size = f"{name} size"
    if column is None:
        table[size] = -1
    elif isinstance(column, str):
        table[size] = len(column.encode())
        if column:
            table[name] = column.encode()
    elif column.ndim == 1:
        table[size], table[name] = column.dtype.itemsize, column
    else:
        width = column.shape[1]
        table[size], table[f"{name} head"] = 20 + 12 * width, (1, 0, _FLOAT8, width, 1)
        table[name]["size"], table[name]["value"] = 8, column


def read(sql: str, params: Any, **kinds: str) -> NDArray[np.void]:
    """The columns of a query, each a number of a fixed width: `kinds` are their numpy types (i4, f8), in order."""
    layout = [("fields", ">i2")]
    for name, kind in kinds.items():
        layout += [(f"{name} size", ">i4"), (name, f">{kind}")]
    return np.frombuffer(fetched(sql, params), np.dtype(layout))


def copy(table: str, columns: str, *parts: NDArray[np.void] | bytes) -> None:
    """Append rows to a table by one COPY; parts may differ in layout."""
    bodies = (part if isinstance(part, bytes) else part.view(np.uint8).data for part in parts)
    data = b"".join([_HEADER, *bodies, _TRAILER])
    with connection.cursor() as cursor:
        cursor.copy_expert(f"copy {table} ({columns}) from stdin (format binary)", io.BytesIO(data), _AT_ONCE)


def fetched(query: str, values: Any) -> memoryview:
    """The rows of a query as PostgreSQL's binary COPY gives them, without what stands before and behind."""
    out = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(b"copy (" + cursor.mogrify(query, values) + b") to stdout (format binary)", out)
    return out.getbuffer()[len(_HEADER) : -len(_TRAILER)]
