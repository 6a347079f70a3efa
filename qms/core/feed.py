"""The change feed: every event in the order of its commit, so that a reader who asks again misses none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from qms.core.actor import ALL, Actor
from qms.core.errors import Invalid

KEPT = timedelta(days=30)

# ids alone would lose events: a transaction that began early may commit late, with an id that was passed already.
# So the order is (transaction, id), and nothing is shown while an older transaction is still under way.
_FEED = """
select e.tx::text, e.id, e.uid, e.at, e.type, e.record, e.key, e.actor, e.data::text
from core_event e left join core_record r on r.id = e.record
where (e.tx, e.id) > (%s::text::xid8, %s) and e.tx < pg_snapshot_xmin(pg_current_snapshot()) and e.at >= %s
  and (%s or r.site_id = any(%s) or (e.record is null and (e.data ->> 'site')::bigint = any(%s)))
order by e.tx, e.id limit %s
"""


@dataclass(frozen=True)
class Happened:
    """One event of the feed; `position` is what to ask after."""

    position: str
    uid: UUID
    at: datetime
    type: str
    record: int | None
    key: str
    actor: str
    data: dict[str, Any]


def happened(actor: Actor, *, after: str = "", limit: int = 100) -> list[Happened]:
    """The events of the actor's sites after a position, oldest first, of the last 30 days.

    Call it inside reading(actor). Raises Invalid for a position that is none.
    """
    transaction, id_ = _position(after)
    sites = actor.sites("event.view")
    here = sorted(sites)
    with connection.cursor() as cursor:
        cursor.execute(_FEED, [transaction, id_, timezone.now() - KEPT, sites is ALL, here, here, limit])
        rows = cursor.fetchall()
    return [
        Happened(
            position=f"{row[0]}-{row[1]}", uid=row[2], at=row[3], type=row[4], record=row[5], key=row[6], actor=row[7],
            data=json.loads(row[8]),
        )
        for row in rows
    ]  # fmt: skip


def _position(after: str) -> tuple[str, int]:
    if not after:
        return "0", 0
    transaction, _, id_ = after.partition("-")
    if not (transaction.isdecimal() and id_.isdecimal() and len(after) <= 40 and int(id_) < 2**63):
        raise Invalid(
            {"after": ["This is no position of the feed. Take it from `after` of the last answer, or leave it out."]}
        )
    return transaction, int(id_)
