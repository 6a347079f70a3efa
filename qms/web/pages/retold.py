"""History that came with a data set (the demo plant): told by the times and people its rows name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.dateparse import parse_datetime

from qms.core.models import Record, User
from qms.core.trail import Act, Change

SOURCE = "demo"  # acts of this source made rows of the past in one go; their edits only set times
_WHEN = ("at", "verified_at", "done_at", "answered_at", "opened_at", "created_at", "frozen_at", "made_at")
_WHO = (
    "signer_id",
    "verified_by_id",
    "done_by_id",
    "answered_by_id",
    "originator_id",
    "author_id",
    "by_id",
    "owner_id",
)


class Deed(NamedTuple):
    """One row of the past: when, whose id (None: the owner's), and its columns as the trail has them."""

    at: datetime
    who: int | None
    changes: list[Change]


def came_with_data(act: Act) -> bool:
    """Whether an act loaded the past instead of changing the present."""
    return act.source == SOURCE


def deeds(acts: Sequence[Act], record: Record) -> list[Deed]:
    """The rows those acts made, newest first; a row that names no time is taken for part of the opening."""
    rows: dict[tuple[str, int], list[Change]] = defaultdict(list)
    for change in (change for act in acts for change in act.changes if change.op == "I"):
        rows[change.table, change.pk].append(change)
    later = {(c.table, c.pk, c.field): c.new for act in reversed(acts) for c in act.changes if c.op == "U"}
    found = []
    for changes in rows.values():
        values: Mapping[str, Any] = {c.field: later.get((c.table, c.pk, c.field), c.new) for c in changes}
        at = next((moment for name in _WHEN if (moment := _moment(values.get(name)))), None)
        if at is None and changes[0].table != Record._meta.db_table:
            continue
        found.append(Deed(at or record.opened_at, next((values[n] for n in _WHO if values.get(n)), None), changes))
    return sorted(found, key=lambda deed: deed.at, reverse=True)


def names_of(found: Sequence[Deed], record: Record) -> dict[int | None, str]:
    """The names of the people in these rows; rows without a person are the owner's."""
    people = User.objects.filter(pk__in={deed.who for deed in found if deed.who is not None})
    return {**dict(people.values_list("pk", "name")), None: record.owner.name if record.owner else ""}


def _moment(value: Any) -> datetime | None:
    moment = parse_datetime(value) if isinstance(value, str) else None
    return moment if moment is not None and moment.tzinfo is not None else None
