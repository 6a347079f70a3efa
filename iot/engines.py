"""Which engine keeps the readings: PostgreSQL's own partitions, or TimescaleDB or Citus where the server has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

TIMESCALE, CITUS = "timescaledb", "citus"
_INSTALLED = "select extname from pg_extension where extname = any(%s)"
_STORED = "select exists (select 1 from iot_reading)"
# a hypertable makes its own chunks, so nothing has to be made ahead; the shape of the rows stays as it is
_HYPERTABLE = (
    "create table iot_reading_plain (like iot_reading including defaults)",
    "drop table iot_reading",
    "alter table iot_reading_plain rename to iot_reading",
    (
        "select create_hypertable('iot_reading', 't', chunk_time_interval => interval '7 days',"
        " create_default_indexes => false)"
    ),
    "create unique index iot_reading_key on iot_reading (parameter_id, t, seq) include (value)",
    "grant select, insert, update, delete on iot_reading to qms_app",
    (
        "create or replace function iot_make_partitions(since date, until date) returns integer"
        " language sql security definer set search_path = pg_catalog, pg_temp as 'select 0'"
    ),
)
# everything of one parameter lies on one node, so charts, roll-ups and marks are answered there
_SHARDS = (
    "select create_distributed_table('iot_reading', 'parameter_id')",
    "select create_distributed_table('iot_rollup', 'parameter_id', colocate_with => 'iot_reading')",
    "select create_distributed_table('iot_rollupmark', 'parameter_id', colocate_with => 'iot_reading')",
)
_KEPT_BY_CHUNKS = (
    "select hypertable_name from timescaledb_information.hypertables where hypertable_name = 'iot_reading'"
)
# the hypertable packs its own closed chunks, so nothing has to be put into pieces, and it drops its own empty ones
_COMPRESSED = (
    (
        "alter table iot_reading set (timescaledb.compress, timescaledb.compress_segmentby = 'parameter_id',"
        " timescaledb.compress_orderby = 't, seq')"
    ),
    "select add_compression_policy('iot_reading', interval '7 days')",
    (
        "create or replace function iot_drop_empty(before date) returns integer"
        " language sql security definer set search_path = pg_catalog, pg_temp as 'select 0'"
    ),
)
_PIECES = ("select create_distributed_table('iot_piece', 'parameter_id', colocate_with => 'iot_reading')",)
_PARTITIONED = "select relkind::text from pg_class where oid = 'iot_reading'::regclass"


class Cursor(Protocol):
    """As much of a cursor as is needed."""

    def execute(self, query: str, params: Sequence[Any] | None = None) -> Any:
        """Run a statement."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows of the last one."""


def installed(cursor: Cursor) -> set[str]:
    """Which of the two are installed in this database."""
    cursor.execute(_INSTALLED, [[TIMESCALE, CITUS]])
    return {str(name) for (name,) in cursor.fetchall()}


def statements(found: set[str], *, stored: bool) -> tuple[str, ...]:
    """What to run on a server with these extensions; `stored`: whether there are readings already.

    A table with readings stays in PostgreSQL's own partitions under TimescaleDB, because to copy it is a decision of
    the administrator. With both, Citus goes first: it spreads the partitions as they are.
    """
    if CITUS in found:
        return _SHARDS
    return () if stored or TIMESCALE not in found else _HYPERTABLE


def settle(cursor: Cursor) -> tuple[str, ...]:
    """Use what the server has; returns the statements that were run."""
    found = installed(cursor)
    if not found:
        return ()
    cursor.execute(_STORED)
    run = statements(found, stored=bool(cursor.fetchall()[0][0]))
    for statement in run:
        cursor.execute(statement)
    return run


def settle_pieces(cursor: Cursor) -> tuple[str, ...]:
    """The same for what is kept of closed days: Citus spreads the pieces, TimescaleDB packs its own chunks."""
    found = installed(cursor)
    run: tuple[str, ...] = ()
    if CITUS in found:
        run = _PIECES
    elif TIMESCALE in found:
        cursor.execute(_KEPT_BY_CHUNKS)
        run = _COMPRESSED if cursor.fetchall() else ()
    for statement in run:
        cursor.execute(statement)
    return run


def packs_itself(cursor: Cursor) -> bool:
    """Whether the engine packs closed days by itself, because the readings are no table of PostgreSQL's partitions."""
    cursor.execute(_PARTITIONED)
    return cursor.fetchall() != [("p",)]
