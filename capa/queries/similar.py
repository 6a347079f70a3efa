"""Past records like this one, nearest first, with what helped then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from heapq import nlargest
from itertools import compress
from operator import eq, or_
from typing import NamedTuple

from django.db.models import Q

from capa.models import Capa, Nonconformity
from qms.core.actor import Actor
from qms.core.addresses import address
from qms.core.models import Link
from qms.core.records import visible

LOOKED_AT = 500
FEATURES = (("defect_code", 4.0), ("characteristic", 3.0), ("process", 2.0), ("part", 2.0), ("station", 1.0))


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

    Of very many the newest five hundred are looked at.
    """
    own = {name: value for name, _ in FEATURES if (value := getattr(ncr, f"{name}_id")) is not None}
    shared = reduce(or_, (Q(**{f"{name}_id": value}) for name, value in own.items()), Q(pk__in=()))
    rows = visible(Nonconformity, actor).filter(shared).exclude(pk=ncr.pk).exclude(state="void").order_by("-pk")
    names, wanted = tuple(own), tuple(own.values())
    weights = [dict(FEATURES)[name] for name in names]
    looked_at = rows.values_list("pk", "number", "title", *(f"{name}_id" for name in names))[:LOOKED_AT]
    weighed = ((sum(compress(weights, map(eq, row[3:], wanted))), row) for row in looked_at)
    nearest = [row for _, row in nlargest(limit, weighed)]
    capas = _corrective_actions([row[0] for row in nearest])
    return [
        Similar(
            Row(number, title, address("capa:nonconformity", pk)),
            tuple(name.replace("_", " ") for name in compress(names, map(eq, features, wanted))),
            capas.get(pk),
        )
        for pk, number, title, *features in nearest
    ]


def _corrective_actions(records: Sequence[int]) -> dict[int, Row]:
    """The newest CAPA that was opened from each nonconformity or linked to it as its corrective action."""
    linked = Link.objects.filter(source_id__in=records, relation="corrective action")
    pairs = list(linked.values_list("source_id", "target_id"))
    opened = Q(source_ncr__in=records) | Q(pk__in=[target for _, target in pairs])
    found: dict[int, Row] = {}
    rows = Capa.objects.filter(opened).order_by("opened_at").values_list("pk", "number", "title", "source_ncr_id")
    for pk, number, title, source_ncr in rows:
        capa = Row(number, title, address("capa:capa", pk))
        found |= dict.fromkeys((source for source, target in pairs if target == pk), capa)
        if source_ncr is not None:
            found[source_ncr] = capa
    return found
