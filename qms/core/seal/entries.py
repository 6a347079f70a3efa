"""A row of the trail as the bytes that are sealed, the same on every machine and in every time zone."""

from __future__ import annotations

import json
from typing import Any

# the moment as text by the database itself: a driver would turn it into the zone of its session
FIELDS = (
    "t.id, t.act, to_char(t.at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), t.tx::text, t.actor,"
    " t.reason, t.source, t.known, t.tbl, t.op::text, t.pk, t.record, t.image"
)
NAMES = ("id", "act", "at", "tx", "actor", "reason", "source", "known", "tbl", "op", "pk", "record", "image")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def leaf_bytes(row: tuple[Any, ...]) -> bytes:
    """A row of FIELDS as one line of JSON, its fields in their order."""
    return _encode(dict(zip(NAMES, row, strict=True))).encode()
