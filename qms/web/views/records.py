"""What happens to any record from its page: a step, a watcher, a comment, a link, a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from qms.core import signing
from qms.core.comments import add_comment
from qms.core.errors import Conflict, Denied, Invalid, Refused, WrongPassword
from qms.core.extending import extend
from qms.core.files import attach, readable, withdraw
from qms.core.flow import Step
from qms.core.links import link, unlink
from qms.core.models import Attachment, Link, Record
from qms.core.records import url_of
from qms.core.stepping import advance
from qms.core.trail import reading
from qms.core.watchers import unwatch, watch
from qms.web.forms import ExtensionForm, ReasonForm
from qms.web.middleware import reasons
from qms.web.pages import FormDialog, Guarded, Page
from qms.web.pages.conditions import next_steps, primary
from qms.web.pages.history import entries, plain
from qms.web.pages.record import Refusal, as_table, page_of, whole
from qms.web.requests import whole_number

_KNOWN = 12  # facts in the side panel


class Advance(Page):
    """The dialog of a step (what, meaning, proof of person) and the step itself."""

    policy = "record.view"  # the step's own permission is checked by the kernel when it is taken
    template_name = "web/sign_dialog.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show what will happen and ask for what the step needs."""
        record = whole(kwargs["pk"], self)
        return self._dialog(record, self._step(record, request.GET.get("step", "")), ())

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Take the step; refused, the dialog says why and keeps what was typed."""
        with reading(self.actor):
            record = whole(pk, self)
        name, version = request.POST.get("step", ""), whole_number(request.POST.get("version"))
        try:
            typed = {key: request.POST.get(key, "") for key in ("reason", "password", "note")}
            fresh = advance(record, name, by=self.actor, version=version, **typed)
        except (Refused, WrongPassword) as problem:
            with reading(self.actor):
                response = self._dialog(record, self._step(record, name), problem.reasons, status=_status(problem))
                response.render()
            return response
        label = fresh.flow.state(fresh.state).label
        messages.success(request, f"{fresh.number} is now in “{label}”.")
        return HttpResponse(status=204, headers={"HX-Redirect": url_of(fresh) or "/"})

    def _step(self, record: Record, name: str) -> Step[Any]:
        step = record.flow.step(name, record.state) or next((s for s in record.flow.steps if s.name == name), None)
        if step is None:
            raise Http404(f"{record.number} has no step {name}.")
        return step

    def _dialog(self, record: Record, step: Step[Any], errors: tuple[str, ...], status: int = 200) -> TemplateResponse:
        offer = next((offer for offer in next_steps(record, self.actor) if offer.step is step), None)
        missing = tuple(condition.text for condition in offer.missing) if offer and not errors else ()
        covered = signing.manifest(record, step.section) if step.meaning else ""
        return self.render(
            status=status,
            record=record,
            step=step,
            source=record.flow.state(record.state),
            target=record.flow.state(step.target),
            errors=errors or missing,
            content=rows_of(record.content(step.section)) if step.meaning else [],
            digest=signing.digest_of(covered) if covered else "",
            signatures=record.signatures.filter(void=None) if step.meaning else [],
            form=self.request.POST,
            now=timezone.now(),
        )


def _status(problem: Exception) -> int:
    if isinstance(problem, Conflict):
        return 412
    return 403 if isinstance(problem, WrongPassword) else 409


def rows_of(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Signed content as label and value, lists of rows as small tables."""
    found = []
    for key, value in content.items():
        label = key.replace("_", " ").capitalize()
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
            rows = [{name: plain(cell) if cell is not None else "" for name, cell in row.items()} for row in value]
            found.append({"label": label, "table": as_table(rows)})
        else:
            found.append({"label": label, "value": plain(value) if value not in (None, "", []) else ""})
    return found


