"""The CAPA: eight disciplines on one record, and its team."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from capa.models.containment import Containment
from capa.models.nonconformity import Nonconformity
from capa.models.signed import signers_of
from capa.workflow import CAPA_FLOW
from qms.core.addresses import address
from qms.core.flow import State, Within
from qms.core.models import Record, User

if TYPE_CHECKING:
    from capa.models.causes import Action, Cause
    from capa.models.effect import Criterion
    from capa.models.prevention import DocumentUpdate, ReadAcross

SCORE = [MinValueValidator(1), MaxValueValidator(5)]


class Nature(models.TextChoices):
    """Corrective: it happened. Preventive: it must not."""

    CORRECTIVE = "corrective", "Corrective"
    PREVENTIVE = "preventive", "Preventive"


class Source(models.TextChoices):
    """Where the CAPA comes from."""

    NONCONFORMITY = "nonconformity", "Nonconformity"
    SIGNAL = "signal", "Process signal"
    COMPLAINT = "complaint", "Complaint"
    AUDIT = "audit", "Audit"
    RISK = "risk", "Risk"
    TREND = "trend", "Trend"
    OTHER = "other", "Other"


class Emergency(models.TextChoices):
    """D0: whether something had to be done at once."""

    NOT_NEEDED = "not_needed", "Not needed"
    NEEDED = "needed", "Needed"


class Method(models.TextChoices):
    """How the cause was looked for."""

    FIVE_WHY = "five_why", "5-Why"
    ISHIKAWA = "ishikawa", "Ishikawa (6M)"
    FAULT_TREE = "fault_tree", "Fault tree"
    IS_IS_NOT = "is_is_not", "Is / is not"


class Capa(Record):
    """A corrective or preventive action, from the symptom to an effect that data show."""

    KIND: ClassVar[str] = "capa"
    PREFIX: ClassVar[str] = "CAPA"
    NOUN: ClassVar[str] = "capa"
    LABEL: ClassVar[str] = "CAPA"
    SEARCH: ClassVar[tuple[str, ...]] = ("symptom", "problem_text", "summary", "lessons", "source_detail")
    flow = CAPA_FLOW

    nature = models.CharField(max_length=12, choices=Nature, default=Nature.CORRECTIVE)
    source = models.CharField(max_length=14, choices=Source, blank=True)
    source_detail = models.CharField(max_length=200, blank=True)
    source_ncr = models.ForeignKey(
        Nonconformity, models.PROTECT, null=True, blank=True, related_name="capas", verbose_name="nonconformity"
    )
    characteristic = models.ForeignKey(
        "governance.Characteristic", models.PROTECT, null=True, blank=True, related_name="+"
    )
    customer_stamp = models.DateTimeField(
        "customer told at", null=True, blank=True, help_text="Starts the 24-hour clock."
    )
    symptom = models.TextField(blank=True)
    emergency = models.CharField("emergency response", max_length=10, choices=Emergency, blank=True)
    emergency_detail = models.TextField("what was done at once", blank=True)
    risk_severity = models.PositiveSmallIntegerField(null=True, blank=True, validators=SCORE)
    risk_occurrence = models.PositiveSmallIntegerField("likelihood", null=True, blank=True, validators=SCORE)
    triage_rationale = models.TextField("rationale", blank=True)
    champion = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    problem = models.JSONField(default=dict, blank=True, help_text="5W2H: question to answer.")
    comparison = models.JSONField(default=list, blank=True, help_text="Is and is not, by aspect.")
    cause_method = models.CharField("method", max_length=12, choices=Method, blank=True)
    change_risk = models.TextField("risk of the change", blank=True)
    plan_revision = models.PositiveSmallIntegerField(default=1, editable=False)
    implemented_at = models.DateTimeField("change took effect at", null=True, blank=True)
    return_count = models.PositiveSmallIntegerField(default=0, editable=False)
    ineffective_count = models.PositiveSmallIntegerField(default=0, editable=False)
    reopen_count = models.PositiveSmallIntegerField(default=0, editable=False)
    returned_at = models.DateTimeField(null=True, editable=False)
    summary = models.TextField(blank=True)
    lessons = models.TextField(blank=True)
    cost_and_benefit = models.TextField(blank=True)
    recognition = models.TextField("recognition of the team", blank=True)
    watch_months = models.PositiveSmallIntegerField(default=12)

    class Meta:
        verbose_name = "CAPA"
        verbose_name_plural = "CAPAs"

    def get_absolute_url(self) -> str:
        return address("capa:capa", self.pk)

    def clock(self, state: State) -> tuple[datetime, Within] | None:
        """A customer who was told waits 24 hours for the containment; a plan's window sets its own end."""
        if state.name == "containment" and self.customer_stamp is not None:
            return self.customer_stamp, Within(hours=24)
        if state.name == "effectiveness" and self.implemented_at is not None:
            days = max((row.window_days for row in self.criterion_rows()), default=90)
            return self.implemented_at, Within(days=days)
        return super().clock(state)

    @property
    def problem_text(self) -> str:
        """The answers of D2 as one text."""
        return " ".join(self.problem.values())

    @property
    def risk(self) -> int | None:
        """Severity times likelihood, 1 to 25."""
        if self.risk_severity is None or self.risk_occurrence is None:
            return None
        return self.risk_severity * self.risk_occurrence

    @property
    def has_nonconformity(self) -> bool:
        """Whether a nonconformity handles the pieces."""
        return self.source_ncr_id is not None

    def functions(self) -> frozenset[str]:
        """The functions of the team."""
        return frozenset(self.team.values_list("function", flat=True))

    def doers(self) -> frozenset[int]:
        """Who worked on it: owner, champion, team and owners of actions. The verifier is none of them."""
        people = {self.owner_id, self.champion_id, *self.team.values_list("person_id", flat=True)}
        people |= {row.owner_id for row in self.action_rows()}
        return frozenset(person for person in people if person is not None)

    def containment_rows(self) -> Sequence[Containment]:
        """D3 of the present round."""
        return [row for row in self.containments.all() if row.round == self.reopen_count]

    def cause_rows(self) -> Sequence[Cause]:
        """D4: the root causes chosen, in the order they were found; candidates ask for nothing."""
        return [row for row in self.causes.all() if row.root]

    def action_rows(self) -> Sequence[Action]:
        """D5 and D6 of the present plan."""
        plan = self.actions.filter(revision=self.plan_revision)
        return list(plan.select_related("cause", "owner", "agreed_owner"))

    def criterion_rows(self) -> Sequence[Criterion]:
        """How the present plan is judged."""
        return list(self.criteria.filter(revision=self.plan_revision).select_related("characteristic__parameter"))

    def document_rows(self) -> Sequence[DocumentUpdate]:
        """D7: documents."""
        return list(self.document_updates.all())

    def read_across_rows(self) -> Sequence[ReadAcross]:
        """D7: other places."""
        return list(self.read_across.all())

    def signers(self, step: str) -> frozenset[int]:
        """People whose signature of this step still holds."""
        return signers_of(self, step, self.returned_at)

    def content(self, section: str) -> Mapping[str, Any]:
        """What a signature covers, by section; rows of equal shape, so that the dialog can show them as tables."""
        parts: dict[str, Any] = {}
        for name, make in self._sections().items():
            if section in (name, "whole"):
                parts |= make()
        return {"title": self.title, **parts}

    def _sections(self) -> dict[str, Callable[[], dict[str, Any]]]:
        return {
            "triage": self._triage,
            "containment": self._containment,
            "plan": self._plan,
            "implementation": self._implementation,
            "prevention": self._prevention,
            "effectiveness": self._effectiveness,
            "closing": self._closing,
        }

    def _triage(self) -> dict[str, Any]:
        return {
            "nature": self.get_nature_display(),
            "symptom": self.symptom,
            "severity_1_to_5": self.risk_severity,
            "likelihood_1_to_5": self.risk_occurrence,
            "rationale": self.triage_rationale,
        }

    def _containment(self) -> dict[str, Any]:
        return {
            "problem": [{"question": question, "answer": text} for question, text in sorted(self.problem.items())],
            "comparison": self.comparison,
            "containment": [row.signed() for row in self.containment_rows()],
        }

    def _plan(self) -> dict[str, Any]:
        return {
            "revision_of_the_plan": self.plan_revision,
            "risk_of_the_change": self.change_risk,
            "actions": [row.planned() for row in self.action_rows()],
            "criteria": [row.terms() for row in self.criterion_rows()],
        }

    def _implementation(self) -> dict[str, Any]:
        return {
            "plan_carried_out": self.plan_revision,
            "change_took_effect": self.implemented_at,
            "done": [row.finished() for row in self.action_rows()],
        }

    def _prevention(self) -> dict[str, Any]:
        return {
            "documents": [row.answered() for row in self.document_rows()],
            "read_across": [row.answered() for row in self.read_across_rows()],
        }

    def _effectiveness(self) -> dict[str, Any]:
        return {"verdicts": [row.judged() for row in self.criterion_rows()]}

    def _closing(self) -> dict[str, Any]:
        return {
            "summary": self.summary,
            "lessons": self.lessons,
            "cost_and_benefit": self.cost_and_benefit,
            "recognition": self.recognition,
        }


class TeamMember(models.Model):
    """A person of the team and the function they stand for."""

    capa = models.ForeignKey(Capa, models.PROTECT, related_name="team")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    function = models.CharField(max_length=60, help_text="Quality, production, engineering, logistics, purchasing.")

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [models.UniqueConstraint(fields=("capa", "person"), name="team_member_once")]

    def __str__(self) -> str:
        return f"{self.person}, {self.function}"
