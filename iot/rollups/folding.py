"""Make the roll-ups of marked hours and days from what is stored."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from iot.rollups import table
from iot.rollups.batch import ABANDONED
from iot.rollups.moments import DAY, EVER, HOUR, MOMENTS, NEVER, Table, merged

_AT_ONCE = 500  # hours in one transaction
_SETTLED = timedelta(minutes=2)
# the delete waits for who is storing into the hour and then sees it all; whoever comes later marks the hour anew
_TAKE = """
delete from iot_rollupmark m using (
  select ctid from iot_rollupmark where width = %s and bucket < %s and (holder = 0 or made < %s)
  order by bucket, parameter_id, holder limit %s for update skip locked) x
where m.ctid = x.ctid returning m.parameter_id, m.bucket
"""
_FORGET = """
delete from iot_rollup r using unnest(%s::int[], %s::timestamptz[]) u(p, b)
where r.parameter_id = u.p and r.width = any('{60,600,3600}') and r.bucket >= u.b and r.bucket < u.b + interval '1 hour'
"""
_HOURS = """
with gone as (delete from iot_rollup r using unnest(%s::int[], %s::timestamptz[]) u(p, b)
  where (r.parameter_id, r.width, r.bucket) = (u.p, 86400, u.b))
select r.parameter_id, (extract(epoch from r.bucket) * 1000000)::bigint - 946684800000000,
  r.n, r.aside, r.mean, r.m2, r.low, r.high, r.first, r.last
from unnest(%s::int[], %s::timestamptz[]) u(p, b), iot_rollup r
where r.parameter_id = u.p and r.width = 3600 and r.bucket >= u.b and r.bucket < u.b + interval '1 day'
"""
_ALL = """
insert into iot_rollupmark (parameter_id, width, bucket, holder, made)
select distinct parameter_id, 3600, date_bin('1 hour', t, '2000-01-01Z'), 0, now() from iot_reading
where parameter_id = any(%s) on conflict do nothing
"""


def fold(*, seconds: float = 30.0) -> int:
    """Make the roll-ups of what is marked and over, for at most so long; returns how many hours and days."""
    until, done = time.monotonic() + seconds, 0
    for width, make in ((HOUR, _fold_hours), (DAY, _fold_days)):
        while time.monotonic() < until and (some := make(_AT_ONCE, timezone.now(), width)):
            done += some
    return done


def mark_all(parameters: list[int]) -> None:
    """Mark every hour of parameters whose readings came by another way than a batch."""
    with connection.cursor() as cursor:
        cursor.execute(_ALL, [parameters])


def _take(width: int, count: int, now: datetime) -> list[tuple[int, datetime]]:
    over = now - timedelta(seconds=width) - _SETTLED
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [width, over, now - ABANDONED, count])
        return sorted(set(cursor.fetchall()))


def _fold_hours(count: int, now: datetime, width: int) -> int:
    with transaction.atomic():
        taken = _take(width, count, now)
        if taken:
            with connection.cursor() as cursor:
                cursor.execute(_FORGET, _columns(taken))
            table.keep(table.minutes_of(table.units_of(taken)), now=now)
    return len(taken)


def _fold_days(count: int, now: datetime, width: int) -> int:
    with transaction.atomic():
        taken = _take(width, count, now)
        if taken:
            with connection.cursor() as cursor:
                cursor.execute(_HOURS, [*_columns(taken), *_columns(taken)])
                table.keep_days(merged(_table(cursor.fetchall()), width=DAY))
    return len(taken)


def _columns(taken: list[tuple[int, datetime]]) -> list[list[int] | list[datetime]]:
    return [[p for p, _ in taken], [b for _, b in taken]]


def _table(rows: list[tuple[float, ...]]) -> Table:
    """Hours as the database has them; their starts say which came first."""
    found = [(*row, row[1] if row[2] else NEVER, row[1] if row[2] else EVER) for row in rows]
    return np.array(found, dtype=MOMENTS)
