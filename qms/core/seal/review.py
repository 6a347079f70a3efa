"""The trail for people who review it: whose rows they may see, what each row changed, when it was sealed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from qms.core.actor import ALL, Actor
from qms.core.health import unsealed
from qms.core.models import Checkpoint, Job, Record, Trail
from qms.core.records import model_of
from qms.core.trail import Change, changes_between

_BEFORE = """
select t.id, p.image from core_trail t cross join lateral (
  select image from core_trail p where p.tbl = t.tbl and p.pk = t.pk and p.id < t.id order by p.id desc limit 1) p
where t.id = any (%s)
"""
_SEALED = """
select l.trail, l.idx, c.number, c.at from core_trailleaf l cross join lateral (
  select number, at from core_checkpoint where size > l.idx order by size limit 1) c
where l.trail = any (%s)
"""
JOB = "verify_trail"
_NAMES = ("number", "code", "name", "title", "path", "topic")


@dataclass(frozen=True)
class Sealed:
    """Where a row stands in the log, and the first checkpoint over it."""

    entry: int
    checkpoint: int
    at: datetime


@dataclass
class Reviewed:
    """A row of the trail with what its reader asks about it."""

    row: Trail
    changes: tuple[Change, ...] = ()
    record: Record | None = None
    sealed: Sealed | None = None

    @property
    def name(self) -> str:
        """What the row called itself: its code, name or title."""
        image = json.loads(self.row.image)
        return next((image[key] for key in _NAMES if isinstance(image.get(key), str) and image[key]), "")[:60]


@dataclass(frozen=True)
class Standing:
    """How the log stands: its newest checkpoint, what waits, the last check."""

    newest: Checkpoint | None
    waiting: int
    checked: Job | None = field(default=None)


def visible_trail(actor: Actor) -> QuerySet[Trail]:
    """The rows an actor may review: all with a role for every site, else those of records at their sites."""
    sites = actor.sites("trail.view")
    if sites is ALL:
        return Trail.objects.all()
    return Trail.objects.filter(record__in=Record.objects.filter(site_id__in=sites).values("pk"))


def reviewed(rows: Sequence[Trail]) -> list[Reviewed]:
    """The rows with their changes, records and seals; three questions for all of them."""
    ids = [row.pk for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, [ids])
        before = dict(cursor.fetchall())
        cursor.execute(_SEALED, [ids])
        sealed = {trail: Sealed(*rest) for trail, *rest in cursor.fetchall()}
    records = _records(rows)
    return [
        Reviewed(
            row,
            changes_between(row.tbl, row.pk_value, row.op, before.get(row.pk), row.image),
            records.get(row.record or 0),
            sealed.get(row.pk),
        )
        for row in rows
    ]


def _records(rows: Sequence[Trail]) -> dict[int, Record]:
    """The records the rows belong to, each as the child it is: one question a kind."""
    ids = {row.record for row in rows if row.record}
    kinds = Record._base_manager.filter(pk__in=ids).values_list("kind", flat=True).distinct()
    found: dict[int, Record] = {}
    for kind in kinds:
        found |= model_of(kind)._default_manager.filter(pk__in=ids).in_bulk()
    return found


def standing(actor: Actor) -> Standing:
    """The log as it stands now; the last check only for people who may ask for one."""
    checked = Job.objects.filter(kind=JOB, state="done").order_by("-id") if actor.can("trail.verify") else None
    waiting, _ = unsealed()
    return Standing(Checkpoint.objects.order_by("-number").first(), waiting, checked.first() if checked else None)
