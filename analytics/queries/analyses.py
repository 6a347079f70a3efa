"""Reads of the room, always scoped to the actor."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from django.db.models import QuerySet

from analytics.models import Analysis
from analytics.tables import MOST, Column, Table
from governance.models import Characteristic
from governance.queries import characteristics_visible_to
from iot.queries import values_between
from qms.core.actor import Actor
from qms.core.errors import Invalid
from qms.core.models import Record
from qms.core.records import KINDS, visible

MOST_CHARACTERISTICS = 12
TAKES_EVIDENCE = ("ncr", "capa")


def analyses_of(actor: Actor) -> QuerySet[Analysis]:
    """The analyses the actor may see, without their data."""
    return visible(Analysis, actor).select_related("owner", "site").defer("data", "result", "drawing")


def characteristics_of(actor: Actor) -> QuerySet[Characteristic]:
    """What can be picked as data."""
    return characteristics_visible_to(actor).filter(active=True).order_by("code")


def picked(codes: list[int], first: datetime | None, last: datetime | None, *, actor: Actor) -> Table:
    """The readings of characteristics in a span, a column each, without doubtful and excluded ones.

    Raises Invalid for no span, no readings, or more values than an analysis takes.
    """
    if first is None or last is None or first >= last:
        raise Invalid({"first": ["Give the span of time: from, and a later to."]})
    rows = list(characteristics_of(actor).filter(pk__in=codes)[: MOST_CHARACTERISTICS + 1])
    if not rows:
        raise Invalid({"characteristics": ["Choose at least one characteristic."]})
    if len(rows) > MOST_CHARACTERISTICS:
        raise Invalid({"characteristics": [f"Choose at most {MOST_CHARACTERISTICS} characteristics."]})
    columns: list[Column] = []
    for row in rows:
        values = values_between(row, first, last, actor=actor)
        if not values:
            raise Invalid({"characteristics": [f"{row.code} has no readings in this span: choose another one."]})
        columns.append(Column(name=row.code, unit=row.parameter.unit, numbers=np.array(values, dtype=np.float64)))
        if (size := sum(map(len, columns))) > MOST:
            raise Invalid({"last": [f"That is more than {MOST:,} values ({size:,} so far): take a shorter span."]})
    return Table(columns=tuple(columns), headed=True)


def evidence_targets(analysis: Analysis, actor: Actor) -> list[Record]:
    """The open nonconformities and CAPAs of its site that may take it as evidence."""
    if not actor.can("record.view", analysis):
        return []
    kinds = [kind for kind in TAKES_EVIDENCE if kind in KINDS]
    rows = Record._base_manager.filter(kind__in=kinds, site_id=analysis.site_id, closed_at=None)
    return list(rows.order_by("-opened_at")[:20])


def used_in(analysis: Analysis) -> QuerySet[Record]:
    """The records that keep it as frozen evidence."""
    return Record._base_manager.filter(
        evidence__kind="analysis", evidence__source_url=analysis.get_absolute_url()
    ).distinct()
