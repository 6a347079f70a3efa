"""The trail: every change of a regulated table, kept by the database, grouped into acts."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.migrations.operations.base import Operation

from qms.core.actor import ALL, Actor

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState

    from qms.core.models import Record

_act: ContextVar[str] = ContextVar("qms_act", default="")
_reader: ContextVar[Actor | None] = ContextVar("qms_reader", default=None)
_source: ContextVar[str] = ContextVar("qms_source", default="web")
_ended = itertools.count(1)
_last_ended = 0

_SET_ACT = (
    "select set_config('qms.actor', %s, true), set_config('qms.reason', %s, true),"
    " set_config('qms.source', %s, true), set_config('qms.act', %s, true), set_config('qms.sites', %s, true)"
)
_SET_READING = "select set_config('transaction_read_only', 'on', true), set_config('qms.sites', %s, true)"


def _scope(actor: Actor) -> str:
    """The sites row security lets through: `*` or an array literal."""
    sites = actor.sites()
    return "*" if sites is ALL else "{%s}" % ",".join(str(site) for site in sorted(sites))


@contextmanager
def acting(by: Actor, *, reason: str = "", source: str = "", own: bool = True) -> Iterator[str]:
    """One act: a transaction whose every change is written to the trail under this name.

    Yields the act's id. An act inside an act is the same act: the outer name and reason stay, and only
    a savepoint is added. `own=False` joins a transaction that is already open (the relay alone does that).
    """
    if _act.get():
        with transaction.atomic():
            yield _act.get()
        return
    if _reader.get() is not None:
        raise RuntimeError("An act cannot begin inside reading(): leave the reading block first.")
    token = _act.set(str(uuid.uuid4()))
    try:
        with transaction.atomic(durable=own), connection.cursor() as cursor:
            cursor.execute(_SET_ACT, [by.name, reason, source or _source.get(), _act.get(), _scope(by)])
            yield _act.get()
    finally:
        _act.reset(token)
        _count_ended()


def _count_ended() -> None:
    global _last_ended  # noqa: PLW0603 - one counter of the process, read by whoever keeps what was read before
    _last_ended = next(_ended)


def acts_ended() -> int:
    """How many acts ended in this process: whoever keeps something read earlier sees by it that it may be old."""
    return _last_ended


@contextmanager
def coming_from(source: str) -> Iterator[None]:
    """Acts inside that name no source of their own came this way (`web` elsewhere)."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


@contextmanager
def reading(actor: Actor) -> Iterator[None]:
    """A read-only transaction that sees the actor's sites; joins an act or a reading already open."""
    # a thread inherits the context but not the connection: what is open elsewhere cannot be joined
    if (_act.get() or _reader.get() is not None) and connection.in_atomic_block:
        yield
        return
    token = _reader.set(actor)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_SET_READING, [_scope(actor)])
            yield
    finally:
        _reader.reset(token)


def current_act() -> str:
    """The id of the act under way; an error outside one, because a write without an act is a mistake."""
    if not _act.get():
        raise RuntimeError("This writes, so it needs an act: wrap it in acting(by).")
    return _act.get()


class Regulate(Operation):
    """Attach the trail to a table.

    `hide`: columns whose values never enter it. `record`: the column with the record's id, so that the row shows in
    that record's history; a child of Record needs none. `only`: keep nothing but updates of these columns, for tables
    that machines fill and people decide about. `was`: for a table with a trail already, the columns hidden until now;
    going back hides those again.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(
        self,
        model: str,
        hide: tuple[str, ...] = (),
        record: str = "",
        *,
        only: tuple[str, ...] = (),
        was: tuple[str, ...] | None = None,
    ) -> None:
        self.model, self.hide, self.record, self.only, self.was = model, hide, record, only, was

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Triggers are no part of the model state."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create the triggers and write a baseline row for every row that is already there."""
        table, arguments = self._attach(app_label, schema_editor, to_state, self.hide)
        if not self.only:
            schema_editor.execute(f"select core_trail_baseline('{table}', {arguments})")

    def _attach(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState, hide: tuple[str, ...]
    ) -> tuple[str, str]:
        """Make the triggers or put them in place of the older ones; gives the table and the trigger's arguments."""
        meta = state.apps.get_model(app_label, self.model)._meta
        pk = meta.pk.column
        record = self.record or (pk if pk == "record_ptr_id" else "")
        arguments = f"'{pk}', '{record}', '{{{','.join(hide)}}}'"
        for name, when, condition in self._triggers():
            schema_editor.execute(
                f"create or replace trigger {name} after {when} on {meta.db_table} for each row {condition} "
                f"execute function core_trail_row({arguments})"
            )
        return meta.db_table, arguments

    def _triggers(self) -> tuple[tuple[str, str, str], ...]:
        changed = "when (old.* is distinct from new.*)"
        if self.only:
            return (("trail_update", f"update of {', '.join(self.only)}", changed),)
        return (("trail_insert_delete", "insert or delete", ""), ("trail_update", "update", changed))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop the triggers, or give the table those it had before; what the trail already holds stays."""
        if self.was is not None:
            self._attach(app_label, schema_editor, from_state, self.was)
            return
        table = from_state.apps.get_model(app_label, self.model)._meta.db_table
        for name in ("trail_insert_delete", "trail_update"):
            schema_editor.execute(f"drop trigger if exists {name} on {table}")

    def describe(self) -> str:
        """The line `migrate --plan` shows."""
        return f"Keep a trail of {self.model}"


@dataclass(frozen=True)
class Change:
    """One field of one row, before and after; `old` is None when the row was made by this act."""

    table: str
    pk: int
    op: str
    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Act:
    """One deed: who, when, why, and everything it changed."""

    id: str
    at: datetime
    actor: str
    reason: str
    source: str
    changes: tuple[Change, ...]


_HISTORY = """
with rows as (
  select id, act, at, actor, reason, source, tbl, op, pk, image::jsonb as image,
         lag(image::jsonb) over (partition by tbl, pk order by id) as before
  from core_trail where record = %s
)
select r.act, r.at, r.actor, r.reason, r.source, r.tbl, r.pk, r.op, f.key, r.before -> f.key, f.value
from rows r cross join lateral jsonb_each(r.image) f
where r.op <> 'B' and (r.before is null or r.op = 'D' or r.before -> f.key is distinct from f.value)
order by r.id, f.key
"""


def history(record: Record | int) -> list[Act]:
    """The acts that touched a record, oldest first, with what each changed."""
    acts: dict[str, tuple[datetime, str, str, str, list[Change]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, [record if isinstance(record, int) else record.pk])
        for act, at, actor, reason, source, table, pk, op, key, old, new in cursor.fetchall():
            entry = acts.setdefault(act, (at, actor, reason, source, []))
            entry[4].append(Change(table, pk, op, key, _plain(old), _plain(new)))
    return [
        Act(act, at, actor, reason, source, tuple(changes))
        for act, (at, actor, reason, source, changes) in acts.items()
    ]


def changes_between(table: str, pk: int, op: str, before: str | None, image: str) -> tuple[Change, ...]:
    """What one row of the trail changed, given its image and that of the row before it."""
    new, old = json.loads(image), json.loads(before) if before else {}
    names = sorted(name for name, value in new.items() if op != "U" or old.get(name) != value)
    return tuple(Change(table, pk, op, name, old.get(name), new[name]) for name in names)


def _plain(value: str | None) -> Any:
    """Django's driver hands jsonb over as text."""
    return None if value is None else json.loads(value)
