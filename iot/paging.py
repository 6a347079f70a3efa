"""Pages of readings: their key is time, parameter and sequence number, because they have no id."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from iot.models import Reading
from iot.queries.packed import Asked, Key, packed_count, packed_page
from qms.core.rest.paging import SALT, Cursor

COLUMNS = ("t", "parameter_id", "seq")


class ReadingPages(Cursor):
    """The cursor of every list, over a key of three columns; the view says what is `asked` of closed days."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """The rows of one page, those of closed days among them."""
        self.asked: Asked | None = view.asked() if view else None  # type: ignore[attr-defined]  # of readings
        page = super().paginate_queryset(queryset, request, view)
        if self.count is not None and self.asked:
            self.count += packed_count(self.asked)
        return page

    def _rows(self, queryset: QuerySet[Any], size: int) -> list[Any]:
        down = self.order.startswith("-") != self.back
        beyond = _key(self.at[0]) if self.at is not None else None
        if beyond is not None:
            queryset = queryset.filter(_beyond(beyond, down=down))
        signs = "-" if down else ""
        rows = list(queryset.order_by(*(f"{signs}{name}" for name in COLUMNS))[: size + 1])
        if self.asked:
            rows += packed_page(self.asked, beyond=beyond, down=down, most=size + 1)
            rows.sort(key=lambda row: (row.t, row.parameter_id, row.seq), reverse=down)
        return rows[: size + 1]

    def _link(self, row: Reading, *, back: bool) -> str:
        key = [row.t.isoformat(), row.parameter_id, row.seq]
        cursor = signing.dumps([self.order, [key, None], back], salt=SALT)
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)


def _key(at: list[Any]) -> Key:
    return datetime.fromisoformat(at[0]), at[1], at[2]


def _beyond(key: Key, *, down: bool) -> Q:
    """Rows behind a key, in the order of the list."""
    t, parameter, seq = key
    way = "lt" if down else "gt"
    later = Q(**{f"parameter_id__{way}": parameter}) | Q(parameter_id=parameter, **{f"seq__{way}": seq})
    return Q(**{f"t__{way}e": t}) & (Q(**{f"t__{way}": t}) | later)
