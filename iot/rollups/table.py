"""Roll-ups and marks in the database: written in bulk, readings read back in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from django.db import connection

from iot.charting.judge import UNCHARTED
from iot.copying import Column, Ints, copy, micros, moment, read, rows
from iot.rollups.moments import DAY, HOUR, SECOND, Table, ladder, moments, parts, units

RECOMPUTE = 0  # nobody holds the sums of this hour: they are made from the readings
_FIELDS: Mapping[str, type] = {
    "parameter": np.int32, "width": np.int32, "bucket": np.int64, "n": np.int32, "aside": np.int32, "finest": np.int32,
    "mean": np.float64, "m2": np.float64, "low": np.float64, "high": np.float64, "first": np.float64,
    "last": np.float64,
}  # fmt: skip
_COLUMNS = "parameter_id, width, bucket, n, aside, finest, mean, m2, low, high, first, last"
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
_READINGS = """
select r.parameter_id, r.t, r.value, r.flags
from unnest(%s::int[], %s::timestamptz[]) u(p, b), lateral (select * from
  iot_stored(u.p, u.b, u.b + interval '1 hour') offset 0) r
"""


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
    return units(parameters, np.array([micros(b) for _, b in found], dtype=np.int64))


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
    copy(
        "iot_rollup",
        _COLUMNS,
        *(
            _rows(some, width, finest if width == HOUR else np.full(len(some), width, dtype=np.int64))
            for width, some in kept.items()
        ),
    )
    hours = kept[HOUR]
    mark(units(hours["parameter"], hours["bucket"]), holder=RECOMPUTE, now=now, width=DAY)


def keep_days(days: Table) -> None:
    """Write rows of whole days."""
    copy("iot_rollup", _COLUMNS, _rows(days, DAY, np.full(len(days), DAY, dtype=np.int64)))


def _rows(some: Table, width: int, finest: Ints) -> Table:
    whole = {"width": np.full(len(some), width), "finest": finest}
    columns: dict[str, Column] = {
        name: (whole[name] if name in whole else some[name]).astype(kind) for name, kind in _FIELDS.items()
    }
    return rows(columns, len(some))


def minutes_of(unit: Ints) -> Table:
    """The readings of hours, rolled up by the minute."""
    parameters, buckets = parts(unit)
    raw = read(_READINGS, [parameters.tolist(), _times(buckets)], p="i4", t="i8", v="f8", flags="i2")
    taken = raw["flags"] & int(UNCHARTED) == 0
    return moments(raw["p"].astype(np.int64), raw["t"].astype(np.int64), raw["v"].astype(np.float64), taken)
