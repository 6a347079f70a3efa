"""Around every page: the person's zone, an id to quote, refusals in words, the way to the first run."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any, cast

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from qms.core.errors import Busy, Conflict, Denied, Invalid, Refused, WrongPassword
from qms.core.models import User
from qms.core.storable import storable
from qms.web.requests import PageRequest
from qms.web.words import zone_of

log = logging.getLogger(__name__)
STATUS: dict[type[Exception], int] = {
    Denied: 403, WrongPassword: 403, Busy: 503, Conflict: 409, Refused: 409, Invalid: 400,
}  # fmt: skip
UNREADABLE = "What was sent holds a sign that is no text (such as NUL). Remove it, best by typing the text anew."
# what the database says of input that no form looked at, or of what happened between the look and the write
TWICE = "Somebody saved the same at the same moment, or what this belongs to was taken away. Reload and look."
TOO_MUCH = "A text is too long or a number too large for its field. Shorten it and save again."
GONE = "What this is about does not exist, or you may not see it. Go back and reload."
CLASHES = ("23503", "23505")  # a row that is gone, a value that is taken
OPEN = ("/first-run/", "/static/", "/api/", "/live/", "/health/", "/metrics")


class PageMiddleware:
    """Gives a request its id and zone; turns the kernel's refusals into pages or messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.peopled = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request in the person's time zone."""
        page = cast("PageRequest", request)
        page.id = uuid.uuid4().hex[:12]
        if page.actor.id is None and not request.path.startswith(OPEN) and not self._has_people():
            return HttpResponseRedirect(reverse("web:first-run"))
        with timezone.override(zone_of(page.actor.timezone) if page.actor.id else None):
            response = self.get_response(request)
        response.headers["X-Request-Id"] = page.id
        return response

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Refuse what no field could keep, before a page looks at it."""
        sent = [request.path, *_texts(request.GET)]
        if request.method == "POST" and not request.path.startswith("/api/"):
            sent += _texts(request.POST)
        if all(storable(text) for text in sent):
            return None
        return refusal(cast("PageRequest", request), Refused(UNREADABLE), 400)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """Say what was refused and what to do; anything else is logged under the id and becomes a 500."""
        page = cast("PageRequest", request)
        if request.path.startswith("/api/") or isinstance(problem, (Http404, PermissionDenied)):
            return None
        if said := _of_the_database(problem):
            log.warning("Request %s refused: %s %s: %s", page.id, request.method, request.path, problem)
            return refusal(page, Refused(said[1]), said[0])
        status = next((code for kind, code in STATUS.items() if isinstance(problem, kind)), None)
        if status is None:
            log.error("Request %s failed: %s %s", page.id, request.method, request.path)
            return None
        return refusal(page, problem, status)

    def _has_people(self) -> bool:
        """Whether an owner exists; asked only until the answer is yes."""
        self.peopled = self.peopled or User.objects.exists()
        return self.peopled


def _texts(fields: QueryDict) -> list[str]:
    """Every name and value of a form or query."""
    return [str(text) for name, values in fields.lists() for text in (name, *values)]


def _of_the_database(problem: Exception) -> tuple[int, str] | None:
    """Status and words for what only the database noticed; None for anything that is our fault."""
    if isinstance(problem, ObjectDoesNotExist):
        return 404, GONE
    if isinstance(problem, IntegrityError) and getattr(problem.__cause__, "pgcode", "") in CLASHES:
        return 409, TWICE
    return (400, TOO_MUCH) if isinstance(problem, DataError) else None


def reasons(problem: Exception) -> list[str]:
    """The sentences of a refusal."""
    if isinstance(problem, Refused):
        return list(problem.reasons)
    if isinstance(problem, Invalid):
        return [f"{name.replace('_', ' ').capitalize()}: {' '.join(texts)}" for name, texts in problem.errors.items()]
    return [str(problem)]


def refusal(request: PageRequest, problem: Exception, status: int) -> HttpResponse:
    """A message in the page for htmx, a page of its own otherwise."""
    context = {"reasons": reasons(problem), "status": status, "request_id": request.id}
    if not request.htmx:
        response = render(request, f"{status}.html", context, status=status)
        if isinstance(problem, Busy):
            response.headers["Retry-After"] = str(problem.seconds)
        return response
    response = render(request, "web/shell/refusal.html", context, status=status)
    response.headers["HX-Retarget"] = "#messages"
    response.headers["HX-Reswap"] = "beforeend"
    return response
