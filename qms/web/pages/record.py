"""The frame of every record page: number, state, facts, rail, what is missing, signatures, history, links, files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, QueryDict
from django.urls import resolve, reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from qms.core.comments import mentioned, people_of
from qms.core.models import Record, Signature
from qms.core.records import child_of, url_of, visible
from qms.core.surroundings import Remark, surroundings
from qms.web.pages.conditions import Stop, next_steps, primary, rail
from qms.web.pages.guard import Guarded, Page
from qms.web.pages.history import entries

RECENT = 12
SIGNATURES = Prefetch("signatures", Signature.objects.select_related("void").defer("manifest").order_by("at", "id"))


@dataclass(frozen=True)
class Refusal:
    """What somebody typed into one form of the page that was refused, and why: shown again in that form."""

    key: str
    typed: QueryDict
    why: str


class RecordPage(Page):
    """The page of one record; a room declares the model and a template that extends `web/record.html`."""

    model: ClassVar[type[Record]]
    template_name = "web/record.html"
    crumbs: ClassVar[Sequence[tuple[str, str]]] = ()  # (word, URL name) before the number
    copies: ClassVar[str] = ""  # the name of the address that opens a draft like this one
    refused: Refusal | None = None
    related: ClassVar[Sequence[str]] = ()  # what the page shows of other rows, read with the record
    gathered: ClassVar[Sequence[str | Prefetch[Any]]] = ()  # rows of the record that several parts of its page read

    def get_record(self) -> Record:
        """The record of the URL, by `number` or `pk`; 404 when the actor may not see it."""
        field = "number" if "number" in self.kwargs else "pk"
        record = visible(self.model, self.actor).select_related("site", "owner", "originator", *self.related)
        found = record.prefetch_related(SIGNATURES, *self.gathered).filter(**{field: self.kwargs[field]}).first()
        if found is None:
            raise Http404(f"There is no {self.model.LABEL.lower()} {self.kwargs[field]} that you may see.")
        return found

    def rail(self, record: Record) -> Sequence[Stop]:
        """The rail under the title; a room with steps of its own overrides it."""
        return rail(record)

    def evidence_from(self, record: Record) -> Sequence[int]:
        """Ids of the records whose frozen evidence this page shows."""
        return [record.pk]

    def _copy_url(self, record: Record) -> str:
        """Where a draft like this one is opened; empty for who may open none here."""
        may = self.copies and self.actor.can(f"{record.NOUN}.open", record.site_id)
        return reverse(self.copies, args=[record.pk]) if may else ""

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The record and everything that gathers around it."""
        record = self.get_record()
        steps = next_steps(record, self.actor)
        main = primary(steps)
        return {
            "title": f"{record.number} {record.title}",
            "record": record,
            "refused": self.refused,
            "page_url": url_of(record),
            "copy_url": self._copy_url(record),
            "state": record.flow.state(record.state),
            "rail": self.rail(record),
            "main": main,
            "others": [one for one in steps if one is not main and one.allowed and not one.step.back and not one.done],
            "ways_back": [offer for offer in steps if offer.step.back and offer.allowed],
            **around(record, self),
        }


def page_of(record: Record, request: HttpRequest) -> RecordPage | None:
    """The page of a record, made for a request that went elsewhere; None when its kind has no page."""
    url = url_of(record)
    match = resolve(urlsplit(url).path) if url else None
    kind = getattr(match.func, "view_class", None) if match else None
    if match is None or kind is None or not issubclass(kind, RecordPage):
        return None
    page: RecordPage = kind()
    page.setup(request, **match.kwargs)
    return page


def around(record: Record, page: RecordPage) -> dict[str, Any]:
    """Who watches, signatures, history, links, comments, files and evidence of a record for its page."""
    actor = page.actor
    found = entries(record)
    near = surroundings(record, actor, evidence_of=page.evidence_from(record))
    return {
        "watchers": near.watchers,
        "watches": any(person.pk == actor.id for person in near.watchers),
        "signatures": record.signatures.all(),
        "history": found[:RECENT],
        "history_rest": found[RECENT:],
        "links": [(end, url_of(end.record)) for end in near.links],
        "comments": _marked_all(near.comments, record),
        "files": near.files,
        "evidence": near.evidence,
        "may_watch": actor.can("record.watch", record),
        "may_comment": actor.can("record.comment", record),
        "may_attach": actor.can("record.attach", record),
        "may_link": actor.can("record.link", record),
        "may_extend": record.due is not None and record.closed_at is None and actor.can("record.extend", record),
    }


def whole(pk: int, page: Guarded) -> Record:
    """Any record by id as its own kind, if the actor may see it."""
    sites = Record._base_manager.filter(pk=pk).select_related("site", "owner").first()
    if sites is None or not page.actor.can("record.view", sites):
        raise Http404("There is no such record that you may see.")
    return child_of(sites)


def _marked_all(comments: Sequence[Remark], record: Record) -> list[dict[str, Any]]:
    people = people_of(record.site_id) if any("@" in one.text for one in comments) else []
    return [
        {"comment": one, "text": _marked(one.text, [p.name for p in mentioned(one.text, people)])} for one in comments
    ]


def _marked(text: str, names: list[str]) -> SafeString:
    """A comment with its mentions marked; everything escaped."""
    safe = str(conditional_escape(text))
    for name in names:
        at = f"@{conditional_escape(name)}"
        safe = safe.replace(at, f'<span class="mention">{at}</span>')
    return mark_safe(safe)  # noqa: S308 - escaped above; only our own spans were added


def as_table(rows: Sequence[dict[str, Any]]) -> SafeString:
    """Rows of equal shape as a small table, for what is signed."""
    if not rows:
        return SafeString("")
    keys = list(rows[0])
    head = format_html_join("", "<th>{}</th>", ((key.replace("_", " ").capitalize(),) for key in keys))
    body = format_html_join(
        "", "<tr>{}</tr>", ((format_html_join("", "<td>{}</td>", ((row.get(k, ""),) for k in keys)),) for row in rows)
    )
    return format_html('<table class="tb dense"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>', head, body)
