"""Pages of readings: their key is time, parameter and sequence number, because they have no id."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from rest_framework.utils.urls import replace_query_param

from iot.models import Reading
from qms.core.rest.paging import SALT, Cursor


class ReadingPages(Cursor):
    """The cursor of every list, over a key of three columns."""

    def _rows(self, queryset: QuerySet[Any], size: int) -> list[Any]:
        down = self.order.startswith("-") != self.back
        if self.at is not None:
            queryset = queryset.filter(_beyond(self.at[0], down=down))
        signs = "-" if down else ""
        return list(queryset.order_by(*(f"{signs}{name}" for name in ("t", "parameter_id", "seq")))[: size + 1])

    def _link(self, row: Reading, *, back: bool) -> str:
        key = [row.t.isoformat(), row.parameter_id, row.seq]
        cursor = signing.dumps([self.order, [key, None], back], salt=SALT)
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)


def _beyond(key: list[Any], *, down: bool) -> Q:
    """Rows behind a key, in the order of the list."""
    t, parameter, seq = datetime.fromisoformat(key[0]), key[1], key[2]
    way = "lt" if down else "gt"
    later = Q(**{f"parameter_id__{way}": parameter}) | Q(parameter_id=parameter, **{f"seq__{way}": seq})
    return Q(**{f"t__{way}e": t}) & (Q(**{f"t__{way}": t}) | later)
