"""The nonconformity, its dispositions, its cost and the defect codes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MinValueValidator, RegexValidator
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Trim
from django.utils import timezone

from capa.models.containment import Containment
from capa.models.signed import signers_of
from capa.workflow import NCR_FLOW, TO_CONTAIN_SAFETY
from capa.workflow.approval import covered
from capa.workflow.concession import NEEDS_CUSTOMER
from capa.workflow.rows import listed
from qms.core.addresses import address
from qms.core.flow import State, Within
from qms.core.models import Link, Record, Site, User

IN_VAIN = ("void", "rejected", "handled_as_ncr")  # ends of a CAPA that leave its nonconformity without one
ALONE = "select pg_advisory_xact_lock(%s, hashtext(upper(%s)))"


class DefectCode(models.Model):
    """What kind of defect it is; no site means every site."""

    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(
        max_length=20, validators=[RegexValidator(r"^[A-Z0-9-]+\Z", "Capital letters, digits and hyphens.")]
    )
    name = models.CharField(max_length=80)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("site", "code"), name="defect_code_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.name


class EscalationRule(models.Model):
    """From when on a nonconformity of a site calls for a CAPA."""

    site = models.OneToOneField(Site, models.PROTECT, related_name="+")
    repeats = models.PositiveSmallIntegerField(default=3, help_text="Same defect code and process, so often ...")
    days = models.PositiveSmallIntegerField(default=30, help_text="... in so many days.")
    cost = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(5000))
    currency = models.CharField(max_length=3, default="EUR")

    def __str__(self) -> str:
        return f"{self.repeats} in {self.days} days, or above {self.cost} {self.currency}"


class Found(models.TextChoices):
    """At which point of the process it was detected."""

    INCOMING = "incoming", "Incoming"
    IN_PROCESS = "in_process", "In process"
    FINAL = "final", "Final inspection"
    FIELD = "field", "Field"


class Permit(models.TextChoices):
    """When the customer agreed to pieces that are not as specified."""

    CONCESSION = "concession", "Concession (after the pieces were made)"
    DEVIATION = "deviation", "Deviation permit (before they were made)"


class Nonconformity(Record):
    """Something does not meet a requirement: what, where, how many, and what is done with the pieces."""

    KIND: ClassVar[str] = "ncr"
    PREFIX: ClassVar[str] = "NCR"
    NOUN: ClassVar[str] = "nonconformity"
    LABEL: ClassVar[str] = "Nonconformity"
    SEARCH: ClassVar[tuple[str, ...]] = (
        "description",
        "requirement",
        "actual",
        "lot",
        "serial",
        "part",
        "station",
        "defect_code",
    )
    flow = NCR_FLOW

    description = models.TextField(blank=True)
    found = models.CharField("found at", max_length=12, choices=Found, default=Found.IN_PROCESS)
    customer_found = models.BooleanField("found by the customer", default=False)
    occurred_at = models.DateTimeField(null=True, blank=True)
    detected_at = models.DateTimeField(default=timezone.now)
    process = models.ForeignKey("governance.Process", models.PROTECT, null=True, blank=True, related_name="+")
    station = models.ForeignKey("governance.Equipment", models.PROTECT, null=True, blank=True, related_name="+")
    part = models.ForeignKey("governance.Part", models.PROTECT, null=True, blank=True, related_name="+")
    characteristic = models.ForeignKey(
        "governance.Characteristic", models.PROTECT, null=True, blank=True, related_name="+"
    )
    lot = models.CharField(max_length=80, blank=True)
    serial = models.CharField(max_length=80, blank=True)
    quantity_inspected = models.PositiveIntegerField(null=True, blank=True)
    quantity_nonconforming = models.PositiveIntegerField(null=True, blank=True)
    defect_code = models.ForeignKey(DefectCode, models.PROTECT, null=True, blank=True, related_name="+")
    requirement = models.TextField(blank=True)
    actual = models.TextField(blank=True)
    concession_required = models.BooleanField("contract asks for the customer's approval", default=False)
    concession_kind = models.CharField("customer's approval", max_length=10, choices=Permit, default=Permit.CONCESSION)
    concession_number = models.CharField("number of the approval", max_length=60, blank=True)
    concession_by = models.CharField("approved by, at the customer", max_length=120, blank=True)
    concession_on = models.DateField("approved on", null=True, blank=True)
    concession_quantity = models.PositiveIntegerField("for at most so many pieces", null=True, blank=True)
    concession_until = models.DateField("last day", null=True, blank=True)
    concession_lot = models.CharField("for the lot", max_length=80, blank=True)
    permit = models.ForeignKey(
        "capa.Deviation", models.PROTECT, null=True, blank=True, related_name="nonconformities",
        verbose_name="made under the deviation permit",
    )  # fmt: skip
    signal = models.OneToOneField(
        "iot.Signal", models.PROTECT, null=True, blank=True, editable=False, related_name="nonconformity"
    )
    escalation = models.JSONField(default=list, blank=True, editable=False, help_text="Why this calls for a CAPA.")
    escalation_refusal = models.TextField("why no CAPA is needed", blank=True)
    returned_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name_plural = "nonconformities"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="ncr_occurred_before_detected",
                condition=Q(occurred_at=None) | Q(occurred_at__lte=F("detected_at")),
                violation_error_message="It occurred after it was detected: correct one of the two times.",
            ),
        ]
        indexes: ClassVar = [models.Index("defect_code", "process", F("detected_at").desc(), name="ncr_repeats")]

    def get_absolute_url(self) -> str:
        return address("capa:nonconformity", self.pk)

    def clock(self, state: State) -> tuple[datetime, Within] | None:
        """A safety matter is contained within four hours."""
        if state.name == "reported" and self.severity == "safety":
            return self.opened_at, TO_CONTAIN_SAFETY
        return super().clock(state)

    @property
    def has_corrective_action(self) -> bool:
        """Whether a CAPA that is not void or rejected deals with this."""
        return self.corrective_actions().exclude(state__in=IN_VAIN).exists()

    def corrective_actions(self) -> models.QuerySet[Any]:
        """The CAPAs opened from this, and those opened from another and linked as its corrective action."""
        linked = Link.objects.filter(source_id=self.pk, relation="corrective action").values_list("target_id")
        opened = self.capas.order_by().values_list("pk")
        # a union, because no index helps a condition that is met in one of two tables
        return self.capas.model._base_manager.filter(pk__in=opened.union(linked))

    def containment_rows(self) -> Sequence[Containment]:
        """The places that were searched."""
        return list(self.containments.all())

    def disposition_rows(self) -> Sequence[Disposition]:
        """What is done with the pieces; a withdrawn row no longer counts."""
        return [row for row in self.dispositions.all() if row.withdrawn_at is None]

    def signers(self, step: str) -> frozenset[int]:
        """People whose signature of this step still holds."""
        return signers_of(self, step, self.returned_at)

    def contained_by(self) -> frozenset[int]:
        """People whose signature of the containment still holds; a return to evaluation does not end it."""
        return signers_of(self, "contain", None) | signers_of(self, "confirm_containment", None)

    def words_for(self, names: Collection[str]) -> str:
        """What a person calls these fields, in their order."""
        return listed([str(field.verbose_name) for field in self._meta.concrete_fields if field.name in names])

    def under_signature(self) -> frozenset[str]:
        """Names of the fields that lie below a signature that still holds."""
        return covered(self.signatures.filter(void=None).values_list("section", flat=True))

    def concession_used(self, *, alone: bool = False) -> int:
        """Pieces repaired or used as is under the number of this approval, over all records of the site.

        `alone` lets nobody else of the site decide under this number until this transaction ends. Numbers that differ
        in capitals or spaces around them are one.
        """
        rows = Disposition.objects.filter(withdrawn_at=None, kind__in=NEEDS_CUSTOMER)
        if number := self.concession_number.strip():
            if alone:
                with connection.cursor() as cursor:
                    cursor.execute(ALONE, [self.site_id, number])
            folded = Nonconformity.objects.annotate(folded=Trim("concession_number"))
            same = folded.filter(site_id=self.site_id, folded__iexact=number).exclude(state="void")
            rows = rows.filter(Q(nonconformity__in=same.values("pk")) | Q(nonconformity_id=self.pk))
        else:
            rows = rows.filter(nonconformity_id=self.pk)
        return rows.aggregate(n=models.Sum("quantity"))["n"] or 0

    def _concession(self) -> dict[str, Any]:
        """What is signed of the customer's approval; nothing where none is asked for."""
        if not self.concession_required:
            return {"concession": self.concession_number}
        return {
            "concession": self.concession_number,
            "kind_of_approval": self.get_concession_kind_display(),
            "approved_by_the_customer": self.concession_by,
            "approved_on": self.concession_on,
            "at_most_pieces": self.concession_quantity,
            "last_day": self.concession_until,
            "for_the_lot": self.concession_lot,
        }

    def content(self, section: str) -> Mapping[str, Any]:
        """What a signature covers, by section; rows of equal shape, so that the dialog can show them as tables."""
        found: dict[str, Any] = {
            "nonconforming_pieces": self.quantity_nonconforming,
            "lot": self.lot,
            "serial": self.serial,
        }
        if section != "containment":  # what is held is signed before requirement and finding are written down
            found = {"title": self.title, "requirement": self.requirement, "found": self.actual, **found}
        if section in ("containment", "whole"):
            found["containment"] = [row.signed() for row in self.containment_rows()]
        if section in ("disposition", "whole"):
            found |= self._concession()
            if self.permit is not None:  # absent where there is none, so that earlier signatures hold
                found["deviation_permit"] = self.permit.number
            found["dispositions"] = [row.proposed() for row in self.disposition_rows()]
        if section in ("verification", "whole"):
            found["done"] = [row.carried_out() for row in self.disposition_rows()]
        return found


