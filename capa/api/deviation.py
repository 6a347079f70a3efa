"""Endpoints of deviation permits."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from capa import services
from capa.filters import DeviationFilter
from capa.models import Deviation
from capa.serializers import DeviationChange, DeviationIn, DeviationOut, ExtensionIn, UseIn, UseOut
from qms.core.rest import conditions
from qms.core.rest.records import RecordViewSet


class DeviationViewSet(RecordViewSet[Deviation]):
    """Deviation permits."""

    model = Deviation
    filterset_class = DeviationFilter
    queryset = Deviation.objects.none()
    gives: ClassVar[Any] = {"default": DeviationOut, "uses": UseOut, "book": UseOut}
    takes: ClassVar[Any] = {
        "create": DeviationIn,
        "partial_update": DeviationChange,
        "extension": ExtensionIn,
        "book": UseIn,
    }
    policy: ClassVar[Any] = {"extension": "deviation.edit", "uses": "deviation.view", "book": "deviation.use"}
    lists: ClassVar[tuple[str, ...]] = (*RecordViewSet.lists, "uses")
    creates: ClassVar[tuple[str, ...]] = (*RecordViewSet.creates, "book")

    def visible(self) -> QuerySet[Deviation]:
        """Those of the actor's sites."""
        return super().visible().select_related("part", "process", "characteristic")

    def open(self, data: dict[str, Any]) -> Deviation:
        """Ask for one."""
        return services.open_deviation(by=self.actor, **data)

    def change(self, record: Deviation, data: dict[str, Any], *, version: int | None, reason: str) -> Deviation:
        """Change the terms of a draft."""
        return services.save_deviation(record, by=self.actor, version=version, reason=reason, **data)

    @extend_schema(summary="Ask for an extension")
    @action(detail=True, methods=["post"])
    def extension(self, request: Request, pk: str) -> Response:
        """It holds once the step `extend` is signed; a second one needs a change request."""
        record = self.found()
        version = conditions.version_seen(request, record, needed=False)
        return self.answer_record(services.ask_extension(record, by=self.actor, version=version, **self.taken()))

    @extend_schema(summary="Pieces made under a permit")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def uses(self, request: Request, pk: str) -> Response:
        """What was booked, newest first."""
        return self.answer_list(self.get_object().use_rows())

    @extend_schema(summary="Book pieces made under a permit")
    @uses.mapping.post
    def book(self, request: Request, pk: str) -> Response:
        """409 when it does not run or does not cover them."""
        return self.answer(services.book_use(self.found(), by=self.actor, **self.taken()), status=201)
