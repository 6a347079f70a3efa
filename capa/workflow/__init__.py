"""The flows of the room: what an auditor reads to know what may happen, when, and by whom."""

from __future__ import annotations

from capa.workflow.conditions import ASPECTS, CAUSE_KINDS, DOCUMENTS, QUESTIONS
from capa.workflow.corrective import CAPA_FLOW
from capa.workflow.deviation import DEVIATION_FLOW
from capa.workflow.nonconformity import NCR_FLOW, NEEDS_ENGINEERING, NEEDS_REINSPECTION, TO_CONTAIN_SAFETY
from capa.workflow.rows import PLACES

__all__ = [
    "ASPECTS",
    "CAPA_FLOW",
    "CAUSE_KINDS",
    "DEVIATION_FLOW",
    "DOCUMENTS",
    "NCR_FLOW",
    "NEEDS_ENGINEERING",
    "NEEDS_REINSPECTION",
    "PLACES",
    "QUESTIONS",
    "TO_CONTAIN_SAFETY",
]
