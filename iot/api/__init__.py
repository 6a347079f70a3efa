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
    ReadingViewSet,
    SignalViewSet,
)
from iot.api.joint import TogetherViewSet
from iot.api.nodes import GapViewSet, NodeViewSet
from iot.api.profiles import ProfileViewSet
from iot.api.runs import ProductionRunViewSet

API_ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [
    ("characteristics", CharacteristicViewSet, "characteristic"),
    ("multivariate-characteristics", TogetherViewSet, "multivariate-characteristic"),
    ("readings", ReadingViewSet, "reading"),
    ("signals", SignalViewSet, "signal"),
    ("devices", DeviceViewSet, "device"),
    ("edge-nodes", NodeViewSet, "edge-node"),
    ("device-profiles", ProfileViewSet, "device-profile"),
    ("gaps", GapViewSet, "gap"),
    ("control-limits", ControlLimitsViewSet, "control-limits"),
    ("quarantine", QuarantineViewSet, "quarantine"),
    ("corrections", CorrectionViewSet, "correction"),
    ("exclusions", ExclusionViewSet, "exclusion"),
    ("production-runs", ProductionRunViewSet, "production-run"),
    ("annotations", AnnotationViewSet, "annotation"),
]
