"""Multivariate characteristics by API: what is judged together, its variables at a point, what is missing."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.models import Characteristic
from governance.queries import characteristics_visible_to, together_visible_to
from governance.serializers import TogetherChange, TogetherIn, TogetherOut
from governance.services import Together, edit_together, judge_together
from iot import queries
from iot.filters import CharacteristicFilter
from iot.models import VectorGap
from qms.core.errors import Invalid
from qms.core.rest.views import ListViewSet
from qms.web.requests import whole_number

_DESIGN = ("pair", "wait", "alpha", "weight", "arl")
_MOST = 200


class VariableOut(serializers.Serializer[Any]):
    """One variable at a point, with its part in T²."""

    characteristic = serializers.IntegerField(source="row.pk")
    code = serializers.CharField(source="row.code")
    name = serializers.CharField(source="row.name")
    value = serializers.FloatField(allow_null=True)
    mean = serializers.FloatField(allow_null=True, help_text="Of the limits that judged the point.")
    sigma = serializers.FloatField(allow_null=True)
    deviation = serializers.FloatField(allow_null=True, help_text="From the mean, in sigmas; MEWMA: smoothed.")
    contribution = serializers.FloatField(allow_null=True, help_text="The part of T² that vanishes without it.")
    drives = serializers.BooleanField(help_text="Whether the signal names it.")


class VectorGapOut(serializers.ModelSerializer[VectorGap]):
    """A vector that did not become whole."""

    class Meta:
        model = VectorGap
        fields = ("id", "first_t", "until", "serial", "have", "reason")
        read_only_fields = fields


class TogetherViewSet(ListViewSet[Characteristic]):
    """Characteristics judged together as one vector; their charts are those of `characteristics`."""

    policy: ClassVar[Any] = {
        **dict.fromkeys(("list", "retrieve", "variables", "missing"), "characteristic.view"),
        **dict.fromkeys(("create", "partial_update"), "characteristic.edit"),
    }
    gives: ClassVar[Any] = {"default": TogetherOut, "variables": VariableOut, "missing": VectorGapOut}
    takes: ClassVar[Any] = {"create": TogetherIn, "partial_update": TogetherChange}
    lists: ClassVar[tuple[str, ...]] = ("list", "variables", "missing")
    tagged = True
    filterset_class = CharacteristicFilter
    queryset = Characteristic.objects.none()
    ordering = "id"
    orderings = ("code",)

    def visible(self) -> QuerySet[Characteristic]:
        """Those of the actor's sites."""
        return together_visible_to(self.actor)

    def open(self, data: dict[str, Any]) -> Characteristic:
        """Judge several together."""
        return judge_together(self._together(data), by=self.actor, **data)

    def change(self, thing: Characteristic, data: dict[str, Any]) -> Characteristic:
        """Change what is judged together."""
        same = data.get("chart", thing.chart) == thing.chart
        kept = {"chart": thing.chart, **(thing.design if same else {"members": thing.design["members"]})}
        return edit_together(thing, self._together(data, kept), by=self.actor, **data)

    def _together(self, data: dict[str, Any], kept: dict[str, Any] | None = None) -> Together:
        given = {**(kept or {}), **{name: data.pop(name) for name in ("members", "chart", *_DESIGN) if name in data}}
        wanted = given.pop("members")
        with self.reading():
            rows = characteristics_visible_to(self.actor).select_related("parameter", "station", "process", "site")
            found = rows.in_bulk(wanted)
        if lacking := [str(pk) for pk in wanted if pk not in found]:
            raise Invalid({"members": [f"There is no characteristic {', '.join(lacking)} that you may see."]})
        return Together([found[pk] for pk in wanted], **given)

    @extend_schema(
        summary="The variables at a point",
        parameters=[OpenApiParameter("n", OpenApiTypes.INT, description="Its number.")],
    )
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def variables(self, request: Request, pk: str) -> Response:
        """Value, deviation and contribution of each, at the newest point or at number `n`."""
        row, number = self.get_object(), whole_number(request.query_params.get("n"))
        points = row.points.select_related("vector", "limits").order_by("-n")
        point = points.filter(n=number).first() if number is not None else points.first()
        return self.answer_list(queries.variables_at(row, point))

    @extend_schema(summary="The newest vectors that did not become whole")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def missing(self, request: Request, pk: str) -> Response:
        """Which characteristics were there, and why the rest is missing; at most 200."""
        return self.answer_list(list(queries.gaps_visible(self.get_object(), actor=self.actor)[:_MOST]))
