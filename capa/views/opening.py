"""A record opened by hand: few fields, at one site; everything else follows on its page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from qms.core.actor import ALL
from qms.core.errors import Invalid, Refused
from qms.core.models import Record, Site
from qms.core.trail import reading
from qms.web.forms import Styled
from qms.web.pages import Page
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
        return {"form": form, "site": site, "lead": self.lead, "send": self.send, "back": self.back}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Open it and go to its page; refused input stays in the form."""
        with reading(self.actor):
            site = self.site()
            form = self.form_class(request.POST, site_id=site.pk)
            valid = form.is_valid()
        if valid:
            try:
                record: Any = self.open(site, form.cleaned_data)
            except (Invalid, Refused) as problem:
                form.add_error(None, str(problem))
            else:
                return HttpResponseRedirect(record.get_absolute_url())
        with reading(self.actor):
            response = self.render(status=400, **self.context(form=form))
            response.render()
        return response

    def site(self) -> Site:
        """The site of the query or form when the person may open one there, else the first such site."""
        sites = self.actor.sites(self.policy)
        allowed = Site.objects.all() if sites is ALL else Site.objects.filter(pk__in=sites)
        wanted = whole_number(self.request.POST.get("site") or self.request.GET.get("site"))
        found = allowed.filter(pk=wanted or 0).first() or allowed.order_by("pk").first()
        if found is None:
            raise Refused("There is no site yet where this could be opened. Make one under Settings, Sites.")
        return found
