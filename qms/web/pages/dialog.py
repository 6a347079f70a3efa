"""One question in a dialog: a small form, one act, back to the page it was asked on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse

from qms.core.errors import Invalid, Refused
from qms.core.trail import reading
from qms.web.forms import Styled
from qms.web.pages.guard import Page
from qms.web.pages.sealed import merged, shown


class FormDialog(Page):
    """A room declares the form and what `act` does with it; refusals come back into the same dialog.

    `find` reads what the dialog is about, inside the actor's scope; `act` calls one service and returns the address
    to go to. Without htmx the same form is a page.
    """

    template_name = "web/form_dialog.html"
    form_class: ClassVar[type[Styled]] = Styled
    heading: ClassVar[str] = ""
    lead: ClassVar[str] = ""
    button: ClassVar[str] = "Save"
    merges: ClassVar[bool] = False  # it shows stored values: what somebody else changed meanwhile is kept
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
        with reading(self.actor):
            self.about = self.find(**kwargs)
            form = self._bound(request.POST)
            sound = form.is_valid()
        try:
            if sound:
                return self.go(self.act(form.cleaned_data))
        except Invalid as problem:
            form.refuse(problem.errors)
        except Refused as problem:
            form.refuse({"__all__": list(problem.reasons)})
        with reading(self.actor):
            self.about = self.find(**kwargs)
            response = self.ask(form, status=400)
            response.render()
        return response

    def _bound(self, sent: QueryDict) -> Styled:
        """The form as sent, with what somebody else changed meanwhile; what both changed is said at its field."""
        if not self.merges or "seen" not in sent:
            return self.form(sent)
        fields, clashes = merged(sent, self.form(sent), self.form())
        form = self.form(fields)
        for name, text in clashes.items():
            form.add_error(name, text)
        return form

    def ask(self, form: Styled, status: int = 200) -> TemplateResponse:
        """The dialog with the form."""
        seen = shown(self.form()) if self.merges else ""
        return self.render(status=status, form=form, title=self.heading, about=self.about, seen=seen, **self.context())

    def go(self, url: str) -> HttpResponse:
        """On to the next page, from a dialog or from a page."""
        if self.request.htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)
