"""Prevention: documents to update and other places the cause may sit, each answered."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from capa.models.causes import Action
from capa.models.corrective import Capa
from qms.core.models import User


class DocumentKind(models.TextChoices):
    """What may have to say something new."""

    FMEA = "fmea", "FMEA"
    CONTROL_PLAN = "control_plan", "Control plan"
    DOCUMENT = "document", "Work instructions"


class Changed(models.TextChoices):
    """Whether a document was updated."""

    YES = "yes", "Updated"
    NO = "no", "No change needed"


class DocumentUpdate(models.Model):
    """One document: updated with its reference, or a reason why not."""

    capa = models.ForeignKey(Capa, models.PROTECT, related_name="document_updates")
    kind = models.CharField(max_length=14, choices=DocumentKind)
    answer = models.CharField(max_length=3, choices=Changed, blank=True)
    reference = models.CharField(max_length=120, blank=True, help_text="Number, row and revision.")
    reason = models.CharField(max_length=300, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [models.UniqueConstraint(fields=("capa", "kind"), name="document_update_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_answer_display() or 'open'}"

    @property
    def subject(self) -> str:
        """Which document."""
        return self.kind

    @property
    def is_answered(self) -> bool:
        """Yes needs a reference, no needs a reason."""
        return bool((self.reference if self.answer == Changed.YES else self.reason).strip()) and bool(self.answer)

    def answered(self) -> dict[str, Any]:
        """What is signed of it."""
        return {
            "document": self.get_kind_display(),
            "answer": self.get_answer_display(),
            "reference": self.reference,
            "reason": self.reason,
        }


class Applies(models.TextChoices):
    """Whether the cause can sit there too."""

    YES = "applies", "Applies"
    NO = "not_applicable", "Does not apply"


class ReadAcross(models.Model):
    """Another part, line or site the cause may sit in, and the answer."""

    capa = models.ForeignKey(Capa, models.PROTECT, related_name="read_across")
    target = models.CharField("where else", max_length=160)
    question = models.CharField(max_length=300, blank=True)
    answer = models.CharField(max_length=14, choices=Applies, blank=True)
    reason = models.CharField("reason, and evidence if it applies", max_length=300, blank=True)
    action = models.ForeignKey(Action, models.PROTECT, null=True, blank=True, related_name="+")
    due = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "read-across"

    def __str__(self) -> str:
        return f"{self.target}: {self.get_answer_display() or 'open'}"

    @property
    def subject(self) -> str:
        """Where else."""
        return self.target

    @property
    def is_answered(self) -> bool:
        """An answer comes with its reason."""
        return bool(self.answer and self.reason.strip())

    def answered(self) -> dict[str, Any]:
        """What is signed of it."""
        return {"where_else": self.target, "answer": self.get_answer_display(), "reason": self.reason}
