"""One deed on a record's page: a form, one service, back to where it was done; refused input stays in the form."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone

from qms.core.errors import Conflict, Denied, Invalid, Refused, WrongPassword
from qms.core.models import Record
from qms.core.records import visible
from qms.core.trail import reading
from qms.web.pages import Guarded, found_or_404
from qms.web.pages.merging import Collision, collision, own_changes, seal
from qms.web.pages.record import RecordPage, Refusal


class Act(Guarded):
    """Posts one form of a record page. A subclass names the page, the form and the service."""

    http_method_names = ("post",)
    page: ClassVar[type[RecordPage]]
    slot: ClassVar[str] = ""  # which form of the page this is: shown again with its errors
    anchor: ClassVar[str] = ""
    said: ClassVar[str] = ""  # what the page says after it worked
    keeps: ClassVar[bool] = False  # a small form of a row, which shows what was typed by `refused`
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
        except Collision as problem:
            form.collision = problem  # type: ignore[attr-defined]  # the form's template shows it
            return self.again(form, _status(problem))
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
        if self.slot:
            return self._shown(status, overrides={self.slot: form})
        texts = [str(text) for text in form.non_field_errors()]
        if self.keeps:
            shown = self._shown(status, refused=Refusal(self.key(), self.request.POST, " ".join(texts)))
            if b"data-refused" in shown.content:  # the row may be gone, or settled by somebody else
                return shown
        for text in texts:
            messages.error(self.request, text)
        return self.back()

    def key(self) -> str:
        """The name of the small form, as its template asks for it."""
        return self.anchor

    def _shown(self, status: int, **given: Any) -> TemplateResponse:
        """The record's page with what was refused."""
        view = self.page()
        view.setup(self.request, pk=self.record.pk)
        for name, value in given.items():
            setattr(view, name, value)
        return view.shown_again(status=status, pk=self.record.pk)

    def _refuse(self, form: forms.Form, errors: dict[str, list[str]]) -> None:
        for name, texts in errors.items():
            for text in texts:
                form.add_error(name if name in form.fields else None, text)


class Saving(Act):
    """Fields of the record itself, saved by button or while typing; what two people changed is told field by field."""

    TRIES = 3

    def keep(self, record: Any, values: dict[str, Any]) -> None:
        """Call the service with what changed, for the version of the record that was compared."""
        raise TypeError(f"{type(self).__name__} does not say what it saves.")

    def save(self, form: Any) -> None:
        """Save what this person changed; whoever saved in between keeps their other fields."""
        for left in reversed(range(self.TRIES)):
            with reading(self.actor):
                record = visible_or_404(self.page.model, self.record.pk, self)
                now = form.stored(record)
            typed = {name: form.cleaned_data[name] for name in now if name in form.cleaned_data}
            mine, both = own_changes(self.request.POST.get("seen", ""), typed, now)
            if both:
                with reading(self.actor):
                    raise collision(form, both, now, record)
            if not mine:
                return
            try:
                self.keep(record, form.whole({**now, **mine} if self.slot == "problem" else mine))
            except Conflict:
                if not left:
                    raise
            else:
                return

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """While typing the answer is data for the form; with the button it is the page."""
        if request.headers.get("X-Autosave"):
            return self._quietly(request, **kwargs)
        return super().post(request, **kwargs)

    def _quietly(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        with reading(self.actor):
            self.record = self.find(**kwargs)
            form: Any = self.form(request)
            valid = form.is_valid()
        if not valid:
            return JsonResponse({"errors": _named(form)}, status=400)
        try:
            self.save(form)
        except Invalid as problem:
            self._refuse(form, problem.errors)
            return JsonResponse({"errors": _named(form)}, status=400)
        except Collision as problem:
            shown = render_to_string("web/clash.html", {"collision": problem}, request)
            return JsonResponse({"clash": shown}, status=409)
        except Refused as problem:
            return JsonResponse({"refused": " ".join(problem.reasons)}, status=409)
        except Denied as problem:
            return JsonResponse({"refused": str(problem)}, status=403)
        with reading(self.actor):
            fresh = visible_or_404(self.page.model, self.record.pk, self)
            return JsonResponse({"saved": f"{timezone.localtime():%H:%M}", "seen": seal(form.stored(fresh))})


class RowAct(Act):
    """A deed on one row of a record."""

    model: ClassVar[Any]
    parent: ClassVar[str]
    row: Any

    def key(self) -> str:
        """That of its row."""
        return f"{self.model._meta.model_name}-{self.row.pk}"

    def find(self, **kwargs: Any) -> Any:
        """The row's record, when the actor may see it."""
        self.row = get_object_or_404(self.model, pk=kwargs["pk"])
        return visible_or_404(self.page.model, getattr(self.row, f"{self.parent}_id"), self)


def visible_or_404(model: type[Record], pk: int, view: Guarded) -> Any:
    """A record the actor may see."""
    return found_or_404(visible(model, view.actor).select_related("site", "owner"), pk, model.LABEL.lower())


def _status(problem: Exception) -> int:
    if isinstance(problem, WrongPassword):
        return 403
    return 409


def _named(form: forms.Form) -> dict[str, list[str]]:
    """Errors by the name the field has on the page; those of no field under an empty name."""
    return {
        form.add_prefix(name) if name in form.fields else "": [str(text) for text in texts]
        for name, texts in form.errors.items()
    }
