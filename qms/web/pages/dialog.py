"""One question in a dialog: a small form, one act, back to the page it was asked on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from qms.core.errors import Invalid, Refused
from qms.core.models import Record
from qms.core.records import locked
from qms.core.trail import acting, reading
from qms.web.forms import Styled
from qms.web.nav import PLACES
from qms.web.pages.guard import Page
from qms.web.pages.merging import changed_since, marks_of, text_of, with_theirs


class FormDialog(Page):
    """A room declares the form and what `act` does with it; refusals come back into the same dialog.

    `find` reads what the dialog is about, inside the actor's scope; `act` calls one service and returns the address
    to go to. Without htmx the same form is a page. One that `edits` what is there (`initial` gives it) keeps what
    somebody else changed meanwhile, and says what both changed.
    """

    template_name = "web/form_dialog.html"
    form_class: ClassVar[type[Styled]] = Styled
    heading: ClassVar[str] = ""
    lead: ClassVar[str] = ""
    button: ClassVar[str] = "Save"
    edits: ClassVar[bool] = False
    about: Any = None

    def find(self, **kwargs: Any) -> Any:
        """What the dialog is about, or a 404."""
        return None

    def initial(self) -> Mapping[str, Any]:
        """What the form starts with."""
        return {}

    def form(self, data: Any = None) -> Styled:
        """The form, empty or filled."""
        return self.form_class(data, initial=self.initial())

    def act(self, data: dict[str, Any]) -> str:
        """Call one service; the address to go to afterwards."""
        raise TypeError(f"{type(self).__name__} does not say what it does.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask."""
        self.about = self.find(**kwargs)
        return self.ask(self.form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do it, or say in the dialog what is missing."""
        try:
            with self._comparing(**kwargs):
                self.about = self.find(**kwargs)
                form, both = self._merged(self.form(request.POST))
                sound = form.is_valid()
                if sound and both:
                    return self._clashing(form, both)
                if sound and self.edits:
                    return self.go(self.act(form.cleaned_data))
            if sound:
                return self.go(self.act(form.cleaned_data))
        except Invalid as problem:
            form.refuse(problem.errors)
        except Refused as problem:
            form.refuse({"__all__": list(problem.reasons)})
        with reading(self.actor):
            response = self.ask(form, status=400)
            response.render()
        return response

    @contextmanager
    def _comparing(self, **kwargs: Any) -> Iterator[None]:
        """Where the form is compared with what is stored: for an edit in the act that saves it, under one lock."""
        if not self.edits:
            with reading(self.actor):
                yield
            return
        with reading(self.actor):
            self.about = self.find(**kwargs)
        with acting(self.actor, reason=self.request.POST.get("reason", "")):
            self.hold()
            yield

    def hold(self) -> None:
        """Lock what is edited until it is saved; a record by its own row, which is the lock of all of it."""
        if isinstance(self.about, Record):
            locked(Record, self.about.pk)
        elif isinstance(self.about, Model):
            row = type(self.about)._base_manager.select_for_update(no_key=True).filter(pk=self.about.pk)
            row.values_list("pk").first()

    def ask(self, form: Styled, status: int = 200, *, seen: str = "") -> TemplateResponse:
        """The dialog with the form, and with the marks of what it was drawn from."""
        if self.edits:
            seen = seen or self.request.POST.get("seen", "") or json.dumps(marks_of(self.form()))
        return self.render(status=status, form=form, seen=seen, title=self.heading, about=self.about, **self.context())

    def back(self) -> tuple[str, str]:
        """Where the form leads back to when it is a page: what it is about, else its place; label and address."""
        about = self.about
        if hasattr(about, "get_absolute_url") and (address := about.get_absolute_url()) != self.request.path:
            return str(about), address
        place = PLACES.get(self.nav)
        return (place.label, reverse(place.url)) if place else ("Start", "/")

    def _merged(self, form: Styled) -> tuple[Styled, list[str]]:
        """The form with what somebody else changed in fields this person left alone, and the fields both changed."""
        if not self.edits:
            return form, []
        now = self.form()
        alone, both = changed_since(self.request.POST.get("seen", ""), form, now)
        return (self.form(with_theirs(form, now, alone)) if alone else form), both

    def _clashing(self, form: Styled, both: list[str]) -> TemplateResponse:
        """Nothing is overwritten unseen: the dialog says what the other wrote, and saving again replaces it."""
        now = self.form()
        said = "Somebody changed this meanwhile to: {}. Save again to replace it."
        form.refuse({name: [said.format(text_of(now[name]) or "nothing")] for name in both})
        response = self.ask(form, status=409, seen=json.dumps(marks_of(now)))
        response.render()
        return response

    def go(self, url: str) -> HttpResponse:
        """On to the next page, from a dialog or from a page."""
        if self.request.htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)
