"""A list without a browser: what the worker exports is what the person saw at that address."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django_htmx.middleware import HtmxDetails

from qms.core.actor import Actor
from qms.core.errors import Refused
from qms.web.pages.listing import ListPage
from qms.web.requests import PageRequest


def list_at(path: str, query: str, actor: Actor) -> ListPage:
    """The list of an address as it is for an actor. Raises Refused where there is none, Denied without its right."""
    try:
        match = resolve(path)
    except Resolver404 as problem:
        raise Refused(_NONE) from problem
    view = getattr(match.func, "view_class", None)
    if not (isinstance(view, type) and issubclass(view, ListPage)):
        raise Refused(_NONE)
    request = cast("PageRequest", HttpRequest())
    request.method, request.path, request.actor = "GET", path, actor
    request.GET = QueryDict(query)
    request.htmx = HtmxDetails(request)
    listing = view()
    listing.setup(request, *match.args, **match.kwargs)
    if (rule := view.rule_for("GET")) != "signed-in":
        actor.require(rule)
    return listing


_NONE = "There is no list at this address. Open the list and export again."
