"""Finding: the palette behind Ctrl+K and the search page."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from qms.core.models import Record
from qms.core.records import model_of, url_of
from qms.core.search import find
from qms.web import nav
from qms.web.pages import Page
from qms.web.queries import recent

MOST = 8


@dataclass(frozen=True)
class Row:
    """One line of the palette."""

    group: str
    label: str
    note: str
    icon: str
    url: str
    mono: str = ""


class Palette(Page):
    """Records by number and words, pages, actions; recent ones before anything is typed."""

    policy = "signed-in"
    template_name = "web/palette.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The lines for what was typed."""
        text = request.GET.get("q", "").strip()[:120]
        rows = [*self._records(text), *self._things(text), *self._places(text), *self._commands(text)]
        if text:
            url = f"{reverse('web:search')}?{urlencode({'q': text})}"
            rows.append(Row("Search", f"Search all records for “{text}”", "", "search", url))
        groups = [(name, list(lines)) for name, lines in groupby(rows, key=lambda row: row.group)]
        return self.render(groups=groups, text=text)

    def _records(self, text: str) -> list[Row]:
        if not text:
            return [_record_row("Recent", record) for record in recent(self.actor)]
        return [_record_row("Records", hit.record) for hit in find(text, self.actor, MOST)]

    def _things(self, text: str) -> list[Row]:
        found = [thing for finder in nav.FINDERS for thing in finder(text, self.actor)] if text else []
        return [Row(one.group, one.label, one.note, one.icon, one.url, one.mono) for one in found]

    def _places(self, text: str) -> list[Row]:
        items = [i for group in ("main", "settings", "more") for i in nav.items(self.actor, group)]
        return [
            Row("Pages", i.label, f"G {i.go.upper()}" if i.go else "", i.icon, i.url)
            for i in items
            if fits(text, i.label)
        ]

    def _commands(self, text: str) -> list[Row]:
        offered = nav.commands(self.actor)
        return [Row("Actions", c.label, "", c.icon, url) for c, url in offered if fits(text, f"{c.label} {c.words}")]


def _record_row(group: str, record: Record) -> Row:
    model = model_of(record.kind)
    note = f"{model.LABEL}, {model.flow.state(record.state).label}"
    return Row(group, record.title, note, "clipboard-check", url_of(record), record.number)


def fits(text: str, label: str) -> bool:
    """Whether every typed word begins a word of the label."""
    words = label.casefold().split()
    return all(any(word.startswith(part) for word in words) for part in text.casefold().split())


class Search(Page):
    """Full-text search over all records the person may see."""

    policy = "signed-in"
    template_name = "web/search.html"
    title = "Search"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The best fifty hits."""
        text = self.request.GET.get("q", "").strip()[:200]
        hits = find(text, self.actor, 50)
        states = [(hit, hit.record.flow.state(hit.record.state), url_of(hit.record)) for hit in hits]
        return {"text": text, "hits": states}
