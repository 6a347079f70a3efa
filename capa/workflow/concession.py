"""The customer's word before a piece that is not as specified goes out: given, bounded, and not used up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from django.utils import timezone

from capa.workflow.rows import DispositionRow, counted, listed

NEEDS_CUSTOMER = ("repair", "use_as_is")
DEVIATION = "deviation"  # granted before the pieces were made; a concession is granted after
WARN_AT = 0.8


class Placed(Protocol):
    """Where the days of a permit begin and end."""

    @property
    def timezone(self) -> str: ...


class ConcessionLike(Protocol):
    """What the guards read of a nonconformity's concession or deviation permit."""

    @property
    def concession_required(self) -> bool: ...
    @property
    def concession_kind(self) -> str: ...
    @property
    def concession_number(self) -> str: ...
    @property
    def concession_by(self) -> str: ...
    @property
    def concession_on(self) -> date | None: ...
    @property
    def concession_quantity(self) -> int | None: ...
    @property
    def concession_until(self) -> date | None: ...
    @property
    def concession_lot(self) -> str: ...
    @property
    def lot(self) -> str: ...
    @property
    def occurred_at(self) -> datetime | None: ...
    @property
    def detected_at(self) -> datetime: ...
    @property
    def site(self) -> Placed: ...
    def concession_used(self, *, alone: bool = False) -> int: ...
    def disposition_rows(self) -> Sequence[DispositionRow]: ...
    def signers(self, step: str) -> frozenset[int]: ...


def asks_the_customer(ncr: ConcessionLike) -> bool:
    """Whether pieces are to go out that are not as specified and the contract asks for the customer's word."""
    return ncr.concession_required and any(row.kind in NEEDS_CUSTOMER for row in ncr.disposition_rows())


def not_asked(ncr: ConcessionLike) -> str | None:
    """The customer's word is recorded where it is asked for."""
    if asks_the_customer(ncr):
        return None
    return "No customer approval is needed: the contract asks for none, or nothing is repaired or used as is."


def lacks_concession(ncr: ConcessionLike) -> str | None:
    """Number, who gave it and when, and what it is bound to."""
    if not asks_the_customer(ncr):
        return None
    missing = [
        name
        for name, value in (
            ("its number", ncr.concession_number.strip()),
            ("who at the customer approved it", ncr.concession_by.strip()),
            ("the day it was approved", ncr.concession_on),
            (
                "what it is bound to: a quantity, a last day or a lot",
                ncr.concession_quantity is not None or ncr.concession_until is not None or ncr.concession_lot.strip(),
            ),
        )
        if not value
    ]
    word = "deviation permit" if ncr.concession_kind == DEVIATION else "concession"
    return f"The contract asks for a customer {word}: enter {listed(missing)}." if missing else None


def day_at(site: Placed, at: datetime) -> date:
    """The day it was on the floor: a permit's days are those of the site's calendar."""
    return at.astimezone(ZoneInfo(site.timezone)).date()


def concession_out_of_time(ncr: ConcessionLike) -> str | None:
    """A deviation is granted before the fact, a permit is not from the future, and it ends on its last day."""
    if not asks_the_customer(ncr) or ncr.concession_on is None:
        return None
    made, today = (day_at(ncr.site, at) for at in (ncr.occurred_at or ncr.detected_at, timezone.now()))
    if ncr.concession_on > today:
        return "The customer's approval is dated in the future: correct the day."
    if ncr.concession_kind == DEVIATION and ncr.concession_on > made:
        return (
            f"A deviation permit is granted before the pieces are made, this one was approved on"
            f" {ncr.concession_on:%Y-%m-%d}, after {made:%Y-%m-%d}: ask for a concession instead."
        )
    last = made if ncr.concession_kind == DEVIATION else today
    if ncr.concession_until is not None and ncr.concession_until < last:
        return f"The permit ended on {ncr.concession_until:%Y-%m-%d}: ask the customer for a new one."
    return None


def concession_exceeded(ncr: ConcessionLike) -> str | None:
    """The pieces fit into the quantity and the lot the customer agreed to, over every record under its number."""
    if not asks_the_customer(ncr):
        return None
    bound, lot = ncr.concession_lot.strip(), ncr.lot.strip()
    if bound and not lot:
        return f"The permit covers lot {bound} alone: enter the lot of these pieces."
    if bound and bound != lot:
        return f"The permit covers lot {ncr.concession_lot}, these pieces are of lot {ncr.lot}."
    if ncr.concession_quantity is None:
        return None
    over = ncr.concession_used(alone=True) - ncr.concession_quantity
    if over <= 0:
        return None
    return (
        f"{ncr.concession_number or 'The permit'} covers {counted(ncr.concession_quantity, 'piece')}; with these,"
        f" {over:,} more are used: ask the customer for more or dispose of them otherwise."
    )


def customer_silent(ncr: ConcessionLike) -> str | None:
    """Somebody signed that the customer's approval was seen."""
    if not asks_the_customer(ncr) or ncr.signers("record_customer_approval"):
        return None
    return "Record the customer's approval by signature before quality approves."


def nearly_used(ncr: ConcessionLike) -> str:
    """A warning from 80 % of the quantity on; empty below."""
    if not asks_the_customer(ncr) or not ncr.concession_quantity:
        return ""
    used = ncr.concession_used()
    if used < WARN_AT * ncr.concession_quantity:
        return ""
    return f"{used:,} of {ncr.concession_quantity:,} pieces of {ncr.concession_number} are used."
