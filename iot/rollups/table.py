"""Roll-ups and marks in the database: written in bulk, readings read back in bulk."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from iot.charting.judge import UNCHARTED
from iot.rollups.moments import DAY, HOUR, SECOND, Ints, Table, ladder, moments, parts, units

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
RECOMPUTE = 0  # nobody holds the sums of this hour: they are made from the readings
_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_TRAILER = struct.pack(">h", -1)
_FIELDS = (
    ("parameter", ">i4"), ("width", ">i4"), ("bucket", ">i8"), ("n", ">i4"), ("aside", ">i4"), ("finest", ">i4"),
    ("mean", ">f8"), ("m2", ">f8"), ("low", ">f8"), ("high", ">f8"), ("first", ">f8"), ("last", ">f8"),
)  # fmt: skip
_ROW = np.dtype([("fields", ">i2"), *(pair for name, kind in _FIELDS for pair in ((f"{name}_", ">i4"), (name, kind)))])
_COLUMNS = "parameter_id, width, bucket, n, aside, finest, mean, m2, low, high, first, last"
_READ = np.dtype(
    [
        ("fields", ">i2"), ("p_", ">i4"), ("p", ">i4"), ("t_", ">i4"), ("t", ">i8"), ("v_", ">i4"), ("v", ">f8"),
        ("f_", ">i4"), ("f", ">i2"),
    ]
)  # fmt: skip
_MARK = """
insert into iot_rollupmark as m (parameter_id, width, bucket, holder, made)
select p, %s, b, %s, %s from unnest(%s::int[], %s::timestamptz[]) u(p, b) order by p, b
on conflict (parameter_id, width, bucket, holder) do update set made = excluded.made
"""
_RELEASE = """
delete from iot_rollupmark m using unnest(%s::int[], %s::timestamptz[]) u(p, b)
where m.parameter_id = u.p and m.width = 3600 and m.bucket = u.b and m.holder = %s returning m.parameter_id, m.bucket
"""
_SHARED = """
select u.p, u.b from unnest(%s::int[], %s::timestamptz[]) u(p, b)
where exists (select 1 from iot_rollupmark m where (m.parameter_id, m.width, m.bucket) = (u.p, 3600, u.b))
   or exists (select 1 from iot_rollup r where (r.parameter_id, r.width, r.bucket) = (u.p, 3600, u.b))
"""
# offset 0 is a fence: hours are looked up by key, never by one pass over everything
_READINGS = """copy (select r.parameter_id, r.t, r.value, r.flags
from unnest(%s::int[], %s::timestamptz[]) u(p, b), lateral (select * from
  iot_stored(u.p, u.b, u.b + interval '1 hour') offset 0) r) to stdout (format binary)"""


def moment(t: int) -> datetime:
    """A time of the database's count in microseconds."""
    return EPOCH + timedelta(microseconds=int(t))


def microseconds(times: Sequence[datetime] | NDArray[np.int64]) -> Ints:
    """Times in the database's count; arrays of it pass through."""
    if isinstance(times, np.ndarray):
        return times.astype(np.int64, copy=False)
    base, one = EPOCH, timedelta(microseconds=1)
    return np.array([(t - base) // one for t in times], dtype=np.int64)


def mark(unit: Ints, *, holder: int, now: datetime, width: int = HOUR) -> None:
    """Say that the roll-ups of these hours do not hold what is stored; `holder`: who has the sums in memory.

    With `width` of a day: that the day is to be merged from its hours again.
    """
    if not len(unit):
        return
    parameters, buckets = parts(np.unique(unit))
    if width == DAY:
        buckets = buckets - buckets % (DAY * SECOND)
        pairs = sorted({*zip(parameters.tolist(), buckets.tolist(), strict=True)})
        parameters, buckets = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [width, holder, now, parameters.tolist(), _times(buckets)])


def _times(buckets: Ints) -> list[datetime]:
    return [moment(t) for t in buckets.tolist()]


def units_of(found: Sequence[tuple[int, datetime]]) -> Ints:
    """The hours of pairs of parameter and start."""
    parameters = np.array([p for p, _ in found], dtype=np.int64)
    return units(parameters, microseconds([b for _, b in found]))


def release(unit: Ints, *, holder: int) -> Ints:
    """Take back own marks; returns the hours of which they were still there."""
    parameters, buckets = parts(unit)
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [parameters.tolist(), _times(buckets), holder])
        return units_of(cursor.fetchall())


def shared(unit: Ints) -> Ints:
    """The hours that another marked too or that have roll-ups already: sums of one holder are not the whole of them."""
    parameters, buckets = parts(unit)
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, [parameters.tolist(), _times(buckets)])
        return units_of(cursor.fetchall())


def keep(minutes: Table, *, now: datetime) -> None:
    """Write the roll-ups of hours that have none, from their minutes, and mark their days."""
    if not len(minutes):
        return
    kept, finest = ladder(minutes)
    data = b"".join(
        _rows(rows, width, finest if width == HOUR else np.full(len(rows), width, dtype=np.int64))
        for width, rows in kept.items()
    )
    copy_in(data)
    hours = kept[HOUR]
    mark(units(hours["parameter"], hours["bucket"]), holder=RECOMPUTE, now=now, width=DAY)


def keep_days(days: Table) -> None:
    """Write rows of whole days."""
    copy_in(_rows(days, DAY, np.full(len(days), DAY, dtype=np.int64)))


def copy_in(data: bytes) -> None:
    """Write rows in the binary form of `_rows`."""
    with connection.cursor() as cursor:
        stream = io.BytesIO(_HEADER + data + _TRAILER)
        cursor.copy_expert(f"copy iot_rollup ({_COLUMNS}) from stdin (format binary)", stream)


def _rows(rows: Table, width: int, finest: Ints) -> bytes:
    """Rows in PostgreSQL's binary COPY format."""
    table = np.zeros(len(rows), dtype=_ROW)
    table["fields"] = len(_FIELDS)
    for name, kind in _FIELDS:
        table[f"{name}_"] = int(kind[2])
        table[name] = width if name == "width" else finest if name == "finest" else rows[name]
    return table.tobytes()


def minutes_of(unit: Ints) -> Table:
    """The readings of hours, rolled up by the minute."""
    parameters, buckets = parts(unit)
    out = io.BytesIO()
    with connection.cursor() as cursor:
        query = cursor.mogrify(_READINGS, [parameters.tolist(), _times(buckets)])
        cursor.copy_expert(query, out)
    raw = np.frombuffer(out.getbuffer()[len(_HEADER) : -len(_TRAILER)], dtype=_READ)
    taken = raw["f"] & int(UNCHARTED) == 0
    p, t, v = raw["p"].astype(np.int64), raw["t"].astype(np.int64), raw["v"].astype(np.float64)
    return moments(p, t, v, taken)
