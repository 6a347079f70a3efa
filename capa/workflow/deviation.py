"""The flow of a deviation permit: asked for before the pieces are made, bounded, watched, and over at its end."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from django.utils import timezone

from capa.workflow.concession import Placed, day_at
from capa.workflow.rows import counted, listed, once
from qms.core.flow import Flow, State, Step, Within

OVER = ("expired", "closed")


class DeviationLike(Protocol):
    """What the guards and effects read and write of a deviation permit."""

    returned_at: datetime | None
    due: datetime | None
    quantity: int | None
    ends_on: date | None
    wanted_quantity: int | None
    wanted_until: date | None
    change_request: str
    extended: int

    @property
    def originator_id(self) -> int | None: ...
    @property
    def part_id(self) -> int | None: ...
    @property
    def process_id(self) -> int | None: ...
    @property
    def requirement(self) -> str: ...
    @property
    def instead(self) -> str: ...
    @property
    def justification(self) -> str: ...
    @property
    def risk(self) -> str: ...
    @property
    def lot(self) -> str: ...
    @property
    def begins_on(self) -> date | None: ...
    @property
    def customer_required(self) -> bool: ...
    @property
    def customer_number(self) -> str: ...
    @property
    def customer_by(self) -> str: ...
    @property
    def customer_on(self) -> date | None: ...
    @property
    def site(self) -> Placed: ...
    def used(self, *, alone: bool = False) -> int: ...
    def ends_at(self) -> datetime | None: ...
    def signers(self, step: str) -> frozenset[int]: ...


def lacks_terms(permit: DeviationLike) -> str | None:
    """What is asked of whom, instead of what, why, and at what risk."""
    missing = [
        name
        for name, value in (
            ("the part or the process", permit.part_id or permit.process_id),
            ("what is required", permit.requirement.strip()),
            ("what is allowed instead", permit.instead.strip()),
            ("why it is needed", permit.justification.strip()),
            ("the risk and how it is watched", permit.risk.strip()),
            ("the first day", permit.begins_on),
        )
        if not value
    ]
    return f"Enter {listed(missing)}." if missing else None


def unbounded(permit: DeviationLike) -> str | None:
    """A deviation without an end is a change of the requirement."""
    if permit.ends_on or permit.quantity or permit.lot.strip():
        return None
    return "Bind it: enter a last day, a number of pieces or a lot. Without an end it is a change, not a deviation."


def out_of_order(permit: DeviationLike) -> str | None:
    """It begins before it ends, and does not end in the past."""
    if permit.ends_on is None:
        return None
    if permit.begins_on is not None and permit.ends_on < permit.begins_on:
        return "The last day lies before the first: correct one of the two."
    if permit.ends_on < day_at(permit.site, timezone.now()):
        return f"Its last day, {permit.ends_on:%Y-%m-%d}, has passed: enter a later one."
    return None


def lacks_engineering(permit: DeviationLike) -> str | None:
    """Engineering says that the part still does its work."""
    return None if permit.signers("agree_engineering") else "Engineering must agree by signature before quality does."


def lacks_customer(permit: DeviationLike) -> str | None:
    """Where the contract asks, the customer agreed before."""
    if not permit.customer_required:
        return None
    missing = [
        name
        for name, value in (
            ("its number", permit.customer_number.strip()),
            ("who at the customer approved it", permit.customer_by.strip()),
            ("the day it was approved", permit.customer_on),
        )
        if not value
    ]
    return f"The contract asks for the customer's approval: enter {listed(missing)}." if missing else None


def quality_is_engineering(permit: DeviationLike, actor_id: int | None) -> str | None:
    """Engineering and quality are two people."""
    if permit.signers("agree_engineering") - {actor_id}:
        return None
    return "You agreed for engineering: quality must be another person."


def approved_by_originator(permit: DeviationLike, actor_id: int | None) -> str | None:
    """Whoever asked does not approve."""
    return "You asked for this deviation: somebody else must approve it." if actor_id == permit.originator_id else None


def not_begun(permit: DeviationLike) -> str | None:
    """It holds from its first day on."""
    if permit.begins_on is None or permit.begins_on <= day_at(permit.site, timezone.now()):
        return None
    return f"It begins on {permit.begins_on:%Y-%m-%d}, by itself."


def approval_void(permit: DeviationLike) -> str | None:
    """What was approved is what it says."""
    return None if permit.signers("approve") else "The approval no longer covers what it says: void it and ask anew."


def is_over(permit: DeviationLike) -> str:
    """Why it is over: its last day has passed, or all pieces are used; empty while it runs."""
    if permit.ends_on is not None and permit.ends_on < day_at(permit.site, timezone.now()):
        return f"its last day was {permit.ends_on:%Y-%m-%d}"
    if permit.quantity is not None and (used := permit.used()) >= permit.quantity:
        return f"{used:,} of {counted(permit.quantity, 'piece')} are used"
    return ""


def still_runs(permit: DeviationLike) -> str | None:
    """It expires by its own bounds; before that it is closed with a reason."""
    return None if is_over(permit) else "Its bounds are not reached yet. To end it before that, close it."


def nothing_asked(permit: DeviationLike) -> str | None:
    """An extension says until when, or for how many pieces more."""
    if permit.wanted_until is None and permit.wanted_quantity is None:
        return "Enter the new last day or the new number of pieces first, under Extension."
    if permit.wanted_until is not None and permit.wanted_until <= (permit.ends_on or permit.wanted_until):
        return "The new last day must be later than the present one, which must exist."
    if permit.wanted_quantity is not None and permit.wanted_quantity <= (permit.quantity or permit.wanted_quantity):
        return "The new number of pieces must be greater than the present one, which must exist."
    return None


def extended_before(permit: DeviationLike) -> str | None:
    """What lasts is a change: a second extension names its change request."""
    if permit.extended and not permit.change_request.strip():
        return "It was extended before: a second time it needs a change request. Enter its number under Extension."
    return None


def send_back(permit: DeviationLike) -> None:
    """What was signed before a return does not count for the next round."""
    permit.returned_at = timezone.now()


def take_extension(permit: DeviationLike) -> None:
    """The new bounds hold, and the clock runs to the new end."""
    permit.ends_on = permit.wanted_until or permit.ends_on
    permit.quantity = permit.wanted_quantity or permit.quantity
    permit.wanted_until = permit.wanted_quantity = None
    permit.extended += 1
    permit.due = permit.ends_at()


DEVIATION_FLOW: Flow[DeviationLike] = Flow(
    states=(
        State("draft", "Draft", "todo", within=Within(workdays=5)),
        State("requested", "Requested", "learn", within=Within(workdays=5)),
        State("approved", "Approved", "learn"),
        State("active", "Active", "watch"),
        State("expired", "Expired", "done", final=True),
        State("closed", "Closed", "done", final=True),
        State("void", "Void", "miss", final=True),
    ),
    steps=(
        Step(
            name="request",
            label="Request",
            source=("draft",),
            target="requested",
            permission="deviation.edit",
            guards=(lacks_terms, unbounded, out_of_order),
        ),
        Step(
            name="agree_engineering",
            label="Agree for engineering",
            source=("requested",),
            target="requested",
            permission="deviation.agree",
            done=once("agree_engineering"),
            meaning="Deviation agreed, engineering",
            section="permit",
        ),
        Step(
            name="reject",
            label="Reject",
            source=("requested",),
            target="draft",
            permission="deviation.agree",
            meaning="Deviation rejected",
            section="permit",
            reason=True,
            back=True,
            effect=send_back,
        ),
        Step(
            name="approve",
            label="Approve for quality",
            source=("requested",),
            target="approved",
            permission="deviation.approve",
            guards=(lacks_engineering, lacks_customer, out_of_order),
            persons=(approved_by_originator, quality_is_engineering),
            meaning="Deviation approved",
            section="permit",
        ),
        Step(
            name="start",
            label="Put in force",
            source=("approved",),
            target="active",
            permission="deviation.edit",
            guards=(not_begun, approval_void, out_of_order),
        ),
        Step(
            name="expire",
            label="Expire",
            source=("active",),
            target="expired",
            permission="deviation.close",
            guards=(still_runs,),
        ),
        Step(
            name="extend",
            label="Approve the extension",
            source=("active",),
            target="active",
            permission="deviation.approve",
            guards=(nothing_asked, extended_before),
            persons=(approved_by_originator,),
            meaning="Extension approved",
            section="permit",
            reason=True,
            back=True,
            effect=take_extension,
        ),
        Step(
            name="close",
            label="Close before its end",
            source=("active",),
            target="closed",
            permission="deviation.close",
            reason=True,
            back=True,
        ),
        Step(
            name="void",
            label="Void",
            source=("draft", "requested", "approved"),
            target="void",
            permission="deviation.void",
            meaning="Voided",
            section="permit",
            reason=True,
            back=True,
        ),
    ),
)
