"""Reads of the shell: the inbox by groups, records for the palette and the search page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Q, QuerySet

from qms.core.actor import ALL, Actor
from qms.core.inbox import open_for
from qms.core.models import Record, SearchEntry, Task
from qms.core.records import KINDS, url_of
from qms.web.words import bucket

GROUPS = (("overdue", "Overdue"), ("today", "Due today"), ("week", "This week and later"), ("none", "No date"))
ICONS = {"signature": "signature", "mention": "message", "proposal": "bulb", "task": "clipboard-check"}


@dataclass(frozen=True)
class Hit:
    """A record found: for the palette and the search page."""

    number: str
    title: str
    kind: str
    state: str
    url: str


def grouped(actor: Actor, *, kind: str, now: datetime, limit: int = 300) -> list[tuple[str, list[Task]]]:
    """A person's open tasks by when they are due, the earliest first inside each group."""
    tasks = open_for(actor).select_related("record", "owner", "site")
    if kind:
        tasks = tasks.filter(kind=kind)
    groups: dict[str, list[Task]] = {key: [] for key, _ in GROUPS}
    for task in tasks.order_by(F("due").asc(nulls_last=True), "priority", "id")[:limit]:
        groups[bucket(task.due, now=now)].append(task)
    return [(label, groups[key]) for key, label in GROUPS if groups[key]]


def find(text: str, actor: Actor, limit: int = 20) -> list[Hit]:
    """Records the actor may see: by number first, then by the words of number, title and text."""
    words = text.split()
    if not words:
        return []
    rows = _seen(actor)
    found = list(rows.filter(number__istartswith=words[0]).order_by("-opened_at")[:limit]) if len(words) == 1 else []
    if len(found) < limit:
        terms = " & ".join(f"{clean}:*" for word in words if (clean := _clean(word)))
        if terms:
            query = SearchQuery(terms, search_type="raw", config="simple")
            ranked = SearchEntry.objects.filter(words=query).annotate(rank=SearchRank(F("words"), query))
            ids = list(ranked.order_by("-rank", "-record_id").values_list("record_id", flat=True)[: limit * 3])
            by_id = rows.exclude(pk__in=[row.pk for row in found]).in_bulk(ids)
            found += [by_id[pk] for pk in ids if pk in by_id]
    return [_hit(row) for row in found[:limit]]


def recent(actor: Actor, limit: int = 6) -> list[Hit]:
    """The person's own records that changed last."""
    own = _seen(actor).filter(Q(owner_id=actor.id) | Q(originator_id=actor.id))
    return [_hit(row) for row in own.order_by("-updated_at")[:limit]]


def _seen(actor: Actor) -> QuerySet[Record]:
    kinds = [kind for kind, model in KINDS.items() if actor.can(f"{model.NOUN}.view")]
    rows = Record._base_manager.filter(kind__in=kinds)
    sites = actor.sites("record.view")
    return rows if sites is ALL else rows.filter(site_id__in=sites)


def _clean(word: str) -> str:
    return "".join(letter for letter in word if letter.isalnum() or letter == "_")


def _hit(row: Record) -> Hit:
    model = KINDS[row.kind]
    return Hit(row.number, row.title, model.LABEL, model.flow.state(row.state).label, url_of(row))


def kinds_of(tasks: Sequence[tuple[str, int]]) -> list[tuple[str, str, int]]:
    """Task kinds with their plural words and counts, in the order of the inbox's filter."""
    words = {"signal": "Signals", "signature": "Signatures", "task": "Tasks", "mention": "Mentions"}
    words["proposal"] = "Proposals"
    counted = dict(tasks)
    return [(kind, label, counted[kind]) for kind, label in words.items() if counted.get(kind)]
