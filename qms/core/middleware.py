"""Who asks: the actor on every request, and a read-only, scoped transaction around every safe one."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from qms.core.actor import ANONYMOUS, actor_of
from qms.core.models import User
from qms.core.trail import reading

SAFE = ("GET", "HEAD", "OPTIONS")


class ActorMiddleware:
    """Sets request.actor. Safe requests read inside one scoped transaction; the others open their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request as the person who is signed in."""
        # the API learns who asks from its own authentication; health and metrics do without a session
        if request.path.startswith(("/api/", "/health/", "/metrics")):
            request.actor = ANONYMOUS  # type: ignore[attr-defined]  # set here
            return self.get_response(request)
        request.actor = actor_of(request.user) if isinstance(request.user, User) else ANONYMOUS  # type: ignore[attr-defined]  # set here
        if request.method not in SAFE or request.path.startswith("/live/"):
            return self.get_response(request)
        with reading(request.actor):  # type: ignore[attr-defined]  # set above
            return self.get_response(request)
