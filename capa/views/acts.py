"""One deed on a record's page: a form, one service, back to where it was done; refused input stays in the form."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from capa.forms import present, seen_of
from qms.core.errors import Conflict, Invalid, Refused, WrongPassword
from qms.core.models import Record
from qms.core.records import visible
from qms.core.trail import reading
from qms.web.pages import Guarded
from qms.web.pages.record import RecordPage


class Act(Guarded):
    """Posts one form of a record page. A subclass names the page, the form and the service."""

    http_method_names = ("post",)
    page: ClassVar[type[RecordPage]]
    slot: ClassVar[str] = ""  # which form of the page this is: shown again with its errors
    anchor: ClassVar[str] = ""
    said: ClassVar[str] = ""  # what the page says after it worked
    record: Any

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Check the form, call the service, go back; otherwise show the page with what was typed and why not."""
        with reading(self.actor):
            self.record = self.find(**kwargs)
            form = self.form(request)
            valid = form.is_valid()
        if not valid:
            return self.again(form, 400)
        try:
            self.save(form)
        except Invalid as problem:
            self._refuse(form, problem.errors)
            return self.again(form, 400)
        except (Refused, WrongPassword) as problem:
            self._refuse(form, {"": list(problem.reasons)})
            return self.again(form, _status(problem))
        if self.said:
            messages.success(request, self.said)
        return self.back()

    def find(self, **kwargs: Any) -> Any:
        """The record of the address."""
        return visible_or_404(self.page.model, kwargs["pk"], self)

    def form(self, request: HttpRequest) -> forms.Form:
        """The bound form; an empty one where nothing is typed."""
        return forms.Form(request.POST)

    def save(self, form: Any) -> None:
        """Call the service."""
        raise TypeError(f"{type(self).__name__} does not say what it does.")

    def back(self) -> HttpResponseBase:
        """To the page, where it was done."""
        return HttpResponseRedirect(f"{self.record.get_absolute_url()}#{self.anchor or self.slot}")

    def again(self, form: forms.Form, status: int) -> HttpResponseBase:
        """The page with this form as it was typed; a form without a place of its own says why above the page."""
        if not self.slot:
            for text in form.non_field_errors():
                messages.error(self.request, str(text))
            return self.back()
        view = self.page()
        view.setup(self.request, pk=self.record.pk)
        view.overrides = {self.slot: form}  # type: ignore[attr-defined]  # pages of this room have it
        with reading(self.actor):
            response = view.render(status=status, **view.context(pk=self.record.pk))
            response.render()
        return response

    def _refuse(self, form: forms.Form, errors: dict[str, list[str]]) -> None:
        for name, texts in errors.items():
            for text in texts:
                form.add_error(name if name in form.fields else None, text)

    def unseen(self, names: tuple[str, ...]) -> None:
        """Refuse to overwrite what this person has not seen: somebody else saved these fields in between."""
        seen = self.request.POST.get("seen", "")
        if not seen:
            return
        with reading(self.actor):
            now = present(self.page.model.objects.get(pk=self.record.pk), names)
        if seen_of(now) != seen:
            theirs = "; ".join(f"{name.replace('_', ' ')}: {value or 'empty'}" for name, value in now.items())
            raise Conflict(
                f"Somebody else changed this part in the meantime. It now says: {theirs}."
                " Save again to replace it with yours."
            )


class RowAct(Act):
    """A deed on one row of a record."""

    model: ClassVar[Any]
    parent: ClassVar[str]
    row: Any

    def find(self, **kwargs: Any) -> Any:
        """The row's record, when the actor may see it."""
        self.row = get_object_or_404(self.model, pk=kwargs["pk"])
        return visible_or_404(self.page.model, getattr(self.row, f"{self.parent}_id"), self)


def visible_or_404(model: type[Record], pk: int, view: Guarded) -> Any:
    """A record the actor may see."""
    found = visible(model, view.actor).select_related("site", "owner").filter(pk=pk).first()
    if found is None:
        raise Http404(f"There is no such {model.LABEL.lower()} that you may see.")
    return found


def _status(problem: Exception) -> int:
    if isinstance(problem, WrongPassword):
        return 403
    return 412 if isinstance(problem, Conflict) else 409
