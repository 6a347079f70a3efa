"""The trail for those who review it: every changed row, what changed, why, and since when it is sealed."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from qms.core import jobs
from qms.core.filters import DEEDS, TrailFilter
from qms.core.models import Checkpoint, Record, Trail
from qms.core.records import url_of
from qms.core.seal import keys, review
from qms.core.seal.bundle import export
from qms.core.seal.review import Reviewed
from qms.core.trail import Change
from qms.web.pages import Column, Guarded, NamedView, Page, found_or_404
from qms.web.pages.history import Line, Names, noun_of
from qms.web.views.settings import SettingsList
from qms.web.words import who

TOGETHER, TOLD, WITH_IT = 500, 3, 20  # rows asked together; fields told in a list; rows of an act on a page
_QUIET = {"id", "version", "updated_at", "state_since", "record_ptr_id", "manifest"}
_WORDS = dict(DEEDS)
_EVENT = re.compile(r"^[a-z_.]+\.([A-Z]\w+) [0-9a-f-]{36}$")  # what a handler acted on, with the event's own id
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _what(found: Reviewed) -> str:
    """Such as "NCR-2026-0012, containment" or "Site NV1"."""
    noun = noun_of(found.row.tbl)
    if found.record:
        own = {"record", noun_of(found.record._meta.db_table)}
        return found.record.number if noun in own else f"{found.record.number}, {noun}"
    return f"{noun[:1].upper()}{noun[1:]} {found.name or found.row.pk_value}"


def _reason(row: Trail) -> str:
    """As it was given; what followed from an event names the event in words, such as "After: step taken"."""
    event = _EVENT.match(row.reason)
    return f"After: {_HUMP.sub(' ', event[1]).lower()}" if event else row.reason


def _told(line: Line) -> str:
    return f"{line.label}: {line.old or 'empty'} → {line.new or 'empty'}"


def _loud(found: Reviewed) -> list[Change]:
    return [change for change in found.changes if change.field not in _QUIET]


def _changed(found: Reviewed, names: Names) -> str:
    """The fields that changed, old to new; of a row that was made or removed nothing, the page of the row tells it."""
    if found.row.op != "U":
        return ""
    lines = names.lines(_loud(found), found.record)
    more = f" and {len(lines) - TOLD} more" if len(lines) > TOLD else ""
    return "; ".join(_told(line) for line in lines[:TOLD]) + more


def _seal(found: Reviewed) -> tuple[str, str]:
    return ("done", f"Checkpoint {found.sealed.checkpoint:,}") if found.sealed else ("todo", "Waits")


class _Row:
    """A reviewed row with the key a list wants, and the words for what changed in it."""

    def __init__(self, found: Reviewed, names: Names) -> None:
        self.found, self.row, self.pk, self.id = found, found.row, found.row.pk, found.row.pk
        self.names = names

    def __str__(self) -> str:
        return f"trail row {self.pk}"


class TrailList(SettingsList):
    """Every change, newest first."""

    key = "trail"
    title = "Trail"
    template_name = "web/trail.html"
    policy = "trail.view"
    model = Trail
    filterset_class = TrailFilter
    search_fields = ("actor", "reason")
    default_sort = "-id"
    noun = "changes"
    heavy = True
    purpose = "Every change is kept here by the database: who, when, what, why. Nothing has been changed yet."
    views = (
        NamedView("All", ""),
        NamedView("With a reason", "reasoned=true"),
        NamedView("Removed", "op=D"),
        NamedView("Without a name", "known=false"),
    )
    columns = (
        Column(key="at", label="When", value="row.at", kind="time", link=True),
        Column(key="actor", label="Who", value=lambda item: who(item.row.actor), kind="person"),
        Column(key="op", label="Did", value=lambda item: _WORDS.get(item.row.op, item.row.op)),
        Column(key="what", label="What", value=lambda item: _what(item.found), kind="person"),
        Column(key="changed", label="Changed", value=lambda item: _changed(item.found, item.names), kind="long"),
        Column(key="reason", label="Reason", value=lambda item: _reason(item.row), kind="long"),
        Column(key="seal", label="Sealed", value=lambda item: _seal(item.found), kind="state"),
        Column(key="source", label="Came by", value="row.source", shown=False),
        Column(key="id", label="Row", value="row.pk", kind="mono", sort="id", shown=False),
        Column(key="act", label="Act", value="row.act", kind="mono", shown=False),
    )

    def queryset(self) -> QuerySet[Any]:
        """Those the person may review."""
        return review.visible_trail(self.actor)

    def url_of(self, row: Any) -> str:
        """The page of the change."""
        return reverse("web:trail-row", args=[row.pk])

    def prepared(self, rows: Iterable[Any]) -> Iterable[Any]:
        """The rows with their changes and seals, so many at a time."""
        return _in_blocks(iter(rows))

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The list and how the log stands."""
        standing = None if self.part() else review.standing(self.actor)
        return {**super().context(**kwargs), "standing": standing, "may_check": self.actor.can("trail.verify")}


