"""The living rows against the trail: each is what the trail last left, and no table has lost its trail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from psycopg2 import sql

from qms.core.actor import Actor
from qms.core.seal.findings import Report, Tell, row_words
from qms.core.trail import reading

SEALED = ("core_trail", "core_trailleaf", "core_trailnode", "core_checkpoint")
_TABLES = """
select c.relname, encode(t.tgargs, 'escape'), t.tgenabled::text in ('O', 'A'),
  array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum = any (t.tgattr::int2[]))
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
where p.proname = 'core_trail_row' and t.tgname = 'trail_update' and c.relnamespace = 'public'::regnamespace
order by c.relname
"""
_WHOLE = """
select c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
where p.proname = 'core_trail_row' and t.tgname = 'trail_insert_delete' and t.tgenabled::text in ('O', 'A')
"""
_FROZEN = """
select c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid
where t.tgname = 'frozen' and t.tgenabled::text in ('O', 'A')
"""
# which tables the trail speaks of, by its index: one step a table
_SPOKEN = """
with recursive spoken as (
  select min(tbl) as tbl from core_trail
  union all select (select min(tbl) from core_trail where tbl > s.tbl) from spoken s where s.tbl is not null)
select tbl from spoken where tbl is not null
"""
# keys that only one side has belong to columns that a migration added or took away
_STATE = """
with newest as (select max(id) as id from core_trail where tbl = {name} group by pk),
last as (
  select t.pk, t.id, t.op::text as op, t.image::jsonb as image from newest join core_trail t using (id))
select pk, l.id, l.op, l.image::text, t.image::text
from last l full join (
  select (j ->> {pk})::bigint as pk, j - {hide} as image from (select to_jsonb(x) as j from {table} x) y) t using (pk)
where case
  when {only} then l.op <> 'D' and t.pk is not null and l.pk is not null
    and exists (select from unnest({columns}) k where l.image -> k is distinct from t.image -> k)
  when l.pk is null then true
  when t.pk is null then l.op <> 'D'
  when l.op = 'D' then true
  else l.image <> t.image and exists (
    select from jsonb_object_keys(l.image) k where t.image ? k and l.image -> k <> t.image -> k) end
order by pk limit 20
"""
# of each row the trail tells a life: made, changed, removed; to make what lives or to change nothing is forged
_LIFE = """
select id, op, before from (
  select id, pk, op::text as op, lag(op::text) over life as before, op = 'U' and image = lag(image) over life as same
  from core_trail where tbl = {name} window life as (partition by pk order by id)) told
where op = 'I' and before in ('I', 'U', 'B') or op in ('U', 'D') and (before is null or before = 'D') or same and {all}
order by id limit 20
"""


@dataclass(frozen=True)
class Kept:
    """A table with a trail: its key, the columns that are kept out, the columns alone that are kept (none: all)."""

    name: str
    pk: str
    hide: tuple[str, ...]
    only: tuple[str, ...]


def check_state(report: Report, tell: Tell, *, by: Actor) -> None:
    """Every table with a trail, one after the other: both sides of a row are read by one statement."""
    with reading(by), connection.cursor() as cursor:
        tables = _tables(cursor, report)
    for place, kept in enumerate(tables):
        tell(f"rows of {kept.name}", place / len(tables))
        with reading(by), connection.cursor() as cursor:
            cursor.execute("set local timezone = 'UTC'; set local datestyle = 'ISO'")
            _check_table(cursor, kept, report)
    report.count("tables", len(tables))


def _tables(cursor: Any, report: Report) -> list[Kept]:
    """The tables whose trail is on; those whose trail is off are findings."""
    cursor.execute(_TABLES)
    found = []
    off = set()
    for name, arguments, on, only in cursor.fetchall():
        pk, _, hide = arguments.split("\\000")[:3]
        found.append(Kept(name, pk, tuple(filter(None, hide.strip("{}").split(","))), tuple(only)))
        if not on:
            off.add(name)
    cursor.execute(_WHOLE)
    off |= {kept.name for kept in found if not kept.only} - {name for (name,) in cursor.fetchall()}
    cursor.execute(_SPOKEN)
    living = {model._meta.db_table for model in apps.get_models()}
    off |= ({name for (name,) in cursor.fetchall()} & living) - {kept.name for kept in found}
    for name in sorted(off):
        report.add("trail off", f"The trail of the table {name} has been switched off")
    cursor.execute(_FROZEN)
    for name in sorted(set(SEALED) - {name for (name,) in cursor.fetchall()}):
        report.add("guard off", f"The guard that keeps {name} from being changed has been switched off")
    return found


def _check_table(cursor: Any, kept: Kept, report: Report) -> None:
    values = {
        "name": sql.Literal(kept.name),
        "table": sql.Identifier(kept.name),
        "pk": sql.Literal(kept.pk),
        "hide": sql.SQL("{}::text[]").format(sql.Literal(list(kept.hide))),
        "only": sql.Literal(bool(kept.only)),
        "columns": sql.SQL("{}::text[]").format(sql.Literal(list(kept.only))),
        "all": sql.Literal(not kept.hide),
    }
    cursor.execute(sql.SQL(_STATE).format(**values))
    for pk, row, op, image, living in cursor.fetchall():
        report.add(*_told(kept, pk, row, op, image, living))
    if kept.only:
        return
    cursor.execute(sql.SQL(_LIFE).format(**values))
    for row, op, before in cursor.fetchall():
        report.add("row forged", f"{_capital(row_words(row))} cannot have happened: {_why(op, before)}", row)


def _told(
    kept: Kept, pk: int, row: int | None, op: str | None, image: str | None, living: str | None
) -> tuple[str, str, int | None]:
    name = f"Row {pk:,} of {kept.name}{_number(living or image)}"
    if row is None:
        return "live row added", f"{name} was added without a trail", None
    if living is None:
        return "live row removed", f"{name} was removed without a trail; it was last left by {row_words(row)}", row
    if op == "D":
        return "live row added", f"{name} is there again although {row_words(row)} removed it", row
    fields = _differing(json.loads(image or "{}"), json.loads(living), kept.only)
    return (
        "live row changed",
        f"{name} was changed without a trail: {fields}; it was last left by {row_words(row)}",
        row,
    )


def _differing(kept: dict[str, Any], living: dict[str, Any], only: tuple[str, ...]) -> str:
    names = [name for name in only or kept if name in living and kept.get(name) != living[name]]
    parts = [f"{name} is {_short(living[name])}, the trail says {_short(kept.get(name))}" for name in names[:3]]
    return "; ".join(parts) + (f"; and {len(names) - 3} more fields" if len(names) > 3 else "")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _number(image: str | None) -> str:
    number = json.loads(image or "{}").get("number")
    return f" ({number})" if isinstance(number, str) else ""


def _why(op: str, before: str | None) -> str:
    if op == "I":
        return "the row was there already"
    return "it changes nothing" if before not in {None, "D"} else "the row was not there"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
