"""Readings by the hundred thousand: one binary COPY per characteristic, built by numpy."""

from __future__ import annotations

import numpy as np
from django.db import connection
from django.utils import timezone

from capa.demo.series import Series
from iot.copying import UNIX, Column, Ints, copy, rows
from iot.models import ReadingFlag
from iot.rollups.batch import roll_up

_COLUMNS = "t, value, received, parameter_id, seq, flags, lot"


def copy_readings(series: Series, parameter: int) -> int:
    """Store every piece of a series as a reading of a parameter; returns how many. Needs an act."""
    times, values = _microseconds(series), series.values.ravel()
    count = len(values)
    none, imported = np.zeros(count, np.int64), np.full(count, int(ReadingFlag.IMPORTED), np.int16)
    whose = np.full(count, parameter, np.int32)
    columns: dict[str, Column] = {
        "t": times, "value": values, "received": times, "parameter": whose, "seq": none.astype(np.int32),
        "flags": imported, "lot": _lots(series),
    }  # fmt: skip
    copy("iot_reading", _COLUMNS, rows(columns, count))
    roll_up(whose, times, values, none, now=timezone.now())
    return count


def make_partitions(since: str, until: str) -> None:
    """Have the months from `since` to `until` (ISO dates) ready. Needs an act."""
    with connection.cursor() as cursor:
        cursor.execute("select iot_make_partitions(%s, %s)", [since, until])


def _lots(series: Series) -> Column:
    """The lot of each piece; every lot of a series is a text of one length."""
    lots = np.array(series.lots, dtype=f"S{len(series.lots[0])}")
    return np.repeat(lots, series.values.shape[1])


def _microseconds(series: Series) -> Ints:
    """When each piece was measured, as the database counts."""
    return np.round(series.piece_times().ravel() * 1e6).astype(np.int64) - UNIX
