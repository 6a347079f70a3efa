"""Pages by key: an opaque, signed cursor, so that rows coming in while a client walks are never doubled or missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from qms.core.rest.problems import Problem

SIZE, MOST = 50, 200
SALT = "qms.rest.cursor"


class Cursor(BasePagination):
    """`?limit=&cursor=&ordering=&count=exact`; the order is the chosen column and then the id."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """The rows of one page, in the order asked for."""
        self.request = request
        self.order = _order(request, view)
        self.count = queryset.count() if request.query_params.get("count") == "exact" else None
        size = page_size(request)
        self.at, self.back = self._position()
        rows = self._rows(queryset, size)
        self.more = len(rows) > size
        self.page = rows[:size][::-1] if self.back else rows[:size]
        return self.page

    def _rows(self, queryset: QuerySet[Any], size: int) -> list[Any]:
        column, down = self.order.lstrip("-"), self.order.startswith("-") != self.back
        if self.at is not None:
            queryset = queryset.filter(_after(queryset.model, column, self.at, down=down))
        signs = "-" if down else ""
        return list(queryset.order_by(*(f"{signs}{name}" for name in dict.fromkeys((column, "pk"))))[: size + 1])

    def _position(self) -> tuple[list[Any] | None, bool]:
        text = self.request.query_params.get("cursor")
        if not text:
            return None, False
        try:
            order, at, back = signing.loads(text, salt=SALT)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise _unfit(
                "cursor", "This cursor was not made here, or was changed on the way. Start again without it."
            ) from error
        if order != self.order:
            raise _unfit("cursor", "This cursor belongs to another ordering. Start again without it.")
        return at, back

    def _link(self, row: Any, *, back: bool) -> str:
        column = self.order.lstrip("-")
        value = getattr(row, column)
        at = [value.isoformat() if isinstance(value, date) else value, row.pk]
        cursor = signing.dumps([self.order, at, back], salt=SALT)
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)

    def links(self) -> tuple[str | None, str | None]:
        """Addresses of the next and the previous page; None at either end."""
        if not self.page:
            return None, None
        after = self.more if not self.back else True
        before = self.more if self.back else self.at is not None
        return (
            self._link(self.page[-1], back=False) if after else None,
            self._link(self.page[0], back=True) if before else None,
        )

    def get_paginated_response(self, data: Any) -> Response:
        """The envelope of every list."""
        following, previous = self.links()
        return Response(envelope(data, following, previous, self.count))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The envelope in the OpenAPI document."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "prev"],
            "properties": {
                "results": schema,
                "next": {**link, "description": "The page after this one."},
                "prev": {**link, "description": "The page before this one."},
                "count": {"type": "integer", "description": "All rows of the list; only with `count=exact`."},
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """The query parameters in the OpenAPI document, with the cap of the page size."""
        names = orderings(view)
        choices = [sign + name for name in names for sign in ("", "-")]
        about: list[tuple[str, dict[str, Any], str]] = [
            (
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MOST, "default": SIZE},
                f"Rows on a page, at most {MOST}.",
            ),
            ("cursor", {"type": "string"}, "Opaque; take it from `next` or `prev`."),
            (
                "ordering",
                {"type": "string", "enum": choices, "default": default_order(view)},
                "Column; minus turns it round.",
            ),
            ("count", {"type": "string", "enum": ["exact"]}, "Ask for the number of all rows; costs a count."),
        ]
        return [
            {"name": name, "in": "query", "required": False, "schema": schema, "description": text}
            for name, schema, text in about
        ]


def envelope(
    data: Any, following: str | None = None, previous: str | None = None, count: int | None = None
) -> dict[str, Any]:
    """The shape of every list answer."""
    counted = {} if count is None else {"count": count}
    return {"results": data, "next": following, "prev": previous, **counted}


def default_order(view: APIView | None) -> str:
    """The order of a list when none is asked for."""
    return getattr(view, "ordering", None) or "-id"


def orderings(view: APIView | None) -> Sequence[str]:
    """The columns a list may be ordered by; columns that may be empty have no place in a key."""
    names = tuple(getattr(view, "orderings", ()) or ())
    return tuple(dict.fromkeys((default_order(view).lstrip("-"), *names)))


def _order(request: Request, view: APIView | None) -> str:
    wanted = request.query_params.get("ordering") or default_order(view)
    if wanted.removeprefix("-") not in orderings(view):
        raise _unfit("ordering", f"Order by one of: {', '.join(orderings(view))}; minus turns it round.")
    return wanted


def page_size(request: Request) -> int:
    """How many rows a page holds: `limit`, capped; a 400 problem when it is no number."""
    text = request.query_params.get("limit") or str(SIZE)
    if not text.isdecimal() or int(text) < 1:
        raise _unfit("limit", f"The limit is a number from 1 to {MOST}.")
    return min(int(text), MOST) if len(text) < 10 else MOST


def _after(model: type[Model], column: str, at: Sequence[Any], *, down: bool) -> Q:
    value, pk = _revive(model, column, at[0]), at[1]
    beyond = "lt" if down else "gt"
    if column in {"id", "pk"}:
        return Q(**{f"pk__{beyond}": pk})
    # the first condition says nothing new, but it lets the index begin at the key
    return Q(**{f"{column}__{beyond}e": value}) & (Q(**{f"{column}__{beyond}": value}) | Q(**{f"pk__{beyond}": pk}))


def _revive(model: type[Model], column: str, value: Any) -> Any:
    """A key value as its column's type."""
    if not isinstance(value, str):
        return value
    try:
        kind = model._meta.get_field(column).get_internal_type()
    except FieldDoesNotExist:
        return value
    revive = {"DateTimeField": parse_datetime, "DateField": parse_date}.get(kind)
    revived: datetime | date | str | None = revive(value) if revive else value
    return revived


def _unfit(parameter: str, detail: str) -> Problem:
    return Problem(400, detail, errors=[{"parameter": parameter, "detail": detail}])
