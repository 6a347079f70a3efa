"""Containment of a nonconformity or of a CAPA: places, figures, verification."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from capa.models import Capa, Containment, Nonconformity
from capa.services.changing import changing, changing_any, fresh_row, save_row, writable
from qms.core.actor import Actor
from qms.core.errors import Refused
from qms.core.stepping import advance


def _open_for(record: Nonconformity | Capa) -> None:
    if isinstance(record, Capa):
        writable(record, "containment")
    elif record.state != "reported":
        raise Refused(f"{record.number} is already contained; return is not foreseen, add a comment or open a new one.")


def add_containment(
    record: Nonconformity | Capa,
    *,
    place: str,
    measure: str,
    by: Actor,
    location: str = "",
    checked: int | None = None,
    found: int | None = None,
    version: int | None = None,
) -> Containment:
    """Add a place that was searched; figures may follow. Raises Refused once the containment is signed."""
    with changing_any(record.pk, "contain", by=by, version=version) as fresh:
        _open_for(fresh)
        row = Containment(
            record_id=fresh.pk,
            round=getattr(fresh, "reopen_count", 0),
            place=place,
            measure=measure,
            location=location,
            quantity_checked=checked,
            quantity_found=found,
        )
        save_row(row)
    return row


def change_containment(row: Containment, *, by: Actor, version: int | None = None, **fields: object) -> Containment:
    """Correct a containment; what was verified before counts no more."""
    with changing_any(row.record_id, "contain", by=by, version=version) as fresh:
        _open_for(fresh)
        row = fresh_row(row, "record", fresh)
        for name, value in fields.items():
            setattr(row, name, value)
        row.verified_by, row.verified_at, row.verified_how = None, None, ""
        save_row(row)
    return row


def verify_containment(row: Containment, *, how: str, by: Actor, version: int | None = None) -> Containment:
    """Say that the hold works, and how that was seen."""
    with changing_any(row.record_id, "contain", by=by, version=version) as fresh:
        _open_for(fresh)
        row = fresh_row(row, "record", fresh)
        if row.quantity_checked is None or row.quantity_found is None:
            raise Refused("Enter how many pieces were checked and found before verifying.", anchor="containment")
        _verify(row, how, by)
    return row


def _verify(row: Containment, how: str, by: Actor) -> None:
    row.verified_by_id, row.verified_at, row.verified_how = by.id, timezone.now(), how
    save_row(row)


def _placed(ncr: Nonconformity, given: Mapping[str, object]) -> Containment:
    """The row of a place and location as given: the one there is, or a new one."""
    same = ncr.containments.filter(place=given["place"], location=given.get("location", ""))
    row = same.filter(verified_at=None).first() or same.first() or Containment(record_id=ncr.pk)
    for name, value in given.items():
        setattr(row, name, value)
    row.verified_by, row.verified_at, row.verified_how = None, None, ""
    return row


def contain(
    ncr: Nonconformity,
    *,
    by: Actor,
    password: str,
    quantity: int | None = None,
    how: str = "",
    note: str = "",
    **place: object,
) -> Nonconformity:
    """Contain in one go: quantity, one place if given, verification, signature.

    What was entered is saved before the signature, so that a wrong password loses nothing; the place of an earlier try
    is corrected, not added again.
    """
    with changing(Nonconformity, ncr.pk, "contain", by=by) as fresh:
        _open_for(fresh)
        if quantity is not None:
            fresh.quantity_nonconforming = quantity
            fresh.save(update_fields=["quantity_nonconforming"])
        if place.get("place"):
            save_row(_placed(fresh, place))
        for row in (
            fresh.containments.filter(verified_at=None).exclude(quantity_checked=None).exclude(quantity_found=None)
        ):
            _verify(row, how, by)
    return advance(fresh, "contain", by=by, password=password, note=note)
