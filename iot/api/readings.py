"""Stored readings through the API, and the door for new ones."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from iot import queries, services
from iot.filters import ReadingFilter
from iot.ingest.intake import Message
from iot.models import Reading
from iot.paging import ReadingPages
from iot.queries.packed import Asked, asked_of
from iot.serializers import OutcomesOut, ReadingOut, ReadingsIn
from qms.core.rest.views import ApiViewSet


class ReadingViewSet(ApiViewSet[Reading]):
    """Stored readings; messages in wire format v1 are taken here as the broker would bring them."""

    policy: ClassVar[Any] = {"list": "reading.view", "create": "reading.add"}
    gives: ClassVar[Any] = {"default": ReadingOut, "create": OutcomesOut}
    takes: ClassVar[Any] = {"create": ReadingsIn}
    filterset_class = ReadingFilter
    pagination_class = ReadingPages
    queryset = Reading.objects.none()
    ordering = "-t"

    def get_queryset(self) -> QuerySet[Reading]:
        """Those of the actor's sites; without a parameter named, of the last hour."""
        return queries.readings_visible_to(self.actor, whole=self._named())

    def asked(self) -> Asked | None:
        """What is asked of closed days; nothing without a parameter, because the last hour lies in none."""
        if not self._named():
            return None
        told = ReadingFilter(self.request.query_params).form
        return asked_of(told.cleaned_data, actor=self.actor) if told.is_valid() else None

    def list(self, request: Request) -> Response:
        """Newest first. Name a `parameter` or `path` to see more than the last hour."""
        return self.answer_pages(self.get_queryset())

    def create(self, request: Request) -> Response:
        """Take one message; every reading in it ends in exactly one outcome."""
        data = self.taken()
        message = Message(data["topic"], json.dumps(data["message"]).encode(), timezone.now())
        return self.answer({"outcomes": services.take_readings([message], by=self.actor)}, status=201)

    def _named(self) -> bool:
        return bool({"parameter", "path"} & set(self.request.query_params))
