"""What is done with nonconforming pieces: proposed by number, carried out, inspected again, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from capa.models import CostLine, Disposition, Nonconformity
from capa.services.changing import changing, changing_any, fitting, fresh_row, save_row
from capa.services.escalating import reassess, rule_of
from capa.workflow import NEEDS_REINSPECTION
from capa.workflow.approval import settled
from capa.workflow.nonconformity import disposed, ledger_over
from qms.core.actor import Actor
from qms.core.errors import Refused
from qms.core.models import Record
from qms.core.records import change_record, locked
from qms.core.trail import acting


def save_nonconformity(
    ncr: Nonconformity, *, by: Actor, version: int | None = None, reason: str = "", **fields: Any
) -> Nonconformity:
    """Change what is known of a nonconformity; the call for a CAPA follows.

    Refused once it is closed, and for what the approval of its disposition covers until it is returned to evaluation.
    """
    with acting(by, reason=reason):
        fresh = locked(Nonconformity, ncr.pk)
        if fresh.closed_at is not None:
            state = fresh.flow.state(fresh.state).label.lower()
            raise Refused(f"{fresh.number} is {state}; nothing in it can be changed.")
        _not_approved(fresh, fields)
        fitting(fields, fresh.site, record=fresh)
        fresh = change_record(fresh, by=by, version=version, **fields)
        reassess(fresh, by=by)
    return fresh


def add_disposition(
    ncr: Nonconformity, *, kind: str, quantity: int, by: Actor, instruction: str = "", version: int | None = None
) -> Disposition:
    """Propose what is done with a number of pieces; the ledger refuses more than are nonconforming."""
    with changing(Nonconformity, ncr.pk, "propose", by=by, version=version) as fresh:
        _in_evaluation(fresh)
        row = Disposition(nonconformity=fresh, kind=kind, quantity=quantity, instruction=instruction)
        save_row(row)
        if fresh.quantity_nonconforming is not None and (text := ledger_over(fresh)):
            raise Refused(text, anchor="disposition")
    return row


def dispose_rest(ncr: Nonconformity, *, kind: str, by: Actor, instruction: str = "") -> Disposition:
    """Propose one disposition for every piece that has none yet; Refused when none is left or none were counted."""
    with acting(by):
        fresh = locked(Nonconformity, ncr.pk)
        _in_evaluation(fresh)
        if fresh.quantity_nonconforming is None:
            raise Refused("The nonconforming pieces are not counted yet: enter how many.", anchor="details")
        left = fresh.quantity_nonconforming - disposed(fresh)
        if left <= 0:
            raise Refused("No piece is left without a disposition.", anchor="disposition")
        return add_disposition(fresh, kind=kind, quantity=left, instruction=instruction, by=by)


def withdraw_disposition(row: Disposition, *, by: Actor, version: int | None = None) -> Disposition:
    """Take a proposed disposition back; it stays in the history."""
    with changing(Nonconformity, row.nonconformity_id, "propose", by=by, version=version) as fresh:
        _in_evaluation(fresh)
        row = fresh_row(row, "nonconformity", fresh)
        if row.withdrawn_at is not None:
            raise Refused("This disposition is already withdrawn.")
        if row.done_at is not None and row.reinspection != "rejected":
            raise Refused("This disposition was carried out; it cannot be withdrawn. Add another for what is left.")
        row.withdrawn_at = timezone.now()
        row.save(update_fields=["withdrawn_at"])
    return row


def carry_out(row: Disposition, *, by: Actor, version: int | None = None) -> Disposition:
    """Say that the pieces were reworked, scrapped, returned, ...; `by` is who did it."""
    with changing(Nonconformity, row.nonconformity_id, "verify", by=by, version=version) as fresh:
        row = _in_disposition(fresh, row)
        if row.done_at is not None:
            raise Refused("This disposition is already carried out.")
        row.done_by_id, row.done_at = by.id, timezone.now()
        save_row(row)
    return row


def reinspect(row: Disposition, *, result: str, by: Actor, note: str = "", version: int | None = None) -> Disposition:
    """Enter the inspection after rework or repair; the inspector is not the person who did the work."""
    with changing(Nonconformity, row.nonconformity_id, "verify", by=by, version=version) as fresh:
        seen, row = row.reinspection, _in_disposition(fresh, row)
        if row.reinspection != seen:
            raise Refused(f"Somebody else entered the inspection meanwhile: {row.get_reinspection_display().lower()}.")
        if row.kind not in NEEDS_REINSPECTION:
            raise Refused(f"{row.get_kind_display()} needs no inspection afterwards.")
        if row.done_at is None:
            raise Refused(f"The {row.kind} is not carried out yet.")
        if row.done_by_id == by.id:
            raise Refused(f"You carried out the {row.kind}: another inspector must look at it.")
        row.reinspection, row.reinspection_note = result, note
        row.reinspected_by_id, row.reinspected_at = by.id, timezone.now()
        save_row(row)
    return row


def add_cost(
    record: Record, *, what: str, amount: Decimal, by: Actor, category: str = "internal_failure", currency: str = ""
) -> CostLine:
    """Book money on a record, without a currency in that of its site; negative when it was recovered."""
    with changing_any(record.pk, "edit", by=by) as fresh:
        currency = currency or rule_of(fresh.site_id).currency
        row = CostLine(record_id=fresh.pk, category=category, what=what, amount=amount, currency=currency)
        save_row(row)
        if isinstance(fresh, Nonconformity):
            reassess(fresh, by=by)
    return row


def _not_approved(ncr: Nonconformity, fields: Mapping[str, Any]) -> None:
    changed = [name for name, value in fields.items() if getattr(ncr, name) != value]
    if fixed := settled(ncr.state, changed):
        raise Refused(
            f"The disposition is approved with this {ncr.words_for(fixed)}: return it to evaluation to change that.",
            anchor="details",
        )


def _in_evaluation(ncr: Nonconformity) -> None:
    if ncr.state not in ("contained", "evaluation"):
        raise Refused(
            "Dispositions are changed during evaluation: return it to evaluation first.", anchor="disposition"
        )


def _in_disposition(ncr: Nonconformity, row: Disposition) -> Disposition:
    """The disposition as it stands, while pieces are worked on."""
    if ncr.state != "in_disposition":
        raise Refused("Pieces are worked on once the disposition is approved and started.", anchor="disposition")
    row = fresh_row(row, "nonconformity", ncr)
    if row.withdrawn_at is not None:
        raise Refused("This disposition was withdrawn: no piece is worked on under it.", anchor="disposition")
    return row
