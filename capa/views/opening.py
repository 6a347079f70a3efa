"""A record opened by hand: few fields, at one site; everything else follows on its page."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.forms import Textarea
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from capa import services
from qms.core.actor import ALL
from qms.core.errors import Invalid, Refused
from qms.core.models import Record, Site
from qms.core.records import visible
from qms.core.trail import reading
from qms.web.forms import Styled
from qms.web.pages import Page, found_or_404
from qms.web.requests import whole_number


class Opening(Page):
    """A form at the person's site; a kind declares its form, its words and `open`, which calls one service."""

    policy: ClassVar[str]
    template_name = "capa/new.html"
    form_class: ClassVar[type[Styled]]
    lead: ClassVar[str]
    send: ClassVar[str]
    back: ClassVar[str]  # the name of the list's address

    def initial(self) -> dict[str, Any]:
        """What the form starts with."""
        return {}

    def open(self, site: Site, data: dict[str, Any]) -> Record:
        """Open the record."""
        raise TypeError(f"{type(self).__name__} does not say what it opens.")

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The form, at the person's site."""
        site = self.site()
        form = kwargs.get("form") or self.form_class(site_id=site.pk, initial=self.initial())
        return {"form": form, "site": site, "lead": self.lead, "send": self.send, "back": self.way_back()}

    def way_back(self) -> str:
        """Where cancelling leads."""
        return reverse(self.back)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Open it and go to its page; refused input stays in the form."""
        with reading(self.actor):
            site = self.site()
            form = self.form_class(request.POST, site_id=site.pk)
            valid = form.is_valid()
        if valid:
            try:
                record: Any = self.open(site, form.cleaned_data)
            except Invalid as problem:
                form.refuse(problem.errors)
            except Refused as problem:
                form.add_error(None, str(problem))
            else:
                return HttpResponseRedirect(record.get_absolute_url())
        return self.shown_again(form=form)

    def site(self) -> Site:
        """The site of the query or form when the person may open one there, else the first such site."""
        sites = self.actor.sites(self.policy)
        allowed = Site.objects.all() if sites is ALL else Site.objects.filter(pk__in=sites)
        wanted = whole_number(self.request.POST.get("site") or self.request.GET.get("site"))
        found = allowed.filter(pk=wanted or 0).first() or allowed.order_by("pk").first()
        if found is None:
            raise Refused("There is no site yet where this could be opened. Make one under Settings, Sites.")
        return found


class Duplicating(Opening):
    """A draft like another record, opened at its site and linked to it; a kind declares its `model`."""

    model: ClassVar[type[services.Copied]]
    send = "Open the draft"

    @cached_property
    def source(self) -> services.Copied:
        """The record that is copied, when it is seen and one may be opened at its site."""
        rows = visible(self.model, self.actor).select_related("site")
        found: services.Copied = found_or_404(rows, self.kwargs["pk"], self.model.LABEL.lower())
        self.actor.require(self.policy, found.site_id)
        return found

    def site(self) -> Site:
        """That of the source."""
        return self.source.site

    def initial(self) -> dict[str, Any]:
        """What describes the source."""
        return model_to_dict(self.source, fields=services.DESCRIBES[self.model])

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """Named after the source; its long texts over the whole width."""
        context = super().context(**kwargs)
        long = [field.name for field in context["form"] if isinstance(field.field.widget, Textarea)]
        return {**context, "title": f"{self.title} {self.source.number}", "roomy": ["title", *long]}

    def open(self, site: Site, data: dict[str, Any]) -> Record:
        """The draft, with what was changed in the form."""
        return services.open_copy(self.source, by=self.actor, **data)

    def way_back(self) -> str:
        """To the source."""
        return self.source.get_absolute_url()
