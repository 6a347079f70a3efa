"""A small kind of record for the kernel's own tests: it exists only while they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import connection, models

from qms.core.flow import Flow, State, Step, Within
from qms.core.models import Record


def _has_note(gauge: Gauge) -> str | None:
    return None if gauge.note.strip() else "Write the note first."


def _count(gauge: Gauge) -> None:
    gauge.checks += 1


FLOW: Flow[Gauge] = Flow(
    states=(
        State("open", "Open", within=Within(workdays=10)),
        State("checked", "Checked", within=Within(hours=48)),
        State("released", "Released", final=True),
        State("void", "Void", final=True),
    ),
    steps=(
        Step(
            name="check",
            label="Check",
            source=("open", "checked"),
            target="checked",
            permission="nonconformity.edit",
            guards=(_has_note,),
            effect=_count,
        ),
        Step(
            name="release",
            label="Release",
            source=("checked",),
            target="released",
            permission="nonconformity.approve",
            meaning="released",
            section="note",
        ),
        Step(
            name="reopen",
            label="Reopen",
            source=("released",),
            target="open",
            permission="nonconformity.void",
            reason=True,
            back=True,
        ),
        Step(
            name="void",
            label="Void",
            source=("open", "checked"),
            target="void",
            permission="nonconformity.void",
            reason=True,
            back=True,
        ),
    ),
)


class Gauge(Record):
    """A measuring device under check."""

    KIND: ClassVar[str] = "gauge"
    PREFIX: ClassVar[str] = "GAU"
    NOUN: ClassVar[str] = "nonconformity"  # the policy's rows of a kind that is really there
    LABEL: ClassVar[str] = "Gauge"
    SEARCH: ClassVar[tuple[str, ...]] = ("note",)
    flow = FLOW

    note = models.TextField(blank=True)
    checks = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "gauges"  # of no installed app, so it has no migrations and nobody else sees it

    def content(self, section: str) -> Mapping[str, Any]:
        return {"title": self.title, "note": self.note}

    def get_absolute_url(self) -> str:
        return f"/gauges/{self.pk}/"


TABLE = """
create table gauges_gauge (
  record_ptr_id bigint primary key references core_record deferrable initially deferred,
  note text not null, checks integer not null);
create trigger trail_insert_delete after insert or delete on gauges_gauge for each row
  execute function core_trail_row('record_ptr_id', 'record_ptr_id', '{}');
create trigger trail_update after update on gauges_gauge for each row when (old.* is distinct from new.*)
  execute function core_trail_row('record_ptr_id', 'record_ptr_id', '{}');
create table gauges_effect (
  id bigint generated always as identity primary key, handler text, gauge bigint, n integer, pid integer);
insert into core_flowstate (kind, state) values
  ('gauge', 'open'), ('gauge', 'checked'), ('gauge', 'released'), ('gauge', 'void') on conflict do nothing;
"""


def effect(handler: str, gauge: int, n: int) -> None:
    """Leave a trace in the database, as a handler's effect does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into gauges_effect (handler, gauge, n, pid) values (%s, %s, %s, pg_backend_pid())",
            [handler, gauge, n],
        )


def effects(handler: str) -> list[tuple[int, int]]:
    """The traces of a handler, in the order they were left."""
    with connection.cursor() as cursor:
        cursor.execute("select gauge, n from gauges_effect where handler = %s order by id", [handler])
        return list(cursor.fetchall())
