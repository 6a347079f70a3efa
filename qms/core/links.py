"""Links: one record points at another and says how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qms.core.actor import ALL, Actor
from qms.core.errors import Denied, Refused
from qms.core.live import announce
from qms.core.models import Link, Record
from qms.core.records import KINDS
from qms.core.together import Read, together
from qms.core.trail import acting

BACK = {
    "caused": "caused by",
    "corrective action": "corrective action for",
    "contains": "part of",
    "copied from": "copied to",
    "duplicate of": "has duplicate",
    "escalated to": "escalated from",
    "follows": "followed by",
    "related": "related",
}
OPPOSITE = {**{there: back for back, there in BACK.items()}, **BACK}
_LINKS = """
select l.id as link, l.relation, l.source_id = %s as out, r.id as pk, r.kind, r.number, r.title, r.site_id
from core_link l join core_record r on r.id = case when l.source_id = %s then l.target_id else l.source_id end
where (l.source_id = %s or l.target_id = %s) and (%s or r.site_id = any(%s::bigint[])) order by l.id
"""


@dataclass(frozen=True)
class Linked:
    """The other record of a link, seen from one side."""

    link: int
    relation: str
    record: Record


def link(source: Record, target: Record, relation: str = "related", *, by: Actor) -> Link:
    """Point from one record to another; a link that is there already is returned. Raises Denied or Refused."""
    if source.pk == target.pk:
        raise Refused("A record cannot be linked to itself.")
    by.require("record.link", source)
    if not by.can("record.view", target):
        raise Denied("The other record belongs to a site you have no role at.")
    with acting(by):
        found, new = Link.objects.get_or_create(
            source_id=source.pk, target_id=target.pk, relation=relation[:30], defaults={"created_by": by.name}
        )
        if new:
            _announce(found)
    return found


def unlink(found: Link, *, by: Actor) -> None:
    """Take a link away; the trail keeps it."""
    with acting(by):
        by.require("record.link", Record.objects.get(pk=found.source_id))
        _announce(found)
        found.delete()


def linked(record: Record, actor: Actor) -> list[Linked]:
    """The other ends of a record's links, both ways, as far as the actor may see them."""
    return ends_of(together(links=reading_links(record, actor))["links"])


def reading_links(record: Record, actor: Actor) -> Read:
    """The select behind `linked`, for whoever reads more with it."""
    sites = actor.sites("record.view")
    everywhere = sites is ALL
    return _LINKS, [record.pk, record.pk, record.pk, record.pk, everywhere, [] if everywhere else sorted(sites)]


def ends_of(rows: Iterable[Mapping[str, Any]]) -> list[Linked]:
    """What that select found; each other record is a row of the common table."""
    return [
        Linked(
            row["link"],
            row["relation"] if row["out"] else OPPOSITE.get(row["relation"], row["relation"]),
            Record(pk=row["pk"], kind=row["kind"], number=row["number"], title=row["title"], site_id=row["site_id"]),
        )
        for row in rows
        if row["kind"] in KINDS
    ]


def _announce(one: Link) -> None:
    for end in (one.source_id, one.target_id):
        announce(f"record:{end}", {"kind": "link"})
