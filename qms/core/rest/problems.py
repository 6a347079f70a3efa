"""Every error as application/problem+json (RFC 9457), in words a person can act on."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

from qms.core.errors import Busy, Conflict, Denied, Invalid, Refused, WrongPassword

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TITLES: dict[int, tuple[str, str]] = {
    400: ("invalid", "The request cannot be understood"),
    401: ("not-signed-in", "Say who you are"),
    403: ("denied", "You may not do this"),
    404: ("not-found", "There is nothing here that you may see"),
    405: ("method", "This address does not take this method"),
    406: ("not-acceptable", "This cannot be answered in the form asked for"),
    409: ("refused", "Not possible now"),
    412: ("changed", "Somebody else changed it first"),
    413: ("too-large", "The request is too large"),
    415: ("media-type", "This cannot be read in the form sent"),
    422: ("key-reused", "The idempotency key belongs to another request"),
    428: ("precondition", "Say which version you saw"),
    429: ("too-many", "Too many requests"),
    500: ("failure", "Something went wrong on our side"),
    503: ("unavailable", "Not available at the moment"),
}
HIDDEN = "Nothing here, or nothing you may see. Check the address and your sites."


class Problem(exceptions.APIException):
    """A problem raised by the API's own machinery: a status, a sentence, and headers for the answer."""

    def __init__(self, status: int, detail: str, *, errors: list[dict[str, str]] | None = None, **headers: str) -> None:
        super().__init__(detail)
        self.status_code = status
        self.errors = errors or []
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def body(status: int, detail: str, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The members of a problem; `instance` is this occurrence, to be found in the log."""
    slug, title = TITLES.get(status, TITLES[400 if status < 500 else 500])
    members: dict[str, Any] = {
        "type": f"urn:plumbline:problem:{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": uuid.uuid4().urn,
    }
    if errors:
        members["errors"] = errors
    return members


def bare(status: int, detail: str, **headers: str) -> JsonResponse:
    """A problem outside any view: unknown paths, a refused host, a failure before the view was reached."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JsonResponse(body(status, detail), status=status, content_type=MEDIA_TYPE, headers=named)


def problem(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler: any exception of a view as a problem."""
    status, detail, errors, headers = _explain(error)
    members = body(status, detail, errors)
    if status == 500:
        log.error("%s %s", members["instance"], context["request"].path, exc_info=error)
    return Response(members, status=status, headers=headers, content_type=MEDIA_TYPE)


Explained = tuple[int, str, list[dict[str, str]], dict[str, str]]


def _explain(error: Exception) -> Explained:
    for kinds, status in _DOMAIN:
        if isinstance(error, kinds):
            return status, str(error), [], {"Retry-After": str(error.seconds)} if isinstance(error, Busy) else {}
    if isinstance(error, (Invalid, ValidationError, exceptions.ValidationError)):
        return _invalid(error)
    if isinstance(error, Problem):
        return error.status_code, str(error.detail), error.errors, error.headers
    if isinstance(error, exceptions.APIException):
        return _framework(error)
    if isinstance(error, DatabaseError | InterfaceError):
        return _database(error)
    return _django(error)


_DOMAIN: tuple[tuple[type[Exception], int], ...] = (
    (Busy, 503),
    (WrongPassword, 403),
    (Conflict, 412),
    (Refused, 409),
    (Denied, 403),
)


def _invalid(error: Invalid | ValidationError | exceptions.ValidationError) -> Explained:
    errors = list(_pointers(_detail_of(error)))
    return 400, " ".join(dict.fromkeys(entry["detail"] for entry in errors)) or "The input is not valid.", errors, {}


def _detail_of(error: Invalid | ValidationError | exceptions.ValidationError) -> Any:
    if isinstance(error, Invalid):
        return error.errors
    if isinstance(error, ValidationError):
        return error.message_dict if hasattr(error, "error_dict") else error.messages
    return error.detail


def _pointers(detail: Any, path: str = "#") -> Iterator[dict[str, str]]:
    """Field errors as JSON pointers, depth first."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            step = str(name).replace("~", "~0").replace("/", "~1")
            yield from _pointers(inner, path if name in {"non_field_errors", "__all__"} else f"{path}/{step}")
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            yield from _pointers(inner, f"{path}/{index}" if isinstance(inner, Mapping | list) and inner else path)
    else:
        yield {"pointer": path, "detail": str(detail)}


def _framework(error: exceptions.APIException) -> Explained:
    headers: dict[str, str] = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if isinstance(error, exceptions.Throttled):
        wait = str(max(1, round(getattr(error, "wait", None) or 1)))
        return 429, f"This key has used up its share. Try again in {wait} s.", [], {"Retry-After": wait}
    if isinstance(error, exceptions.NotAuthenticated):
        return 401, "Send an API key (Authorization: Bearer ...), or sign in on the page.", [], headers
    if isinstance(error, exceptions.NotFound):
        return 404, HIDDEN, [], {}
    return error.status_code, str(error.detail), [], headers


def _database(error: DatabaseError | InterfaceError) -> Explained:
    if isinstance(error, IntegrityError):
        if getattr(error.__cause__, "pgcode", "") == "23505":
            return (
                409,
                "Something with the same identity exists already. Look it up and change that, or choose another.",
                [],
                {},
            )
    elif isinstance(error, OperationalError | InterfaceError):
        log.warning("The database does not answer: %s", error)
        return (
            503,
            "The database does not answer at the moment. Nothing was changed; try again.",
            [],
            {"Retry-After": "5"},
        )
    return _failure()


def _django(error: Exception) -> Explained:
    if isinstance(error, Http404 | ObjectDoesNotExist):
        return 404, HIDDEN, [], {}
    if isinstance(error, PermissionDenied):
        return 403, str(error) or TITLES[403][1], [], {}
    if isinstance(error, RequestDataTooBig):
        return 413, "The request is larger than this address takes. Send it in parts.", [], {}
    if isinstance(error, SuspiciousOperation):
        return 400, "The request is not well formed.", [], {}
    return _failure()


def _failure() -> Explained:
    return 500, "It was noted under the number in `instance`; tell it to your administrator.", [], {}
