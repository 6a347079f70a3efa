"""Readings of closed days by pages, nearest first: only as many pieces are opened as a page needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from governance.models import Parameter
from iot.models import Reading
from iot.queries.lists import within
from iot.storage.pieces import WORTH
from qms.core.actor import Actor

Key = tuple[datetime, int, int]  # time, parameter, sequence number
_PAGE = """
select o.t, c.parameter_id, o.seq, o.value, o.received, o.flags, o.lot, o.serial
from unnest(%(parameters)s::int[]) p(id) cross join lateral (
  select * from iot_piece where parameter_id = p.id and last_t >= %(since)s and first_t < %(until)s
    and {beyond_part} order by first_t {way}, seq {way} limit %(pieces)s) c
cross join lateral iot_opened(c) o
where o.t >= %(since)s and o.t < %(until)s and {beyond}
order by o.t {way}, c.parameter_id {way}, o.seq {way} limit %(most)s
"""
_COUNT = """
select count(*) from iot_piece c cross join lateral iot_opened(c) o where c.parameter_id = any(%s)
  and c.last_t >= %s and c.first_t < %s and o.t >= %s and o.t < %s
"""


@dataclass(frozen=True)
class Asked:
    """Of which parameters, and from when up to when."""

    parameters: Collection[int]
    since: datetime | None
    until: datetime | None

    @property
    def bounds(self) -> tuple[Any, Any]:
        """As the database compares them."""
        return self.since or "-infinity", self.until or "infinity"


def asked_of(told: Mapping[str, Any], *, actor: Actor) -> Asked:
    """What a filter by `parameter`, `path`, `since` and `until` asks for, within the actor's sites."""
    rows = within(Parameter.objects.all(), actor, "reading.view")
    if told.get("parameter") is not None:
        rows = rows.filter(pk=told["parameter"])
    if told.get("path"):
        rows = rows.filter(path=told["path"].lower())
    return Asked(list(rows.values_list("pk", flat=True)), told.get("since"), told.get("until"))


def packed_page(asked: Asked, *, beyond: Key | None, down: bool, most: int) -> list[Reading]:
    """At most so many readings beyond a key, in the order of the list: newest first when `down`."""
    way, sign = ("desc", "<") if down else ("asc", ">")
    part = f"{'first_t' if down else 'last_t'} {sign}= %(t)s" if beyond else "true"
    rest = f"(o.t, c.parameter_id, o.seq) {sign} (%(t)s, %(parameter)s, %(seq)s)" if beyond else "true"
    since, until = asked.bounds
    values = {"parameters": list(asked.parameters), "since": since, "until": until, "pieces": most // WORTH + 2}
    values |= {"most": most, **(dict(zip(("t", "parameter", "seq"), beyond, strict=True)) if beyond else {})}
    with connection.cursor() as cursor:
        cursor.execute(_PAGE.format(way=way, beyond=rest, beyond_part=part), values)
        rows = cursor.fetchall()
    named = Parameter.objects.in_bulk({row[1] for row in rows})
    names = ("t", "seq", "value", "received", "flags", "lot", "serial")
    return [Reading(parameter=named[row[1]], **dict(zip(names, (row[0], *row[2:]), strict=True))) for row in rows]


def packed_count(asked: Asked) -> int:
    """How many there are."""
    since, until = asked.bounds
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [list(asked.parameters), since, until, since, until])
        return int(cursor.fetchone()[0])
