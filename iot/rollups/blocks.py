"""Blocks of 32 points of a chart: which is the lowest and which the highest, so that long charts draw at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction

from governance.models import MULTIVARIATE

SIZE = 32  # points of a block
_AT_ONCE = 2_000  # blocks of one chart in one statement
_BEHIND = f"""
select s.characteristic_id, coalesce((select max(block) from iot_pointblock b
    where b.characteristic_id = s.characteristic_id), 0) + 1, s.last_point / {SIZE} - 1
from iot_chartstate s join governance_characteristic c on c.id = s.characteristic_id
where s.last_point >= {2 * SIZE} and c.chart <> all(%s) order by 1
"""
_MAKE = f"""
insert into iot_pointblock (characteristic_id, block, low, low_n, high, high_n, last_t)
select %(c)s, n / {SIZE}, min(v), (array_agg(n order by v, n))[1], max(v), (array_agg(n order by v desc, n))[1], max(t)
from (select n, t, coalesce(up, mean) v from iot_subgroup where characteristic_id = %(c)s
  and n >= %(first)s and n < %(last)s) x group by 2
on conflict do nothing
"""
_FORGET = """
delete from iot_pointblock b using governance_characteristic c where c.id = b.characteristic_id
  and c.parameter_id = any(%s) and b.block >= (select min(block) from iot_pointblock a
    where a.characteristic_id = b.characteristic_id and a.last_t >= %s)
"""


def fold_points() -> int:
    """Make the blocks that are full and not there yet; returns how many charts got some."""
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND, [sorted(MULTIVARIATE)])  # vectors are judged again by other parameters too
        behind = [row for row in cursor.fetchall() if row[1] <= row[2]]
    for characteristic, first, last in behind:
        for start in range(first, last + 1, _AT_ONCE):
            end = min(start + _AT_ONCE, last + 1)
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(_MAKE, {"c": characteristic, "first": start * SIZE, "last": end * SIZE})
    return len(behind)


def forget_points(parameters: Collection[int], since: datetime) -> None:
    """Points from a moment on are judged again, so their blocks are made anew."""
    if parameters:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, [list(parameters), since])
