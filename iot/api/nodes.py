"""Edge nodes and missing readings through the API; both are kept by the ingest worker."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet

from iot import queries
from iot.filters import GapFilter, NodeFilter
from iot.models import EdgeNode, ReadingGap
from iot.serializers import GapOut, NodeOut
from qms.core.rest.views import ReadViewSet


class NodeViewSet(ReadViewSet[EdgeNode]):
    """Edge nodes that speak Sparkplug B, with the session they are in."""

    policy: ClassVar[Any] = dict.fromkeys(("list", "retrieve"), "device.view")
    gives: ClassVar[Any] = {"default": NodeOut}
    filterset_class = NodeFilter
    queryset = EdgeNode.objects.none()
    ordering = "id"

    def visible(self) -> QuerySet[EdgeNode]:
        """Those of the actor's sites."""
        return queries.nodes_visible_to(self.actor)


class GapViewSet(ReadViewSet[ReadingGap]):
    """Readings that were counted and never came, and moments without a value."""

    policy: ClassVar[Any] = dict.fromkeys(("list", "retrieve"), "reading.view")
    gives: ClassVar[Any] = {"default": GapOut}
    filterset_class = GapFilter
    queryset = ReadingGap.objects.none()
    ordering = "-id"

    def visible(self) -> QuerySet[ReadingGap]:
        """Those of the actor's sites."""
        return queries.gaps_visible_to(self.actor)
