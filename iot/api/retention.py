"""Retention through the API: classes, what holds for a parameter, and what runs drop."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.models import Parameter
from iot import queries, services
from iot.filters import RetentionFilter
from iot.models import RetentionClass, RetentionRun
from iot.serializers.retention import (
    NextDropOut,
    RetentionChange,
    RetentionClassChange,
    RetentionClassIn,
    RetentionClassOut,
    RetentionOut,
    RetentionRunOut,
)
from qms.core.rest.conditions import etag_of
from qms.core.rest.views import ListViewSet, ReadViewSet

_READ = ("list", "retrieve")


class RetentionClassViewSet(ListViewSet[RetentionClass]):
    """How long readings and their roll-ups are kept."""

    policy: ClassVar[Any] = {
        **dict.fromkeys(_READ, "retention.view"),
        **dict.fromkeys(("create", "partial_update"), "retention.edit"),
    }
    gives: ClassVar[Any] = {"default": RetentionClassOut}
    takes: ClassVar[Any] = {"create": RetentionClassIn, "partial_update": RetentionClassChange}
    creates: ClassVar[tuple[str, ...]] = ("create",)
    tagged = True
    queryset = RetentionClass.objects.none()
    ordering = "id"
    orderings = ("name",)

    def visible(self) -> QuerySet[RetentionClass]:
        """All of them."""
        return queries.retention_classes(self.actor)

    def open(self, data: dict[str, Any]) -> RetentionClass:
        """Add one."""
        return services.add_retention_class(**data, by=self.actor)

    def change(self, thing: RetentionClass, data: dict[str, Any]) -> RetentionClass:
        """Change one."""
        return services.edit_retention_class(thing, by=self.actor, **data)


class RetentionViewSet(ListViewSet[Parameter]):
    """What is kept of each parameter."""

    policy: ClassVar[Any] = {**dict.fromkeys(_READ, "retention.view"), "partial_update": "retention.edit"}
    gives: ClassVar[Any] = {"default": RetentionOut}
    takes: ClassVar[Any] = {"partial_update": RetentionChange}
    http_method_names = ("get", "patch", "head")  # type: ignore[assignment]  # fewer methods than the base
    tagged = True
    filterset_class = RetentionFilter
    queryset = Parameter.objects.none()
    ordering = "id"
    orderings = ("path",)

    def visible(self) -> QuerySet[Parameter]:
        """Those of the actor's sites."""
        return queries.retention_of_parameters(self.actor)

    def etag(self, thing: Parameter) -> str:
        """It stands for what holds for the parameter, and since when its readings are kept."""
        known, mark = getattr(thing, "retention", None), getattr(thing, "retention_mark", None)
        chosen = (known.retention_class_id, known.hold, known.hold_reason) if known else ()
        return etag_of(thing, *chosen, mark and mark.raw)

    def change(self, thing: Parameter, data: dict[str, Any]) -> Parameter:
        """Give it a class, or hold everything of it."""
        services.set_retention(thing, by=self.actor, **data)
        return self.visible().get(pk=thing.pk)


class RetentionRunViewSet(ReadViewSet[RetentionRun]):
    """What nightly runs dropped."""

    policy: ClassVar[Any] = dict.fromkeys((*_READ, "next"), "retention.view")
    gives: ClassVar[Any] = {"default": RetentionRunOut, "next": NextDropOut}
    queryset = RetentionRun.objects.none()
    ordering = "-id"

    def visible(self) -> QuerySet[RetentionRun]:
        """All of them."""
        return queries.retention_runs(self.actor)

    @extend_schema(summary="What the next run would drop")
    @action(detail=False, methods=["get"])
    def next(self, request: Request) -> Response:
        """Of the single readings of your sites; nothing is dropped."""
        return self.answer(queries.next_run_json(queries.next_run(self.actor)))
