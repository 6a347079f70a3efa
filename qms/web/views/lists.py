"""Saved views of lists, and the site picked in the top bar."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from qms.web.pages import Guarded
from qms.web.requests import whole_number
from qms.web.services import remove_view, save_view


def back_to(request: HttpRequest, wanted: str, otherwise: str = "/") -> HttpResponse:
    """Go back to a page of ours."""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(wanted if safe else otherwise)


class ViewSave(Guarded):
    """Keep a list as it is now under a name."""

    policy = "signed-in"
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save and show the view."""
        fields = request.POST
        view = save_view(
            page=fields.get("page", ""),
            name=fields.get("name", ""),
            query=fields.get("query", ""),
            shared="shared" in fields,
            pinned="pinned" in fields,
            by=self.actor,
        )
        return back_to(request, f"{fields.get('path', '/')}?{view.query}")


class ViewDelete(Guarded):
    """Remove one's own view."""

    policy = "signed-in"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Remove it and go back to the list."""
        remove_view(pk, by=self.actor)
        return back_to(request, request.headers.get("Referer", "/").partition("?")[0])


class SiteChoice(Guarded):
    """The site whose clock and data the pages show."""

    policy = "signed-in"
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the choice in the session."""
        wanted = whole_number(request.POST.get("site"))
        request.session["site"] = "all" if wanted is None else wanted
        return back_to(request, request.POST.get("next", "/"))
