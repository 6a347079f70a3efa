"""A row of the trail as the bytes that are sealed, the same on every machine and in every time zone."""

from __future__ import annotations

from json.encoder import encode_basestring as quoted
from typing import Any

# the moment as text by the database itself: a driver would turn it into the zone of its session
FIELDS = (
    "t.id, t.act, to_char(t.at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), t.tx::text, t.actor,"
    " t.reason, t.source, t.known, t.tbl, t.op::text, t.pk, t.record, t.image"
)


def leaf_bytes(row: tuple[Any, ...]) -> bytes:
    """A row of FIELDS as one line of JSON, its fields in their order."""
    id_, act, at, tx, actor, reason, source, known, table, op, pk, record, image = row
    return (
        f'{{"id":{id_},"act":{quoted(act)},"at":{quoted(at or "")},"tx":{quoted(tx)},"actor":{quoted(actor)},'
        f'"reason":{quoted(reason)},"source":{quoted(source)},"known":{"true" if known else "false"},'
        f'"tbl":{quoted(table)},"op":{quoted(op)},"pk":{pk},"record":{"null" if record is None else record},'
        f'"image":{quoted(image)}}}'
    ).encode()
