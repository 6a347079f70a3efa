"""The room's tables."""

from __future__ import annotations

from capa.models.causes import Action, Cause
from capa.models.containment import Containment
from capa.models.corrective import Capa, TeamMember
from capa.models.effect import Criterion, Verdict
from capa.models.nonconformity import CostLine, DefectCode, Disposition, EscalationRule, Nonconformity
from capa.models.prevention import DocumentUpdate, ReadAcross

__all__ = [
    "Action",
    "Capa",
    "Cause",
    "Containment",
    "CostLine",
    "Criterion",
    "DefectCode",
    "Disposition",
    "DocumentUpdate",
    "EscalationRule",
    "Nonconformity",
    "ReadAcross",
    "TeamMember",
    "Verdict",
]
