"""Open, read, lock and change records: the only ways in and out, for every kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils import timezone

from qms.core import numbering, signing
from qms.core.actor import ALL, Actor
from qms.core.clock import due_after
from qms.core.errors import Conflict, Invalid
from qms.core.events import RecordChanged, RecordOpened, publish
from qms.core.flow import State
from qms.core.models import Record, Site
from qms.core.storable import hidden_sign
from qms.core.trail import acting

R = TypeVar("R", bound=Record)

LINE = 200  # letters: a text that may be longer holds sentences, which may stand on lines of their own
KINDS: dict[str, type[Record]] = {}


def register(model: type[Record]) -> None:
    """Make a kind known; each room does it in its AppConfig.ready()."""
    if KINDS.setdefault(model.KIND, model) is not model:
        raise ValueError(f"Two models claim the kind {model.KIND}.")


def model_of(kind: str) -> type[Record]:
    """The model of a kind; KeyError when no room knows it."""
    return KINDS[kind]


def visible(model: type[R], actor: Actor) -> models.QuerySet[R]:
    """The records of a kind the actor may see: the only door from a view to a record."""
    sites = actor.sites(f"{model.NOUN}.view")
    records = model.objects.all()
    return records if sites is ALL else records.filter(site_id__in=sites)


def child_of(record: Record) -> Record:
    """The whole record of its kind, from a row of the common table."""
    return model_of(record.kind).objects.get(pk=record.pk)


def url_of(record: Record) -> str:
    """The page of a record, also of one read as a row of the common table; empty when its kind has none."""
    kind = KINDS.get(record.kind, type(record))
    page = getattr(kind, "get_absolute_url", None)
    return str(page(record)) if page else ""


def locked(model: type[R], pk: int) -> R:
    """The record row is the lock of the whole record; the second statement reads what the winner left.

    Asked for any Record, it gives the record as its own kind.
    """
    kind = Record._base_manager.select_for_update(no_key=True).only("kind").get(pk=pk).kind
    of_kind: Any = model_of(kind) if model is Record else model
    fresh: R = of_kind.objects.get(pk=pk)
    return fresh


def open_record(model: type[R], *, title: str, site: Site, by: Actor, at: datetime | None = None, **fields: Any) -> R:
    """Open a record of a kind: permission, validation, number (taken last), rows, search, event, in one act.

    `fields` are the model's own; `owner` falls to the person who opens. A `due` given by a person holds through every
    step. Raises Denied or Invalid.
    """
    by.require(f"{model.NOUN}.open", site.pk)
    at = at or timezone.now()
    fields.setdefault("owner_id", None if "owner" in fields else by.id)
    state = model.flow.state(model.flow.initial)
    record = model(
        kind=model.KIND,
        title=title.strip(),
        site=site,
        state=state.name,
        originator_id=by.id,
        opened_at=at,
        state_since=at,
        **fields,
    )
    record.due_fixed = record.due is not None and by.kind != "system"
    if record.due is None:
        record.due = due_of(record, state)
    _check(record, exclude=("number",))
    with acting(by):
        record.number = numbering.take(model.PREFIX, site, numbering.year_at(site, at))[0]
        record.save(force_insert=True)
        index(record)
        publish(RecordOpened(record=record.pk, kind=record.kind, number=record.number, site=site.pk), record=record.pk)
    return record


def bulk_open(model: type[R], records: Sequence[R], *, by: Actor) -> list[R]:
    """Write many prepared records (imports, demo): numbers in one block per (site, year), two INSERTs, no events.

    Each needs site, title and opened_at; state defaults to the flow's first. The order given is the order of numbers.
    """
    by.require(f"{model.NOUN}.open")
    blocks: dict[tuple[int, int], list[R]] = {}
    for record in records:
        record.kind, record.state = model.KIND, record.state or model.flow.initial
        blocks.setdefault((record.site_id, numbering.year_at(record.site, record.opened_at)), []).append(record)
    with acting(by):
        for (_, year), block in sorted(blocks.items()):
            for record, number in zip(
                block, numbering.take(model.PREFIX, block[0].site, year, len(block)), strict=True
            ):
                record.number = number
        common = [field for field in Record._meta.concrete_fields if not field.primary_key]
        parents = Record._base_manager.bulk_create(
            [Record(**{field.attname: getattr(record, field.attname) for field in common}) for record in records]
        )
        for record, parent in zip(records, parents, strict=True):
            record.pk = record.id = parent.pk
            record._state.adding = False
        # the child half is private API of the ORM, because bulk_create refuses multi-table children; a test pins it
        model._base_manager.all()._insert(  # type: ignore[attr-defined]
            list(records), fields=model._meta.local_concrete_fields, using="default"
        )
        for record in records:
            index(record)
    return list(records)


def change_record(record: R, *, by: Actor, version: int | None = None, reason: str = "", **fields: Any) -> R:
    """Change fields of a record under its lock; returns the fresh record.

    Raises Denied, Invalid, or Conflict when `version` is not the current one.
    """
    model = type(record)
    by.require(f"{model.NOUN}.edit", record)
    with acting(by, reason=reason):
        fresh = locked(model, record.pk)
        check_version(fresh, version)
        if "due" in fields and fields["due"] != fresh.due:
            fields["due_fixed"] = fields["due"] is not None and by.kind != "system"
        for name, value in fields.items():
            setattr(fresh, name, value)
        _check(fresh, exclude=("number",))
        fresh.save(update_fields=list(fields))
        touched(fresh, by=by)
    return fresh


def touched(record: Record, *, by: Actor) -> None:
    """Say that a record or its rows changed: version, signatures, search, event. Call it inside the same act."""
    record.version, record.updated_at = record.version + 1, timezone.now()
    Record._base_manager.filter(pk=record.pk).update(version=record.version, updated_at=record.updated_at)
    signing.recheck(record, by=by.name)
    index(record)
    publish(
        RecordChanged(record=record.pk, kind=record.kind, number=record.number, version=record.version),
        record=record.pk,
    )


def check_version(record: Record, version: int | None) -> None:
    """Raise Conflict when the caller looked at an older version."""
    if version is not None and version != record.version:
        raise Conflict(
            f"{record.number} was changed by somebody else (version {record.version}, you saw {version})."
            " Nothing was overwritten: look at the current values and save again."
        )


def due_of(record: Record, state: State) -> datetime | None:
    """When a state ends by its clock, or None when it has none."""
    clock = record.clock(state)
    return None if clock is None else due_after(record.site, *clock)


def due_from(record: Record, state: State) -> datetime | None:
    """When a record is due in a state it moves to: a date a person fixed holds, an extended one never comes earlier."""
    own = due_of(record, state)
    if state.final or record.due is None:
        return own
    if record.due_fixed:
        return record.due
    extended = own is not None and record.extensions.filter(new_due=record.due).exists()
    return max(own, record.due) if own and extended else own


_INDEX = """insert into core_searchentry (record_id, words) values (%s,
  setweight(to_tsvector('simple', %s), 'A') || setweight(to_tsvector('simple', %s), 'B'))
  on conflict (record_id) do update set words = excluded.words"""


def index(record: Record) -> None:
    """Write the words of a record for the search; number and title weigh more than the text."""
    text = " ".join(str(getattr(record, name) or "") for name in type(record).SEARCH)
    with connection.cursor() as cursor:
        cursor.execute(_INDEX, [record.pk, words_of(f"{record.number} {record.title}"), words_of(text)])


def words_of(text: str) -> str:
    """Text as the search reads it, for the index and the question alike: words alone, without punctuation.

    The database's own parser reads `NCR-2026-0001` as a word and two negative numbers, and a topic as a path.
    """
    return re.sub(r"[\W_]+", " ", text.replace("\0", " ")).strip()


def check_row(row: models.Model, *, exclude: Sequence[str] = (), unique: bool = True) -> None:
    """Check a row as a whole, and that its names read as they are written; raises Invalid with messages by field."""
    errors: dict[str, list[str]] = {}
    try:
        row.full_clean(exclude=exclude, validate_unique=unique)
    except ValidationError as problem:
        errors = problem.message_dict
    for name, text in _hidden_signs(row, exclude):
        errors.setdefault(name, []).append(text)
    if errors:
        raise Invalid(errors)


def _hidden_signs(row: models.Model, exclude: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The short texts of a row (names, titles, numbers) that hold a hidden sign: field and what to do."""
    for field in row._meta.concrete_fields:
        if not isinstance(field, models.CharField) or field.choices or field.name in exclude:
            continue
        text = getattr(row, field.attname)
        if isinstance(text, str) and (said := hidden_sign(text, lines=(field.max_length or 0) > LINE)):
            yield field.name, said


def save_clean(row: models.Model) -> None:
    """Check every field of a row and save it; raises Invalid with the field's own messages."""
    check_row(row, exclude=["password"])
    row.save()


def _check(record: Record, *, exclude: Sequence[str]) -> None:
    check_row(record, exclude=[*exclude, "record_ptr"], unique=False)