class RecordPeek(Page):
    """A record's summary for the side panel of a list: where it stands, what is missing, what is known."""

    policy = "record.view"
    template_name = "web/record_peek.html"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The record, its next step and its newest history."""
        record = whole(kwargs["pk"], self)
        known = rows_of(record.content("whole"))
        return {
            "record": record,
            "url": url_of(record),
            "state": record.flow.state(record.state),
            "main": primary(next_steps(record, self.actor)),
            "facts": [row for row in known if row.get("value")][1:_KNOWN],
            "tables": [row for row in known if row.get("table")],
            "history": entries(record, 4),
        }


class Extend(FormDialog):
    """More time for an open record."""

    policy = "record.extend"
    form_class = ExtensionForm
    heading = "Extend the due date"
    lead = "Every extension is counted and stays in the history with its reason."
    button = "Extend"

    def find(self, **kwargs: Any) -> Record:
        """The record."""
        return whole(kwargs["pk"], self)

    def act(self, data: dict[str, Any]) -> str:
        """Move its clock."""
        fresh = extend(self.about, data["due"], reason=data["reason"], by=self.actor)
        messages.success(self.request, f"{fresh.number} has more time.")
        return url_of(fresh) or "/"


class _Around(Guarded):
    """Adds something to a record and goes back to its page."""

    http_method_names = ("post",)
    anchor = ""
    typed = ""  # the form of the page that keeps what was typed when it is refused

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Find the record, add, go back; refused input is said on the page."""
        with reading(self.actor):
            record = whole(pk, self)
        try:
            self.add(record, request)
        except (Refused, Invalid, Denied) as problem:
            return self._again(record, problem)
        return HttpResponseRedirect(f"{url_of(record)}{self.anchor}")

    def _again(self, record: Record, problem: Exception) -> HttpResponseBase:
        """The record's page with what was typed and the reason beside it; a record without a page says it above."""
        page = page_of(record, self.request) if self.typed else None
        if page is None:
            messages.error(self.request, " ".join(reasons(problem)))
            return HttpResponseRedirect(f"{url_of(record)}{self.anchor}")
        said = [text for texts in problem.errors.values() for text in texts] if isinstance(problem, Invalid) else None
        page.refused = Refusal(self.typed, self.request.POST, " ".join(said or reasons(problem)))
        return page.shown_again(**page.kwargs)

    def add(self, record: Record, request: HttpRequest) -> None:
        """What this view adds."""


class WatchRecord(_Around):
    """Be told of new states and comments, or no more."""

    policy = "record.watch"

    def add(self, record: Record, request: HttpRequest) -> None:
        """Do what the pressed button says."""
        if request.POST.get("do") == "unwatch":
            unwatch(record, by=self.actor)
            messages.success(request, f"You no longer watch {record.number}.")
        else:
            watch(record, by=self.actor)
            messages.success(request, f"You watch {record.number}: you are told of each new state and comment.")


class AddComment(_Around):
    """A remark."""

    policy = "record.comment"
    anchor, typed = "#comments", "comment"

    def add(self, record: Record, request: HttpRequest) -> None:
        """Keep the comment; mentioned people are asked to read it."""
        add_comment(record, request.POST.get("text", ""), by=self.actor)


class AddLink(_Around):
    """A link to another record by its number."""

    policy = "record.link"
    anchor, typed = "#links", "link"

    def add(self, record: Record, request: HttpRequest) -> None:
        """Find the other record by number and link it."""
        number = request.POST.get("number", "").strip().upper()
        with reading(self.actor):
            other = Record._base_manager.filter(number=number).first()
            if other is None or not self.actor.can("record.view", other):
                raise Refused(f"There is no record {number or 'without a number'} that you may see. Check the number.")
        link(record, other, request.POST.get("relation") or "related", by=self.actor)


class RemoveLink(_Around):
    """A link that should not be there; the history keeps it."""

    policy = "record.link"
    anchor = "#links"

    def add(self, record: Record, request: HttpRequest) -> None:
        """Take away the named link of this record."""
        with reading(self.actor):
            number = whole_number(request.POST.get("link"))
            ends = Link.objects.filter(Q(source_id=record.pk) | Q(target_id=record.pk))
            found = ends.filter(pk=number).first() if number is not None else None
        if found is None:
            raise Refused("This link is gone already.")
        unlink(found, by=self.actor)


class AddFile(_Around):
    """A file, checked and kept."""

    policy = "record.attach"
    anchor = "#files"

    def add(self, record: Record, request: HttpRequest) -> None:
        """Keep the uploaded file with the record."""
        upload = request.FILES.get("file")
        if upload is None:
            raise Invalid({"file": ["Choose a file."]})
        attach(record, upload, by=self.actor)


class WithdrawFile(FormDialog):
    """A file that should not be there is taken out, with the reason."""

    policy = "record.attach"
    form_class = ReasonForm
    heading = "Take the file out"
    lead = "It leaves the record, and signatures that cover it become void. Its bytes and the history stay."
    button = "Take out"

    def find(self, **kwargs: Any) -> Attachment:
        """The file, if its record may be seen."""
        try:
            return readable(kwargs["pk"], self.actor)
        except Denied as refusal:
            raise Http404(str(refusal)) from refusal

    def act(self, data: dict[str, Any]) -> str:
        """Take it out and go back to its record."""
        withdraw(self.about, reason=data["reason"], by=self.actor)
        messages.success(self.request, f"{self.about.name} was taken out.")
        with reading(self.actor):
            return f"{url_of(whole(self.about.record_id, self))}#files"
