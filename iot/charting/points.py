"""Points in the database: written, read back, and found by time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg2.extras import execute_values

from iot.charting.course import Point, Value
from iot.models import Subgroup

MANY = 1000  # points from which a COPY pays
_COLUMNS = (
    "characteristic_id, n, t, first_t, size, values, mean, spread, limits_id, mask, state, reason, lot, up, down,"
    " ucl, lcl"
)
_IDS = "select nextval(pg_get_serial_sequence('iot_subgroup', 'id')) from generate_series(1, %s)"
_COPY = f"copy iot_subgroup (id, {_COLUMNS}) from stdin (format csv, force_not_null (reason, lot))"
_ON_CONFLICT = """on conflict (characteristic_id, n) do update set t = excluded.t, first_t = excluded.first_t,
  size = excluded.size, values = excluded.values, mean = excluded.mean, spread = excluded.spread,
  limits_id = excluded.limits_id, mask = excluded.mask, lot = excluded.lot, up = excluded.up, down = excluded.down,
  ucl = excluded.ucl, lcl = excluded.lcl, signal_id = null"""
# an exclusion names a span of time, so points that were formed anew find theirs again
_EXCLUDE = """
update iot_subgroup s set state = case when e.id is null then 'ok' else 'excluded' end, reason = coalesce(e.reason, '')
from iot_subgroup p left join lateral (
  select id, reason from iot_exclusion where characteristic_id = p.characteristic_id and lifted_at is null
    and p.t >= first_t and p.first_t <= last_t order by id limit 1) e on true
where p.id = s.id and s.characteristic_id = %s and s.n >= %s
  and (s.state = 'excluded') is distinct from (e.id is not null)
"""


def write(characteristic: int, points: Sequence[Point], *, again: bool) -> dict[int, int]:
    """Store points; with `again` those of the same number are replaced. Returns number -> row id."""
    if not points:
        return {}
    if not again and len(points) > MANY:
        return _copy(characteristic, points)
    with connection.cursor() as cursor:
        found = execute_values(
            cursor.cursor,
            f"insert into iot_subgroup ({_COLUMNS}) values %s {_ON_CONFLICT if again else ''} returning n, id",
            _rows(characteristic, points),
            page_size=500,
            fetch=True,
        )
        if again:
            cursor.execute(_EXCLUDE, [characteristic, points[0].n])
    return dict(found)


def _rows(characteristic: int, points: Sequence[Point]) -> list[tuple[Any, ...]]:
    return [
        (
            characteristic, p.n, p.t, p.first_t, len(p.values), p.values, p.statistic, p.spread,
            p.limits.id if p.limits else None, p.mask, "ok", "", p.lot, *p.memory, *p.own,
        )
        for p in points
    ]  # fmt: skip


def _copy(characteristic: int, points: Sequence[Point]) -> dict[int, int]:
    """A whole history at once: COPY is several times faster than INSERT."""
    text, at = io.StringIO(), _COLUMNS.split(", ").index("values")
    line = csv.writer(text).writerow
    with connection.cursor() as cursor:
        cursor.execute(_IDS, [len(points)])
        ids = [number for (number,) in cursor.fetchall()]
        for number, row in zip(ids, _rows(characteristic, points), strict=True):
            line((number, *row[:at], "{%s}" % ",".join(map(repr, row[at])), *row[at + 1 :]))
        text.seek(0)
        cursor.copy_expert(_COPY, text)
    return dict(zip((point.n for point in points), ids, strict=True))


def remove_after(characteristic: int, n: int) -> None:
    """Forget points beyond the last one; only a changed subgroup size leaves any, and signals keep theirs."""
    Subgroup.objects.filter(characteristic_id=characteristic, n__gt=n).delete()


def began(characteristic: int, n: int) -> datetime:
    """When the first reading of a point was measured."""
    return Subgroup.objects.values_list("first_t", flat=True).get(characteristic_id=characteristic, n=n)


def first_from(characteristic: int, t: datetime) -> Subgroup | None:
    """The first point that ends at or after `t`."""
    later = Subgroup.objects.filter(characteristic_id=characteristic, t__gte=t)
    return later.order_by("t", "n").only("n", "t", "first_t").first()


def first_whole(characteristic: int, since: datetime, *, last_point: int) -> tuple[int, datetime]:
    """The number and the first reading of the first point made of nothing from before a moment."""
    later = Subgroup.objects.filter(characteristic_id=characteristic, first_t__gte=since)
    point = later.order_by("n").only("n", "first_t").first()
    return (point.n, point.first_t) if point else (last_point + 1, since)


def touched_by(
    characteristic: int, t: datetime, *, pending_from: datetime | None, last_point: int
) -> tuple[int, datetime]:
    """The number of the first point a reading at `t` can change, and from when its readings are to be read.

    Points that share a time with the one before are taken together, because only their order tells them apart.
    """
    point = first_from(characteristic, t)
    n, start = (point.n, min(t, point.first_t)) if point else (last_point + 1, min(t, pending_from or t))
    while n > 1:
        before = Subgroup.objects.filter(characteristic_id=characteristic, n=n - 1).only("t", "first_t").first()
        if before is None or before.t < start:
            break
        n, start = n - 1, before.first_t
    return n, start


def readings_from(parameter: int, t: datetime, without: int) -> Iterator[Value]:
    """The stored readings of a parameter from `t` on in order, those with any of the flags `without` left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select t, seq, value, coalesce(lot, '') from iot_stored(%s, %s, 'infinity')"
            " where flags & %s = 0 order by t, seq",
            [parameter, t, without],
        )
        for moment, seq, value, lot in cursor.fetchall():
            yield Value(moment, seq, value, lot)


def memory_at(characteristic: int, n: int) -> tuple[int | None, tuple[float | None, float | None]]:
    """The limits that judged point `n`, and what a chart with a memory had come to there."""
    row = Subgroup.objects.filter(characteristic_id=characteristic, n=n).only("limits_id", "up", "down").first()
    if row is None:
        return None, (None, None)
    return row.limits_id, (row.up, row.down)


def before(characteristic: int, n: int, count: int) -> list[tuple[int | None, float, datetime]]:
    """Limits, statistic and time of the `count` points before number `n`, oldest first."""
    earlier = Subgroup.objects.filter(characteristic_id=characteristic, n__lt=n, n__gte=n - count)
    return list(earlier.order_by("n").values_list("limits_id", "mean", "t"))
