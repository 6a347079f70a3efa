"""Around every page: the person's zone, an id to quote, refusals in words, the way to the first run."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from qms.core.errors import Conflict, Denied, Invalid, Refused, WrongPassword
from qms.core.models import User
from qms.web.requests import PageRequest
from qms.web.words import zone_of

log = logging.getLogger(__name__)
STATUS: dict[type[Exception], int] = {Denied: 403, WrongPassword: 403, Conflict: 409, Refused: 409, Invalid: 400}
OPEN = ("/first-run/", "/static/", "/api/", "/live/", "/health/")


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

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """Say what was refused and what to do; anything else is logged under the id and becomes a 500."""
        page = cast("PageRequest", request)
        status = next((code for kind, code in STATUS.items() if isinstance(problem, kind)), None)
        if request.path.startswith("/api/") or isinstance(problem, (Http404, PermissionDenied)):
            return None
        if status is None:
            log.error("Request %s failed: %s %s", page.id, request.method, request.path)
            return None
        return refusal(page, problem, status)

    def _has_people(self) -> bool:
        """Whether an owner exists; asked only until the answer is yes."""
        self.peopled = self.peopled or User.objects.exists()
        return self.peopled


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
        return render(request, f"{status}.html", context, status=status)
    response = render(request, "web/shell/refusal.html", context, status=status)
    response.headers["HX-Retarget"] = "#messages"
    response.headers["HX-Reswap"] = "beforeend"
    return response
