"""What the signatures of a nonconformity cover, until when it may be written, and who agrees to a disposition."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from capa.workflow.concession import NEEDS_CUSTOMER, ConcessionLike, day_at
from capa.workflow.rows import counted, listed

NEEDS_PRODUCTION = ("rework", "repair", "use_as_is", "regrade", "sort")  # all that is not scrapped or sent back
APPROVED = ("disposition_approved", "in_disposition", "verified")
# the customer's approval: whether it is asked for, and by which concession, deviation permit or waiver it is given
APPROVAL = (
    "concession_required",
    "concession_kind",
    "concession_number",
    "concession_by",
    "concession_on",
    "concession_quantity",
    "concession_until",
    "concession_lot",
    "permit",
)
# fields of the record below each signature; rows are settled by their own services
HELD = frozenset({"lot", "serial", "quantity_nonconforming"})
DECIDED = HELD | {
    "title",
    "requirement",
    "actual",
    *APPROVAL,
}
COVERED: dict[str, frozenset[str]] = {
    "containment": HELD,
    "disposition": DECIDED,
    "verification": DECIDED,
    "whole": DECIDED,
}


def covered(sections: Iterable[str]) -> frozenset[str]:
    """Names of the fields below signatures of these sections."""
    return frozenset[str]().union(*(COVERED.get(section, frozenset()) for section in sections))


class PermitLike(Protocol):
    """What the guards read of the deviation permit the pieces were made under."""

    @property
    def number(self) -> str: ...
    @property
    def quantity(self) -> int | None: ...
    def refusal_for(self, *, part: int | None, lot: str, made: date) -> str: ...
    def used(self, *, alone: bool = False) -> int: ...


class ApprovedLike(ConcessionLike, Protocol):
    """What the guards of the approval read of a nonconformity."""

    @property
    def permit(self) -> PermitLike | None: ...
    @property
    def part_id(self) -> int | None: ...
    def contained_by(self) -> frozenset[int]: ...


def settled(state: str, fields: Iterable[str]) -> frozenset[str]:
    """Which of these fields the approval of the disposition covers in a state; they wait for a return."""
    return frozenset(fields) & DECIDED if state in APPROVED else frozenset()


def lacks_production(ncr: ApprovedLike) -> str | None:
    """Pieces that stay in the plant go back to production: it must agree."""
    kinds = {row.kind for row in ncr.disposition_rows()} & set(NEEDS_PRODUCTION)
    if not kinds or ncr.signers("agree_production"):
        return None
    words = listed(sorted(kind.replace("_", " ") for kind in kinds)).capitalize()
    return f"{words} needs the signature of production before quality approves."


def permit_refuses(ncr: ApprovedLike) -> str | None:
    """Pieces that stay as they are under a deviation permit were made while it was in force, and fit into it."""
    if ncr.permit is None or not any(row.kind in NEEDS_CUSTOMER for row in ncr.disposition_rows()):
        return None
    made = day_at(ncr.site, ncr.occurred_at or ncr.detected_at)
    if text := ncr.permit.refusal_for(part=ncr.part_id, lot=ncr.lot, made=made):
        return text
    if ncr.permit.quantity is None:
        return None
    over = ncr.permit.used(alone=True) - ncr.permit.quantity
    return None if over <= 0 else f"{ncr.permit.number} is used up: {counted(over, 'piece')} more than it covers."


def quality_is_production(ncr: ApprovedLike, actor_id: int | None) -> str | None:
    """Production and quality are two people."""
    kinds = {row.kind for row in ncr.disposition_rows()} & set(NEEDS_PRODUCTION)
    if kinds and not (ncr.signers("agree_production") - {actor_id}):
        return "You signed for production: quality must be another person."
    return None


def containment_void(ncr: ApprovedLike) -> str | None:
    """The containment that was signed is the one on record."""
    if ncr.contained_by():
        return None
    return (
        "What the containment was signed for has changed (lot, serial, quantity or places):"
        " confirm it again by signature, in evaluation."
    )


def containment_holds(ncr: ApprovedLike) -> str | None:
    """It is signed again only when it has to be."""
    return "The containment is signed, and what was signed has not changed." if ncr.contained_by() else None


def approval_void(ncr: ApprovedLike) -> str | None:
    """What was approved is what the record says now."""
    if ncr.signers("approve_disposition"):
        return None
    return "The approval no longer covers what the record says: return it to evaluation and have it approved again."


def verification_void(ncr: ApprovedLike) -> str | None:
    """What was verified is what the record says now."""
    if ncr.signers("verify"):
        return None
    return "The verification no longer covers what the record says: return it to evaluation and go on from there."
