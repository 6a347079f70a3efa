"""Error pages: what happened, what was kept, what to do, an id to quote."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

TRIED = "The page was not changed and nothing was lost."


def _page(request: HttpRequest, status: int, *reasons: str) -> HttpResponse:
    context = {"reasons": reasons, "status": status, "request_id": getattr(request, "id", "")}
    inside = connection.in_atomic_block
    try:
        return render(request, f"{status}.html", context, status=status)
    finally:
        if not inside:  # Django draws this in a thread of its own, whose connection nobody else would close
            connection.close()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """400: the request could not be read."""
    return _page(request, 400, "The browser sent something this page cannot read. Go back, reload and try again.")


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: no right, or the form was too old."""
    return _page(request, 403, str(exception) or "You may not open this page.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such page, or no such record for this person."""
    said = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    return _page(request, 404, said or "There is no page at this address, or you may not see what is on it.")


def failed(request: HttpRequest) -> HttpResponse:
    """500: our fault, or 503: the database is away; drawn without it, because that may be what failed."""
    context = {"request_id": getattr(request, "id", ""), "reasons": (TRIED,)}
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        page = loader.render_to_string("away.html", context)
        return HttpResponse(page, status=503, headers={"Retry-After": "5"})
    return HttpResponse(loader.render_to_string("500.html", context), status=500)
