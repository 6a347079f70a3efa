"""The room's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capa.models.causes import Action, Cause
from capa.models.containment import Containment
from capa.models.corrective import Capa, TeamMember
from capa.models.effect import Criterion, Verdict
from capa.models.nonconformity import (
    IN_VAIN,
    CostLine,
    CostTotal,
    DefectCode,
    Disposition,
    EscalationRule,
    Nonconformity,
)
from capa.models.prevention import DocumentUpdate, ReadAcross

__all__ = [
    "IN_VAIN",
    "Action",
    "Capa",
    "Cause",
    "Containment",
    "CostLine",
    "CostTotal",
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

if TYPE_CHECKING:
    from capa.workflow.nonconformity import NonconformityLike
    from capa.workflow.record import CapaLike

    def _fit(ncr: Nonconformity, capa: Capa) -> tuple[NonconformityLike, CapaLike]:
        """The types say that the records are what the guards read."""
        return ncr, capa