def _in_blocks(rows: Iterator[Trail]) -> Iterator[_Row]:
    while block := list(islice(rows, TOGETHER)):
        reviewed = review.reviewed(block)
        names = _names_in(found for found in reviewed if found.row.op == "U")
        yield from (_Row(found, names) for found in reviewed)


def _names_in(rows: Iterable[Reviewed]) -> Names:
    return Names(change for found in rows for change in _loud(found))


class TrailRow(Page):
    """One change with everything that was changed with it, and its place in the sealed log."""

    policy = "trail.view"
    template_name = "web/trail_row.html"
    nav = "settings"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The row and the others of its act."""
        row = found_or_404(review.visible_trail(self.actor), kwargs["pk"], "row of the trail")
        with_it = review.visible_trail(self.actor).filter(act=row.act, record=row.record).exclude(pk=row.pk)
        others = list(with_it.order_by("id")[: WITH_IT + 1])
        found, *beside = review.reviewed([row, *others[:WITH_IT]])
        names = _names_in((found, *beside))
        acted = [(one, _what(one), _WORDS.get(one.row.op, ""), _lines(one, names)) for one in (found, *beside)]
        return {
            "title": f"{_WORDS.get(row.op, row.op)}: {_what(found)}",
            "found": found,
            "acted": acted,
            "more": len(others) > WITH_IT,
            "who": who(row.actor),
            "seal": _seal(found),
            "reason": _reason(row),
            "record_url": url_of(found.record) if found.record else "",
        }


def _lines(found: Reviewed, names: Names) -> list[Line]:
    """Its fields in words; of a row that was made those that say something."""
    lines = names.lines(_loud(found), found.record)
    return [line for line in lines if line.old or line.new]


class TrailCheck(Guarded):
    """Check the whole trail in the background."""

    policy = "trail.verify"
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for it and show how far it is."""
        files = request.POST.get("files") == "yes"
        job = jobs.enqueue(review.JOB, {"files": files}, by=self.actor, title="Check of the trail")
        return HttpResponseRedirect(reverse("web:job", args=[job.pk]))


class NewestCheckpoint(Guarded):
    """The newest signed checkpoint with the public key, to be kept by somebody else."""

    policy = "trail.view"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """As a text file."""
        newest = Checkpoint.objects.order_by("-number").first()
        if newest is None:
            raise Http404("Nothing has been sealed yet. The first checkpoint comes within seconds of the first change.")
        name = f"checkpoint-{newest.number}.txt"
        text = f"{newest.note}\n{keys.verifier().line()}\n"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


class TrailBundle(Guarded):
    """A record's trail with its proofs, as a file that checks itself."""

    policy = "trail.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The bundle as a download."""
        record = found_or_404(Record.objects.all(), pk, "record")
        if not self.actor.can("trail.view", record):
            raise Http404("There is no such record among those whose trail you review.")
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        try:
            export(record, file, by=self.actor)
        except Exception:
            file.close()
            raise
        file.seek(0)
        return FileResponse(
            file, as_attachment=True, filename=f"{record.number}-trail.zip", content_type="application/zip"
        )
