"""Past records like this one, nearest first, with what helped then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from heapq import nlargest
from operator import or_

from django.db.models import Q

from capa.models import Capa, Nonconformity
from qms.core.actor import Actor
from qms.core.models import Link
from qms.core.records import visible

LOOKED_AT = 500
FEATURES = (("defect_code", 4.0), ("characteristic", 3.0), ("process", 2.0), ("part", 2.0), ("station", 1.0))


@dataclass(frozen=True)
class Similar:
    """A past nonconformity, why it is alike and the CAPA that came of it."""

    record: Nonconformity
    alike: tuple[str, ...]
    capa: Capa | None


def similar_to(ncr: Nonconformity, actor: Actor, limit: int = 5) -> list[Similar]:
    """Nonconformities that share defect code, characteristic, process, part or station, weighted in this order.

    Of very many the newest five hundred are looked at.
    """
    own = {name: value for name, _ in FEATURES if (value := getattr(ncr, f"{name}_id")) is not None}
    shared = reduce(or_, (Q(**{f"{name}_id": value}) for name, value in own.items()), Q(pk__in=()))
    rows = visible(Nonconformity, actor).filter(shared).exclude(pk=ncr.pk).exclude(state="void").order_by("-pk")
    weighed = (
        (sum(weight for name, weight in FEATURES if name in own and row[f"{name}_id"] == own[name]), row["pk"])
        for row in rows.values("pk", *(f"{name}_id" for name in own))[:LOOKED_AT]
    )
    order = [pk for _, pk in nlargest(limit, weighed)]
    found = visible(Nonconformity, actor).in_bulk(order)
    nearest = [found[pk] for pk in order if pk in found]
    capas = _corrective_actions([row.pk for row in nearest])
    return [Similar(row, _alike(row, ncr), capas.get(row.pk)) for row in nearest]


def _corrective_actions(records: Sequence[int]) -> dict[int, Capa]:
    """The newest CAPA that was opened from each nonconformity or linked to it as its corrective action."""
    linked = Link.objects.filter(source_id__in=records, relation="corrective action")
    pairs = list(linked.values_list("source_id", "target_id"))
    opened = Q(source_ncr__in=records) | Q(pk__in=[target for _, target in pairs])
    found: dict[int, Capa] = {}
    for capa in Capa.objects.filter(opened).order_by("opened_at"):
        found |= dict.fromkeys((source for source, target in pairs if target == capa.pk), capa)
        if capa.source_ncr_id is not None:
            found[capa.source_ncr_id] = capa
    return found


def _alike(row: Nonconformity, ncr: Nonconformity) -> tuple[str, ...]:
    return tuple(
        name.replace("_", " ")
        for name, _ in FEATURES
        if getattr(ncr, f"{name}_id") is not None and getattr(row, f"{name}_id") == getattr(ncr, f"{name}_id")
    )
