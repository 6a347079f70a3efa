"""The parts that charts of short runs measure, by API: a line control system says what is made."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api import one_of
from governance.queries import characteristics_visible_to
from iot import queries, services
from iot.filters import RunFilter
from iot.models import ProductionRun
from iot.serializers import RunIn, RunOut, WhyIn
from qms.core.rest.views import ReadViewSet


class ProductionRunViewSet(ReadViewSet[ProductionRun]):
    """Parts in production at charts of short runs."""

    policy: ClassVar[Any] = {
        **dict.fromkeys(("list", "retrieve"), "characteristic.view"),
        **dict.fromkeys(("create", "remove"), "signal.annotate"),
    }
    gives: ClassVar[Any] = {"default": RunOut}
    takes: ClassVar[Any] = {"create": RunIn, "remove": WhyIn}
    filterset_class = RunFilter
    queryset = ProductionRun.objects.none()
    tagged = True
    orderings = ("begins_at",)

    def visible(self) -> QuerySet[ProductionRun]:
        """Those of the actor's sites."""
        return queries.runs_visible_to(self.actor)

    def create(self, request: Request) -> Response:
        """From `begins_at` on (default: now) the chart measures this part; points since then are judged again."""
        data = self.taken()
        with self.reading():
            row = one_of(characteristics_visible_to(self.actor), data.pop("characteristic"), "characteristic")
        return self.answer(services.begin_run(row, by=self.actor, **data), status=201)

    @extend_schema(summary="Take a run back", responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str) -> Response:
        """With the reason; points since count from the part before it again."""
        with self.reading():
            row = self.get_object()
        services.remove_run(row, reason=self.taken()["reason"], by=self.actor)
        return Response(status=204)
