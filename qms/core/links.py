"""Links: one record points at another and says how."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from qms.core.actor import ALL, Actor
from qms.core.errors import Denied, Refused
from qms.core.live import announce
from qms.core.models import Link, Record
from qms.core.records import KINDS
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
    links = Link.objects.filter(Q(source_id=record.pk) | Q(target_id=record.pk)).order_by("id")
    seen = _visible({x.target_id if x.source_id == record.pk else x.source_id for x in links}, actor)
    ends: list[Linked] = []
    for one in links:
        out = one.source_id == record.pk
        if other := seen.get(one.target_id if out else one.source_id):
            ends.append(Linked(one.pk, one.relation if out else OPPOSITE.get(one.relation, one.relation), other))
    return ends


def _visible(ids: set[int], actor: Actor) -> dict[int, Record]:
    """The records of these ids as their own kinds, without those of sites the actor has no role at."""
    sites = actor.sites("record.view")
    rows = Record.objects.filter(pk__in=ids)
    kinds = dict((rows if sites is ALL else rows.filter(site_id__in=sites)).values_list("pk", "kind"))
    found: dict[int, Record] = {}
    for kind in sorted(set(kinds.values()) & set(KINDS)):
        found.update(KINDS[kind].objects.in_bulk([pk for pk, its in kinds.items() if its == kind]))
    return found


def _announce(one: Link) -> None:
    for end in (one.source_id, one.target_id):
        announce(f"record:{end}", {"kind": "link"})
