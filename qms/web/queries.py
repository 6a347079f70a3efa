"""Reads of the shell: the inbox by groups, records for the palette and the search page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Q

from qms.core.actor import Actor
from qms.core.inbox import open_for
from qms.core.models import Record, Task
from qms.core.records import KINDS
from qms.web.words import bucket

GROUPS = (("overdue", "Overdue"), ("today", "Due today"), ("week", "This week and later"), ("none", "No date"))
ICONS = {"signature": "signature", "mention": "message", "proposal": "bulb", "task": "clipboard-check"}


def grouped(actor: Actor, *, kind: str, now: datetime, limit: int = 300) -> list[tuple[str, list[Task]]]:
    """A person's open tasks by when they are due, the earliest first inside each group."""
    tasks = open_for(actor).select_related("record", "owner", "site")
    if kind:
        tasks = tasks.filter(kind=kind)
    groups: dict[str, list[Task]] = {key: [] for key, _ in GROUPS}
    for task in tasks.order_by(F("due").asc(nulls_last=True), "priority", "id")[:limit]:
        groups[bucket(task.due, now=now)].append(task)
    return [(label, groups[key]) for key, label in GROUPS if groups[key]]


def recent(actor: Actor, limit: int = 6) -> list[Record]:
    """The person's own records that changed last, as their own kinds' rows of the common table."""
    if actor.id is None:
        return []
    own = Record._base_manager.filter(Q(owner_id=actor.id) | Q(originator_id=actor.id), kind__in=KINDS)
    return list(own.order_by("-updated_at")[:limit])


def kinds_of(tasks: Sequence[tuple[str, int]]) -> list[tuple[str, str, int]]:
    """Task kinds with their plural words and counts, in the order of the inbox's filter."""
    words = {"signal": "Signals", "signature": "Signatures", "task": "Tasks", "mention": "Mentions"}
    words["proposal"] = "Proposals"
    counted = dict(tasks)
    return [(kind, label, counted[kind]) for kind, label in words.items() if counted.get(kind)]
