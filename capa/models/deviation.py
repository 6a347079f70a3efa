"""The deviation permit: pieces that will not be as specified, agreed beforehand and within bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

from capa.models.nonconformity import Disposition
from capa.models.signed import signers_of
from capa.workflow.concession import NEEDS_CUSTOMER, WARN_AT
from capa.workflow.deviation import DEVIATION_FLOW, OVER
from capa.workflow.rows import counted
from qms.core.addresses import address
from qms.core.flow import State, Within
from qms.core.models import Record, User


class Deviation(Record):
    """What may be made otherwise than specified: instead of what, why, from when, and until which bound."""

    KIND: ClassVar[str] = "deviation"
    PREFIX: ClassVar[str] = "DEV"
    NOUN: ClassVar[str] = "deviation"
    LABEL: ClassVar[str] = "Deviation permit"
    SEARCH: ClassVar[tuple[str, ...]] = ("requirement", "instead", "justification", "lot", "part", "customer_number")
    flow = DEVIATION_FLOW

    part = models.ForeignKey("governance.Part", models.PROTECT, null=True, blank=True, related_name="+")
    process = models.ForeignKey("governance.Process", models.PROTECT, null=True, blank=True, related_name="+")
    characteristic = models.ForeignKey(
        "governance.Characteristic", models.PROTECT, null=True, blank=True, related_name="+"
    )
    requirement = models.TextField("what is required", blank=True)
    instead = models.TextField("what is allowed instead", blank=True)
    justification = models.TextField("why it is needed", blank=True)
    risk = models.TextField("risk, and how it is watched", blank=True)
    begins_on = models.DateField("first day", null=True, blank=True)
    ends_on = models.DateField("last day", null=True, blank=True)
    quantity = models.PositiveIntegerField(
        "at most so many pieces", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    lot = models.CharField("for the lot", max_length=80, blank=True)
    customer_required = models.BooleanField("contract asks for the customer's approval", default=False)
    customer_number = models.CharField("number of the customer's approval", max_length=60, blank=True)
    customer_by = models.CharField("approved by, at the customer", max_length=120, blank=True)
    customer_on = models.DateField("approved on", null=True, blank=True)
    wanted_until = models.DateField("new last day", null=True, blank=True)
    wanted_quantity = models.PositiveIntegerField("new number of pieces", null=True, blank=True)
    change_request = models.CharField("change request", max_length=60, blank=True)
    extended = models.PositiveSmallIntegerField(default=0, editable=False)
    returned_at = models.DateTimeField(null=True, editable=False)

    def get_absolute_url(self) -> str:
        return address("capa:deviation", self.pk)

    def clock(self, state: State) -> tuple[datetime, Within] | None:
        """In force, its last day is its clock."""
        if state.name != "active":
            return super().clock(state)
        end = self.ends_at()
        return None if end is None else (end, Within())

    def ends_at(self) -> datetime | None:
        """The end of its last day, by the clock of the plant."""
        if self.ends_on is None:
            return None
        return datetime.combine(self.ends_on + timedelta(days=1), time(), ZoneInfo(self.site.timezone))

    def used(self, *, alone: bool = False) -> int:
        """Pieces made under it: booked, and of nonconformities repaired or used as is.

        `alone` lets nobody else book under it until this transaction ends.
        """
        if alone:
            Record._base_manager.select_for_update(no_key=True).get(pk=self.pk)
        booked = self.uses.aggregate(n=models.Sum("quantity"))["n"] or 0
        rows = Disposition.objects.filter(
            nonconformity__permit=self.pk, withdrawn_at=None, kind__in=NEEDS_CUSTOMER
        ).exclude(nonconformity__state="void")
        return booked + (rows.aggregate(n=models.Sum("quantity"))["n"] or 0)

    def nearly_over(self) -> str:
        """A warning from 80 % of its time or of its pieces on; empty below, and when it does not run."""
        if self.state != "active":
            return ""
        if self.quantity and (used := self.used()) >= WARN_AT * self.quantity:
            return f"{used:,} of {counted(self.quantity, 'piece')} are used"
        if self.ends_on and self.begins_on:
            whole = (self.ends_on - self.begins_on).days + 1
            gone = (timezone.now().astimezone(ZoneInfo(self.site.timezone)).date() - self.begins_on).days
            if gone >= WARN_AT * whole:
                return f"its last day is {self.ends_on:%Y-%m-%d}"
        return ""

    def refusal_for(self, *, part: int | None, lot: str, made: date) -> str:
        """Why pieces are not covered by it; empty when they are. How many there are is asked apart."""
        if self.state not in ("active", *OVER):
            return f"{self.number} is {self.flow.state(self.state).label.lower()}: it covers no piece."
        if self.part_id is not None and part != self.part_id:
            return f"{self.number} is for {self.part}, these pieces are of another part or of none."
        if self.lot.strip() and self.lot.strip() != lot.strip():
            return f"{self.number} is for lot {self.lot}, these pieces are of lot {lot or 'none'}."
        last = self.ends_on or made
        if self.state in OVER and self.closed_at is not None:
            last = min(last, self.closed_at.astimezone(ZoneInfo(self.site.timezone)).date())
        if made < (self.begins_on or made) or made > last:
            return f"{self.number} was not in force on {made:%Y-%m-%d}, when the pieces were made."
        return ""

    def signers(self, step: str) -> frozenset[int]:
        """People whose signature of this step still holds."""
        return signers_of(self, step, self.returned_at)

    def use_rows(self) -> Sequence[PermitUse]:
        """What was booked under it, newest first."""
        return list(self.uses.select_related("by"))

    def content(self, section: str) -> Mapping[str, Any]:
        """What a signature covers: every term; what is asked for but not approved is not among them."""
        return {
            "title": self.title,
            "part": str(self.part or ""),
            "process": str(self.process or ""),
            "characteristic": str(self.characteristic or ""),
            "required": self.requirement,
            "instead": self.instead,
            "why": self.justification,
            "risk": self.risk,
            "first_day": self.begins_on,
            "last_day": self.ends_on,
            "at_most_pieces": self.quantity,
            "for_the_lot": self.lot,
            "customer_approval": self.customer_number if self.customer_required else "not asked for",
            "approved_by_the_customer": self.customer_by,
            "approved_on": self.customer_on,
        }


class PermitUse(models.Model):
    """Pieces that were made under a deviation permit."""

    deviation = models.ForeignKey(Deviation, models.PROTECT, related_name="uses")
    quantity = models.PositiveIntegerField("pieces", validators=[MinValueValidator(1)])
    lot = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(name="permit_use_of_something", condition=models.Q(quantity__gte=1))
        ]

    def __str__(self) -> str:
        return f"{self.quantity} pieces under permit {self.deviation_id}"
