"""Causes with their evidence, and the actions against them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from capa.models.corrective import Capa
from qms.core.models import Attachment, FrozenEvidence, User


class CauseKind(models.TextChoices):
    """Why it happened, why it was not found, why the system let it."""

    OCCURRENCE = "occurrence", "Occurrence"
    ESCAPE = "escape", "Escape"
    SYSTEMIC = "systemic", "Systemic"


class Category(models.TextChoices):
    """The six bones of the fish."""

    MAN = "man", "People"
    MACHINE = "machine", "Machine"
    MATERIAL = "material", "Material"
    METHOD = "method", "Method"
    MEASUREMENT = "measurement", "Measurement"
    ENVIRONMENT = "environment", "Environment"


class Result(models.TextChoices):
    """What the verification of a cause found."""

    CONFIRMED = "confirmed", "Confirmed"
    REFUTED = "refuted", "Refuted"


class Cause(models.Model):
    """One cause: statement, how it was reasoned, what shows it, and whether that held."""

    capa = models.ForeignKey(Capa, models.PROTECT, related_name="causes")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="whys")
    root = models.BooleanField("chosen as root cause", default=True)
    kind = models.CharField(max_length=10, choices=CauseKind)
    category = models.CharField(max_length=12, choices=Category, blank=True)
    statement = models.CharField("cause", max_length=300)
    chain = models.JSONField(default=list, blank=True, help_text="The whys in order, each with its answer.")
    evidence = models.TextField(blank=True)
    frozen = models.ForeignKey(FrozenEvidence, models.PROTECT, null=True, blank=True, related_name="+")
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+")
    test = models.CharField("how it was verified", max_length=200, blank=True)
    result = models.CharField(max_length=10, choices=Result, blank=True)
    verified_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.statement}"

    @property
    def has_evidence(self) -> bool:
        """Whether something shows this cause: words, a frozen chart or a file."""
        return bool(self.evidence.strip() or self.frozen_id or self.attachment_id)


class ActionKind(models.TextChoices):
    """What an action changes."""

    CORRECTIVE = "corrective", "Corrective"
    PREVENTIVE = "preventive", "Preventive"
    CHANGE = "change", "Change order"
    DOCUMENT = "document", "Document revision"
    TRAINING = "training", "Training"


class ActionState(models.TextChoices):
    """Where an action stands."""

    OPEN = "open", "Open"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class Action(models.Model):
    """One action of a plan, tied to the cause it removes."""

    capa = models.ForeignKey(Capa, models.PROTECT, related_name="actions")
    revision = models.PositiveSmallIntegerField(default=1, help_text="Revision of the plan.")
    cause = models.ForeignKey(Cause, models.PROTECT, null=True, blank=True, related_name="actions")
    kind = models.CharField(max_length=12, choices=ActionKind, default=ActionKind.CORRECTIVE)
    text = models.CharField("action", max_length=300)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    due = models.DateTimeField(null=True, blank=True)
    expected_effect = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=ActionState, default=ActionState.OPEN)
    evidence = models.TextField(blank=True)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+")
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    agreed_owner = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    agreed_due = models.DateTimeField(null=True, editable=False)
    moved = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="How often it went to another person or day after the plan was released."
    )

    class Meta:
        ordering = ("id",)
        indexes: ClassVar = [models.Index("owner", "due", name="action_owner_open", condition=models.Q(state="open"))]

    def __str__(self) -> str:
        return self.text

    @property
    def has_evidence(self) -> bool:
        """Whether something shows that it was done."""
        return bool(self.evidence.strip() or self.attachment_id)

    @property
    def task_key(self) -> str:
        """The question to its present owner."""
        return f"action:{self.pk}:{self.moved}" if self.moved else f"action:{self.pk}"

    def planned(self) -> dict[str, Any]:
        """What is signed of it in the plan: its owner and its day as they were agreed."""
        return {
            "action": self.text,
            "against": str(self.cause or ""),
            "owner": str((self.agreed_owner if self.moved else self.owner) or ""),
            "due": self.agreed_due if self.moved else self.due,
            "expected_effect": self.expected_effect,
        }

    def finished(self) -> dict[str, Any]:
        """What is signed of it when it is done."""
        return {"action": self.text, "state": self.get_state_display(), "evidence": self.evidence, "done": self.done_at}