class Decision(models.TextChoices):
    """What can be done with nonconforming pieces."""

    REWORK = "rework", "Rework"
    REPAIR = "repair", "Repair"
    SCRAP = "scrap", "Scrap"
    RETURN = "return_to_supplier", "Return to supplier"
    USE_AS_IS = "use_as_is", "Use as is"
    REGRADE = "regrade", "Regrade"
    SORT = "sort", "Sort"


class Reinspection(models.TextChoices):
    """What the inspection after the work found."""

    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class Disposition(models.Model):
    """What happens to a number of the nonconforming pieces, who did it and who looked again."""

    nonconformity = models.ForeignKey(Nonconformity, models.PROTECT, related_name="dispositions")
    kind = models.CharField(max_length=20, choices=Decision)
    quantity = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    instruction = models.CharField(max_length=300, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    reinspection = models.CharField(max_length=10, choices=Reinspection, blank=True)
    reinspected_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reinspected_at = models.DateTimeField(null=True, blank=True)
    reinspection_note = models.CharField(max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [models.CheckConstraint(name="disposition_of_something", condition=Q(quantity__gte=1))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.quantity}"

    def proposed(self) -> dict[str, Any]:
        """What is signed when it is approved."""
        return {"disposition": self.get_kind_display(), "pieces": self.quantity, "instruction": self.instruction}

    def carried_out(self) -> dict[str, Any]:
        """What is signed when it is verified."""
        return {
            "disposition": self.get_kind_display(),
            "pieces": self.quantity,
            "done_by": str(self.done_by or ""),
            "inspection": self.get_reinspection_display(),
            "inspected_by": str(self.reinspected_by or ""),
        }


class CostCategory(models.TextChoices):
    """Prevention, appraisal and failure: the classes of quality cost."""

    PREVENTION = "prevention", "Prevention"
    APPRAISAL = "appraisal", "Appraisal"
    INTERNAL = "internal_failure", "Internal failure"
    EXTERNAL = "external_failure", "External failure"


class CostLine(models.Model):
    """Money one record cost, or brought back."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="cost_lines")
    category = models.CharField(max_length=20, choices=CostCategory, default=CostCategory.INTERNAL)
    what = models.CharField(max_length=120, help_text="Scrap, rework hours, sorting, freight, credit.")
    amount = models.DecimalField(max_digits=12, decimal_places=2, help_text="Negative when it was recovered.")
    currency = models.CharField(
        max_length=3, default="EUR", validators=[RegexValidator(r"^[A-Z]{3}\Z", "Three letters, such as EUR.")]
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.what}: {self.amount if self.amount is not None else Decimal(0)} {self.currency}"


class CostTotal(models.Model):
    """What a record cost in one currency, kept by the database from its lines, so that lists sort and sum by it."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="cost_totals")
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["record", "currency"], name="cost_total_once")]
        indexes: ClassVar = [models.Index("currency", "amount", "record", name="cost_total_order")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} for record {self.record_id}"
