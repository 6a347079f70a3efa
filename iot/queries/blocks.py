"""The points that a long control chart draws, found without reading all of them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from django.db import connection

from iot.rollups.blocks import SIZE

_FEW = 6_000  # points that are read as they are
_COLUMNS = 380  # stretches of which the lowest and the highest point are drawn
_MOST_MARKED = 1_200
_FIRST_LAST = """
select (select n from iot_subgroup where characteristic_id = %(c)s and t >= %(since)s order by t, n limit 1),
  (select n from iot_subgroup where characteristic_id = %(c)s and t < %(until)s order by t desc, n desc limit 1)
"""
_BLOCKS = """
select block, low, low_n, high, high_n from iot_pointblock
where characteristic_id = %s and block between %s and %s order by block
"""
_MARKED = """
select n from iot_subgroup where characteristic_id = %s and n between %s and %s and (mask <> 0 or state <> 'ok')
order by n desc limit %s
"""
_EVER, _NEVER = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def numbers_to_draw(characteristic: int, since: datetime | None, until: datetime | None) -> list[int] | None:
    """The numbers of the points of a span to draw, at most 2,000; None when it has so few that all are drawn.

    The lowest and the highest point of each stretch of numbers, the first and the last, and every point that breaks a
    rule or is excluded; of more than 1,200 of those the newest, beside the extremes of the stretches they lie in.
    """
    far = {"since": since or _EVER, "until": until or _NEVER}
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_LAST, {"c": characteristic, **far})
        first, last = cursor.fetchone()
        if first is None or last is None or last - first < _FEW:
            return None
        cursor.execute(_BLOCKS, [characteristic, first // SIZE + 1, last // SIZE - 1])
        blocks = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 5)
        if len(blocks) < (last - first) // SIZE - 4:  # not all made yet
            return None
        cursor.execute(_MARKED, [characteristic, first, last, _MOST_MARKED])
        marked = {int(n) for (n,) in cursor.fetchall()}
    ends = {first, last, *range((last // SIZE) * SIZE, last)}
    return sorted(marked | _extremes(blocks) | ends)


def _extremes(blocks: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> set[int]:
    found = set[int]()
    for part in np.array_split(blocks, min(_COLUMNS, len(blocks))):
        found.add(int(part[part[:, 1].argmin(), 2]))
        found.add(int(part[part[:, 3].argmax(), 4]))
    return found
