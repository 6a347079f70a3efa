"""The account of each device through the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet

from iot import queries
from iot.filters import SourceFilter
from iot.models import Device
from iot.serializers import SourceOut
from qms.core.rest.views import ReadViewSet


class SourceViewSet(ReadViewSet[Device]):
    """What each device sent in the last 30 days and what became of it."""

    policy: ClassVar[Any] = dict.fromkeys(("list", "retrieve"), "device.view")
    gives: ClassVar[Any] = {"default": SourceOut}
    filterset_class = SourceFilter
    queryset = Device.objects.none()
    ordering = "id"

    def visible(self) -> QuerySet[Device]:
        """Those of the actor's sites."""
        return queries.sources_visible_to(self.actor)
