"""The API of the floor."""

from __future__ import annotations

from rest_framework.viewsets import ViewSetMixin

from iot.api.floor import (
    AnnotationViewSet,
    CharacteristicViewSet,
    ControlLimitsViewSet,
    CorrectionViewSet,
    DeviceViewSet,
    ExclusionViewSet,
    QuarantineViewSet,
    SignalViewSet,
)
from iot.api.joint import TogetherViewSet
from iot.api.nodes import GapViewSet, NodeViewSet
from iot.api.profiles import ProfileViewSet
from iot.api.readings import ReadingViewSet
from iot.api.retention import RetentionClassViewSet, RetentionRunViewSet, RetentionViewSet
from iot.api.runs import ProductionRunViewSet
from iot.api.sources import SourceViewSet

API_ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [
    ("characteristics", CharacteristicViewSet, "characteristic"),
    ("multivariate-characteristics", TogetherViewSet, "multivariate-characteristic"),
    ("readings", ReadingViewSet, "reading"),
    ("signals", SignalViewSet, "signal"),
    ("devices", DeviceViewSet, "device"),
    ("sources", SourceViewSet, "source"),
    ("edge-nodes", NodeViewSet, "edge-node"),
    ("device-profiles", ProfileViewSet, "device-profile"),
    ("gaps", GapViewSet, "gap"),
    ("control-limits", ControlLimitsViewSet, "control-limits"),
    ("retention-classes", RetentionClassViewSet, "retention-class"),
    ("retention", RetentionViewSet, "retention"),
    ("retention-runs", RetentionRunViewSet, "retention-run"),
    ("quarantine", QuarantineViewSet, "quarantine"),
    ("corrections", CorrectionViewSet, "correction"),
    ("exclusions", ExclusionViewSet, "exclusion"),
    ("production-runs", ProductionRunViewSet, "production-run"),
    ("annotations", AnnotationViewSet, "annotation"),
]
