"""The trail of a record as a person reads it: one entry per act, old struck, new underlined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db.models import CharField, Field, Model, TextField
from django.utils.dateparse import parse_datetime

from qms.core.models import Record
from qms.core.storable import plausible
from qms.core.trail import Act, Change, history
from qms.web.pages.retold import came_with_data, deeds, names_of
from qms.web.words import date_of, number, short, stamp, who

SITTING = timedelta(minutes=15)
_HIDDEN = {
    "id",
    "kind",
    "version",
    "updated_at",
    "state_since",
    "due_fixed",
    "record",
    "record_ptr",
    "manifest",
    "digest",
    "key",
}
_ACTORS = {"actor", "by", "done_by"}  # fields that name who did something as the trail does
_QUIET_TABLES = {"core_searchentry", "core_task", "core_link_seen"}


@dataclass(frozen=True)
class Line:
    """One field that changed."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Entry:
    """One act: who did what, when and why."""

    id: str
    at: datetime
    actor: str
    words: str
    reason: str
    changes: tuple[Line, ...]
    saves: tuple[Entry, ...] = ()  # of one sitting, newest first, when there were several


def entries(record: Record, limit: int | None = None) -> list[Entry]:
    """The acts of a record, newest first, without what only the machine cares about."""
    acts = [act for act in reversed(history(record)) if any(_matters(change) for change in act.changes)]
    loaded = [act for act in acts if came_with_data(act)]
    sittings = _sittings([act for act in acts if not came_with_data(act)])[:limit]
    names = Names(change for saves in sittings for act in saves for change in act.changes if change.op == "U")
    return [*(_sitting(saves, record, names) for saves in sittings), *_retold(loaded, record)][:limit]


def _retold(loaded: list[Act], record: Record) -> list[Entry]:
    """What came with a data set, row by row as it is said to have happened, and at the end when it was loaded."""
    if not loaded:
        return []
    found = deeds(loaded, record)
    names = names_of(found, record)
    told = [
        Entry(f"{loaded[0].id}-{place}", deed.at, names.get(deed.who, ""), words, "", ())
        for place, deed in enumerate(found)
        if deed.changes[0].table not in _QUIET_TABLES and (words := _made(deed.changes[0].table, deed.changes, record))
    ]
    first = loaded[-1]
    return [*told, Entry(first.id, first.at, "Plumbline", "wrote this record with the demo data", "", ())]


def _sittings(acts: list[Act]) -> list[list[Act]]:
    """Saves of one sitting together: the same person, the same fields, within a quarter of an hour; newest first."""
    kept: list[list[Act]] = []
    for act in acts:
        if kept and _one_sitting(kept[-1][0], act):
            kept[-1].append(act)
        else:
            kept.append([act])
    return kept


def _sitting(saves: list[Act], record: Record, names: Names) -> Entry:
    """One entry from the oldest value to the newest, which opens into the saves between."""
    newest, oldest = saves[0], saves[-1]
    if newest is oldest:
        return _entry(newest, record, names)
    old = {(change.table, change.pk, change.field): change.old for change in oldest.changes}
    whole = replace(newest, changes=tuple(_from(change, old) for change in newest.changes))
    return replace(_entry(whole, record, names), saves=tuple(_entry(act, record, names) for act in saves))


def _one_sitting(later: Act, earlier: Act) -> bool:
    same = later.actor == earlier.actor and later.source == earlier.source and not (later.reason or earlier.reason)
    fields = [
        {(change.table, change.pk, change.field) for change in act.changes if _matters(change)}
        for act in (later, earlier)
    ]
    updates = all(change.op == "U" for act in (later, earlier) for change in act.changes)
    return same and updates and fields[0] == fields[1] and later.at - earlier.at < SITTING


def _from(change: Change, old: Mapping[tuple[str, int, str], Any]) -> Change:
    key = (change.table, change.pk, change.field)
    return replace(change, old=old[key]) if key in old else change


def _matters(change: Change) -> bool:
    return change.table not in _QUIET_TABLES and change.field.removesuffix("_id") not in _HIDDEN


