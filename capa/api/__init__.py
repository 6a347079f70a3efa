"""The room's endpoints: two records and their rows; every write calls one service."""

from __future__ import annotations

from rest_framework.viewsets import ViewSetMixin

from capa.api.catalogue import DefectCodeViewSet, EscalationViewSet
from capa.api.deviation import DeviationViewSet
from capa.api.prevention import DocumentUpdateViewSet, ReadAcrossViewSet
from capa.api.records import CapaViewSet, NonconformityViewSet
from capa.api.rows import (
    ActionViewSet,
    CauseViewSet,
    ContainmentViewSet,
    CriterionViewSet,
    DispositionViewSet,
    VerdictViewSet,
)

API_ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [
    ("nonconformities", NonconformityViewSet, "nonconformity"),
    ("capas", CapaViewSet, "capa"),
    ("deviations", DeviationViewSet, "deviation"),
    ("containments", ContainmentViewSet, "containment"),
    ("dispositions", DispositionViewSet, "disposition"),
    ("causes", CauseViewSet, "cause"),
    ("actions", ActionViewSet, "action"),
    ("criteria", CriterionViewSet, "criterion"),
    ("document-updates", DocumentUpdateViewSet, "document-update"),
    ("read-across", ReadAcrossViewSet, "read-across"),
    ("verdicts", VerdictViewSet, "verdict"),
    ("defect-codes", DefectCodeViewSet, "defect-code"),
    ("escalation-limits", EscalationViewSet, "escalation-limits"),
]
