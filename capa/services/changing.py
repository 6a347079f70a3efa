"""One change of one record's rows: locked, allowed, still open, checked, and announced at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import models

from capa.models import Capa, DefectCode, Deviation, Nonconformity
from capa.workflow.sections import refusal
from governance.models import Characteristic, Equipment, Part, Process
from qms.core.actor import Actor
from qms.core.comments import people_at
from qms.core.errors import Invalid, Refused
from qms.core.models import Record, Site, User
from qms.core.records import check_row, check_version, locked, model_of, touched
from qms.core.trail import acting

R = TypeVar("R", bound=Record)
M = TypeVar("M", bound=models.Model)
OF_SITE = (Part, Equipment, Process, Characteristic, DefectCode, Deviation, Nonconformity)


@contextmanager
def changing(
    model: type[R], pk: int, verb: str, *, by: Actor, version: int | None = None, reason: str = ""
) -> Iterator[R]:
    """The fresh record under its lock, in an act; refuses a closed one, announces the change at the end."""
    with acting(by, reason=reason):
        fresh = locked(model, pk)
        by.require(f"{fresh.NOUN}.{verb}", fresh)
        check_version(fresh, version)
        if fresh.closed_at is not None:
            raise Refused(
                f"{fresh.number} is {fresh.flow.state(fresh.state).label.lower()}; nothing in it can be changed."
            )
        yield fresh
        touched(fresh, by=by)


@contextmanager
def changing_any(
    pk: int, verb: str, *, by: Actor, version: int | None = None, reason: str = ""
) -> Iterator[Nonconformity | Capa]:
    """The same for a row that may belong to either kind."""
    with acting(by, reason=reason):
        kind = model_of(Record._base_manager.only("kind").get(pk=pk).kind)
        if not issubclass(kind, Nonconformity | Capa):
            raise Refused("Only nonconformities and CAPAs have such rows.")
        with changing(kind, pk, verb, by=by, version=version) as fresh:
            yield fresh


def save_row(row: models.Model) -> None:
    """Check a row as a whole and save it; Invalid names the fields."""
    check_row(row)
    row.save()


def fitting(fields: Mapping[str, Any], site: Site, *, record: models.Model | None = None) -> None:
    """Refuse to name somebody without a role at the site, or a row of master data of another one.

    Whoever and whatever the record names already may stay.
    """
    errors = {}
    for field, value in fields.items():
        if not isinstance(value, (User, *OF_SITE)) or getattr(record, f"{field}_id", None) == value.pk:
            continue
        if isinstance(value, User):
            if not people_at(site.pk).filter(pk=value.pk).exists():
                errors[field] = [f"{value.name} has no role at {site.code}: choose somebody of this site."]
        elif value.site_id not in (None, site.pk):
            errors[field] = [f"{value} belongs to another site: choose one of {site.code}."]
    if errors:
        raise Invalid(errors)


def writable(capa: Capa, section: str) -> None:
    """Refuse when this part of a CAPA is settled."""
    if text := refusal(section, capa.state):
        raise Refused(text, anchor=section)


def fresh_row(row: M, field: str, record: Record) -> M:
    """The row as it stands now, under its lock; Refused when it is gone or belongs to another record.

    Call it under the lock of the record and before any check: the caller's copy was read before that lock.
    """
    found = type(row)._default_manager.select_for_update(no_key=True).filter(pk=row.pk).first()
    if found is None:
        raise Refused("Somebody else took this row away in the meantime: look at the page again.")
    if getattr(found, f"{field}_id") != record.pk:
        raise Refused(f"This row does not belong to {record.number}.")
    return found
