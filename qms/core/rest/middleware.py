"""No HTML below /api/: errors made outside the views become problems too."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from qms.core.rest.problems import HIDDEN, bare

DETAILS = {
    400: "The request is not well formed, or names a host this server does not answer for.",
    403: "The request was refused before it reached its address.",
    404: HIDDEN,
    405: "This address does not take this method.",
    500: "It was noted in the server's log.",
}


class ProblemMiddleware:
    """First in line, so that it sees every answer; replaces HTML errors of API paths."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the answer on, or say the same in problem+json."""
        response = self.get_response(request)
        if not request.path.startswith("/api/") or response.status_code < 400:
            return response
        if not response.headers.get("Content-Type", "").startswith(("text/html", "text/plain")):
            return response
        status = response.status_code
        return bare(status, DETAILS.get(status, "The request could not be answered."))
