"""Characteristics judged together as one vector: which they are, and which may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Q, QuerySet

from governance.models import MULTIVARIATE, Characteristic, ValueKind
from governance.queries.lists import characteristics_visible_to
from qms.core.actor import Actor


def together_visible_to(actor: Actor) -> QuerySet[Characteristic]:
    """The multivariate characteristics of the actor's sites."""
    return characteristics_visible_to(actor).filter(chart__in=MULTIVARIATE)


def may_be_together(
    actor: Actor, *, station: int | None = None, process: int | None = None
) -> QuerySet[Characteristic]:
    """Measured characteristics in use that a vector can hold: all the actor's, or those of a station or process."""
    rows = characteristics_visible_to(actor).filter(active=True, parameter__kind=ValueKind.FLOAT)
    near = Q(station_id=station) | Q(process_id=process) if process else Q(station_id=station)
    return rows.filter(near) if station else rows


def members_of(row: Characteristic) -> list[Characteristic]:
    """The characteristics a vector holds, in the order of its values; none for one that stands alone."""
    return members_of_all([row])[row.pk]


def members_of_all(rows: Sequence[Characteristic]) -> Mapping[int, list[Characteristic]]:
    """The same for several at once, one query."""
    wanted = {row.pk: list(row.design.get("members", ())) if row.chart in MULTIVARIATE else [] for row in rows}
    ids = {one for some in wanted.values() for one in some}
    known = Characteristic.objects.select_related("parameter", "station").in_bulk(ids) if ids else {}
    return {pk: [known[one] for one in some if one in known] for pk, some in wanted.items()}


def judged_with(row: Characteristic) -> list[Characteristic]:
    """The multivariate characteristics that a characteristic is a part of."""
    found = Characteristic.objects.filter(chart__in=MULTIVARIATE, active=True, design__members__contains=row.pk)
    return list(found.order_by("code"))
