"""Past records like this one, nearest first, with what helped then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from capa.models import Nonconformity
from qms.core.actor import ALL, Actor
from qms.core.addresses import address

LOOKED_AT = 500
FEATURES = (("defect_code", 4), ("characteristic", 3), ("process", 2), ("part", 2), ("station", 1))

_ALIKE = " or ".join(f"n.{name}_id = own.{name}_id" for name, _ in FEATURES)
_WEIGHT = " + ".join(f"case when l.{name}_id = own.{name}_id then {weight} else 0 end" for name, weight in FEATURES)
_SAME = ", ".join(f"coalesce(l.{name}_id = own.{name}_id, false) as {name}" for name, _ in FEATURES)
_NEAREST = f"""
with own as materialized (select * from capa_nonconformity where record_ptr_id = %(record)s),
looked_at as (
  select n.*, r.number, r.title from capa_nonconformity n join core_record r on r.id = n.record_ptr_id, own
  where ({_ALIKE}) and r.kind = %(kind)s and r.state <> 'void' and n.record_ptr_id <> %(record)s
    and (%(everywhere)s or r.site_id = any(%(sites)s::bigint[])) order by n.record_ptr_id desc limit {LOOKED_AT}),
nearest as (
  select l.record_ptr_id as id, l.number, l.title, {_WEIGHT} as weight, {_SAME} from looked_at l, own
  order by weight desc, l.record_ptr_id desc limit %(limit)s)
select nearest.*, capa.* from nearest left join lateral (
  select r.id, r.number, r.title from core_record r where r.kind = 'capa' and r.id in (
    select record_ptr_id from capa_capa where source_ncr_id = nearest.id union all
    select target_id from core_link where source_id = nearest.id and relation = 'corrective action')
  order by r.opened_at desc limit 1) capa on true
order by weight desc, nearest.id desc
"""


class Row(NamedTuple):
    """What a line names of a record."""

    number: str
    title: str
    url: str


@dataclass(frozen=True)
class Similar:
    """A past nonconformity, why it is alike and the CAPA that came of it."""

    record: Row
    alike: tuple[str, ...]
    capa: Row | None


def similar_to(ncr: Nonconformity, actor: Actor, limit: int = 5) -> list[Similar]:
    """Nonconformities that share defect code, characteristic, process, part or station, weighted in this order.

    Of very many the newest five hundred are looked at. The CAPA of each is the newest one that was opened from it or
    linked to it as its corrective action.
    """
    sites = actor.sites(f"{ncr.NOUN}.view")
    everywhere = sites is ALL
    allowed = [] if everywhere else sorted(sites)
    with connection.cursor() as cursor:
        cursor.execute(
            _NEAREST,
            {"record": ncr.pk, "kind": ncr.KIND, "limit": limit, "everywhere": everywhere, "sites": allowed},
        )
        return [_similar(*row) for row in cursor.fetchall()]


def _similar(pk: int, number: str, title: str, _weight: int, *rest: Any) -> Similar:
    same, (capa, capa_number, capa_title) = rest[: len(FEATURES)], rest[len(FEATURES) :]
    return Similar(
        Row(number, title, address("capa:nonconformity", pk)),
        tuple(name.replace("_", " ") for (name, _), alike in zip(FEATURES, same, strict=True) if alike),
        None if capa is None else Row(capa_number, capa_title, address("capa:capa", capa)),
    )
