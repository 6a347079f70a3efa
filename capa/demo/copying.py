"""Readings by the hundred thousand: one binary COPY per characteristic, built by numpy."""

from __future__ import annotations

import io
import struct

import numpy as np
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from capa.demo.series import Series
from iot.models import ReadingFlag
from iot.rollups.batch import roll_up

_EPOCH = 946_684_800  # 2000-01-01, where the database counts from
_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_TRAILER = struct.pack(">h", -1)
_COLUMNS = "t, value, received, parameter_id, seq, flags, lot"


def copy_readings(series: Series, parameter: int) -> int:
    """Store every piece of a series as a reading of a parameter; returns how many. Needs an act."""
    data = _buffer(series, parameter)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"copy iot_reading ({_COLUMNS}) from stdin (format binary)", io.BytesIO(data))
    times, values = _microseconds(series), series.values.ravel()
    roll_up(np.full(len(times), parameter), times, values, np.zeros(len(times), dtype=np.int64), now=timezone.now())
    return int(series.values.size)


def make_partitions(since: str, until: str) -> None:
    """Have the months from `since` to `until` (ISO dates) ready. Needs an act."""
    with connection.cursor() as cursor:
        cursor.execute("select iot_make_partitions(%s, %s)", [since, until])


def _buffer(series: Series, parameter: int) -> bytes:
    """All readings in PostgreSQL's binary COPY format; every lot of a series is a text of one length."""
    width = len(series.lots[0])
    pieces = series.values.shape[1]
    table = np.zeros(series.values.size, dtype=_row(width))
    micro = _microseconds(series)
    table["fields"] = 7
    table["t_"] = table["value_"] = table["received_"] = 8
    table["parameter_"] = table["seq_"] = 4
    table["flags_"], table["lot_"] = 2, width
    table["t"] = table["received"] = micro
    table["value"] = series.values.ravel()
    table["parameter"], table["flags"] = parameter, int(ReadingFlag.IMPORTED)
    table["lot"] = np.repeat(np.array(series.lots, dtype=f"S{width}"), pieces)
    return _HEADER + table.tobytes() + _TRAILER


def _microseconds(series: Series) -> NDArray[np.int64]:
    return np.round((series.piece_times().ravel() - _EPOCH) * 1e6).astype(np.int64)


def _row(width: int) -> np.dtype[np.void]:
    """One row: the number of fields, then each with its length before it."""
    return np.dtype(
        [
            ("fields", ">i2"), ("t_", ">i4"), ("t", ">i8"), ("value_", ">i4"), ("value", ">f8"),
            ("received_", ">i4"), ("received", ">i8"), ("parameter_", ">i4"), ("parameter", ">i4"),
            ("seq_", ">i4"), ("seq", ">i4"), ("flags_", ">i4"), ("flags", ">i2"),
            ("lot_", ">i4"), ("lot", f"S{width}"),
        ]
    )  # fmt: skip
