"""Search over the records of every kind: by the beginnings of words, the best first, only what one may see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from qms.core.actor import ALL, Actor
from qms.core.models import Record, SearchEntry
from qms.core.records import KINDS, words_of

AROUND = 60  # letters shown before a word that was found
LENGTH = 160
RANKED = 1000


@dataclass(frozen=True)
class Piece:
    """A part of a text, and whether it is what was searched for."""

    text: str
    found: bool


@dataclass(frozen=True)
class Hit:
    """A record that was found, with its title and the best place of its text cut into pieces."""

    record: Record
    title: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]


def find(text: str, actor: Actor, limit: int = 20) -> list[Hit]:
    """The records that hold words beginning like every word of the text; a number typed in full comes first.

    Of very many, as a single letter finds, the newest thousand are ranked.
    """
    terms = terms_of(text)
    if not terms:
        return []
    newest = entries_with(terms).filter(_scope(actor)).order_by("-record_id")[:RANKED]
    found = (
        Record.objects.filter(pk__in=newest.values("record_id"))
        .extra(  # the search table hangs on the record one way only
            tables=["core_searchentry"], where=["core_searchentry.record_id = core_record.id"]
        )
        .annotate(rank=RawSQL("ts_rank(core_searchentry.words, to_tsquery('simple', %s))", [_query(terms)]))
        .annotate(exact=RawSQL("core_record.number ilike %s", [text.strip()]))
        .order_by("-exact", "-rank", F("opened_at").desc())[:limit]
    )
    return _hits([record.pk for record in found], terms, {record.pk: record.kind for record in found})


def terms_of(text: str) -> list[str]:
    """The words that are searched for."""
    return words_of(text).split()[:12]


def entries_with(terms: Sequence[str]) -> QuerySet[SearchEntry]:
    """The entries that hold words beginning like every term; each points at its record."""
    return SearchEntry.objects.filter(words=SearchQuery(_query(terms), config="simple", search_type="raw"))


def _scope(actor: Actor) -> Q:
    """Each kind at the sites where the actor may view it, seen from the search entry."""
    allowed = Q(pk=None)
    for kind, model in KINDS.items():
        sites = actor.sites(f"{model.NOUN}.view")
        allowed |= Q(record__kind=kind) if sites is ALL else Q(record__kind=kind, record__site_id__in=sites)
    return allowed


def _query(terms: Sequence[str]) -> str:
    return " & ".join(f"{term}:*" for term in terms)


def _hits(order: Sequence[int], terms: Sequence[str], kinds: dict[int, str]) -> list[Hit]:
    whole: dict[int, Record] = {}
    for kind in set(kinds.values()):
        named = {field.name for field in KINDS[kind]._meta.fields if field.many_to_one} & {*KINDS[kind].SEARCH}
        rows = KINDS[kind].objects.select_related("site", "owner", *sorted(named))  # the excerpt reads them
        whole.update(rows.in_bulk([pk for pk, its in kinds.items() if its == kind]))
    return [
        Hit(whole[pk], tuple(pieces(whole[pk].title, terms)), tuple(pieces(_excerpt(whole[pk], terms), terms)))
        for pk in order
        if pk in whole
    ]


def pieces(text: str, terms: Sequence[str]) -> Iterator[Piece]:
    """A text cut where words begin like one of the terms."""
    end = 0
    for match in _beginnings(terms).finditer(text):
        if match.start() > end:
            yield Piece(text[end : match.start()], found=False)
        yield Piece(match.group(), found=True)
        end = match.end()
    if end < len(text):
        yield Piece(text[end:], found=False)


def _beginnings(terms: Sequence[str]) -> re.Pattern[str]:
    longest = sorted(map(re.escape, terms), key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(longest)})", re.IGNORECASE)


def _excerpt(record: Record, terms: Sequence[str]) -> str:
    """The stretch of the record's text around the first word found; empty when only the title or number matched."""
    for name in type(record).SEARCH:
        text = " ".join(str(getattr(record, name) or "").split())
        if match := _beginnings(terms).search(text):
            start = max(match.start() - AROUND, 0)
            cut = text[start : start + LENGTH]
            return f"{'… ' if start else ''}{cut}{' …' if start + LENGTH < len(text) else ''}"
    return ""