def _entry(act: Act, record: Record, names: Names) -> Entry:
    made: dict[tuple[str, int], list[Change]] = defaultdict(list)
    lines: list[Line] = []
    for change in act.changes:
        if not _matters(change):
            continue
        if change.op in {"I", "D"}:
            made[change.table, change.pk].append(change)
        else:
            lines.append(names.line(change, record))
    words = ", ".join(dict.fromkeys(_made(table, changes, record) for (table, _), changes in made.items()))
    return Entry(act.id, act.at, who(act.actor), words, act.reason, tuple(lines))


def noun_of(table: str) -> str:
    """What a table holds one of, in words."""
    model = _model_of(table)
    return str(model._meta.verbose_name) if model else table


def _made(table: str, changes: list[Change], record: Record) -> str:
    """Such as "opened NCR-2026-0001", "added containment", "signed: approved"."""
    model = _model_of(table)
    verb = "removed" if changes[0].op == "D" else "added"
    if model is None:
        return f"{verb} {table.rpartition('_')[2]}"
    if issubclass(model, Record):
        return f"opened {record.number}"
    values = {change.field: change.new for change in changes}
    if table == "core_signature":
        return f"signed: {values.get('meaning', '')}"
    if table == "core_signaturevoid":
        return "a signature became void"
    return f"{verb} {model._meta.verbose_name}"


def _model_of(table: str) -> type[Model] | None:
    return next((model for model in apps.get_models() if model._meta.db_table == table), None)


def _field_of(change: Change) -> Field[Any, Any] | None:
    model = _model_of(change.table)
    fields = model._meta.get_fields() if model else []
    return next((f for f in fields if isinstance(f, Field) and change.field in {f.name, f.attname, f.column}), None)


class Names:
    """Words for stored values: labels of choices and states, names instead of ids, read at once for all changes."""

    def __init__(self, changes: Iterable[Change]) -> None:
        wanted: dict[type[Model], set[int]] = defaultdict(set)
        for change in changes:
            field = _field_of(change)
            if field is not None and isinstance(field.related_model, type):
                wanted[field.related_model] |= {v for v in (change.old, change.new) if isinstance(v, int)}
        self.known = {
            model: {pk: str(row) for pk, row in model._default_manager.in_bulk(list(ids)).items()}
            for model, ids in wanted.items()
        }

    def line(self, change: Change, record: Record | None) -> Line:
        """One changed field in words."""
        field = _field_of(change)
        label = str(field.verbose_name) if field is not None else change.field
        old, new = (self.text(field, value, record) for value in (change.old, change.new))
        return Line(label.replace("_", " ").capitalize(), old, new)

    def lines(self, changes: Iterable[Change], record: Record | None) -> list[Line]:
        """Changes in words, field by field."""
        return [self.line(change, record) for change in changes]

    def text(self, field: Field[Any, Any] | None, value: Any, record: Record | None) -> str:
        """One stored value in words."""
        if value is None or value == "":
            return ""
        if field is not None:
            if field.name == "state" and isinstance(value, str) and record is not None:
                return _state(record, value)
            if isinstance(field.related_model, type):
                return self.known.get(field.related_model, {}).get(value, str(value))
            if field.choices:
                return str(dict(field.flatchoices).get(value, value))
            if isinstance(field, (CharField, TextField)):
                return who(str(value)) if field.name in _ACTORS else str(value)
        return plain(value)


def plain(value: Any) -> str:
    """A stored value without further knowledge: times in the person's zone, yes and no, lists by comma."""
    if value is None or isinstance(value, bool):
        return "none" if value is None else "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{str(key).replace('_', ' ')} {plain(item)}" for key, item in value.items())
    if isinstance(value, (int, float)):
        return number(value, 0 if isinstance(value, int) else 3)
    if isinstance(value, list):
        return ", ".join(plain(item) for item in value)
    if isinstance(value, date):
        return stamp(value) if isinstance(value, datetime) else date_of(value)
    moment = _moment(value) if isinstance(value, str) else None
    return short(moment) if moment else str(value)


def _moment(text: str) -> datetime | None:
    """The moment that is stored as a text; what a person wrote may only look like one."""
    try:
        found = parse_datetime(text) if len(text) >= 19 and text[4] == "-" else None
    except ValueError:
        return None
    return found if found and found.tzinfo and plausible(found) else None


def _state(record: Record, name: str) -> str:
    try:
        return record.flow.state(name).label
    except KeyError:
        return name
