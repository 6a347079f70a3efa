"""The room's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capa.models.causes import Action, Cause
from capa.models.containment import Containment
from capa.models.corrective import Capa, TeamMember
from capa.models.deviation import Deviation, PermitUse
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
    "Deviation",
    "Disposition",
    "DocumentUpdate",
    "EscalationRule",
    "Nonconformity",
    "PermitUse",
    "ReadAcross",
    "TeamMember",
    "Verdict",
]

if TYPE_CHECKING:
    from capa.workflow.deviation import DeviationLike
    from capa.workflow.nonconformity import NonconformityLike
    from capa.workflow.record import CapaLike

    def _fit(ncr: Nonconformity, capa: Capa, permit: Deviation) -> tuple[NonconformityLike, CapaLike, DeviationLike]:
        """The types say that the records are what the guards read."""
        return ncr, capa, permit
