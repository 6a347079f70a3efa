"""What the guards and effects read of a CAPA."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from capa.workflow.rows import ActionRow, AnswerRow, CauseRow, ContainmentRow, CriterionRow


class CapaLike(Protocol):
    """The columns and rows of a CAPA that decide what may happen to it."""

    title: str
    severity: str
    closed_at: datetime | None
    nature: str
    source: str
    symptom: str
    emergency: str
    emergency_detail: str
    risk_severity: int | None
    risk_occurrence: int | None
    triage_rationale: str
    champion_id: int | None
    owner_id: int | None
    originator_id: int | None
    problem: dict[str, str]
    comparison: list[dict[str, str]]
    cause_method: str
    change_risk: str
    summary: str
    lessons: str
    cost_and_benefit: str
    recognition: str
    watch_months: int
    plan_revision: int
    return_count: int
    ineffective_count: int
    reopen_count: int
    implemented_at: datetime | None
    returned_at: datetime | None

    @property
    def has_nonconformity(self) -> bool: ...
    def functions(self) -> frozenset[str]: ...
    def doers(self) -> frozenset[int]: ...
    def containment_rows(self) -> Sequence[ContainmentRow]: ...
    def cause_rows(self) -> Sequence[CauseRow]: ...
    def action_rows(self) -> Sequence[ActionRow]: ...
    def criterion_rows(self) -> Sequence[CriterionRow]: ...
    def document_rows(self) -> Sequence[AnswerRow]: ...
    def read_across_rows(self) -> Sequence[AnswerRow]: ...
    def signers(self, step: str) -> frozenset[int]: ...
