"""Endpoints of nonconformities and CAPAs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from capa import queries, services
from capa.filters import CapaFilter, NonconformityFilter
from capa.models import Capa, Nonconformity
from capa.serializers import (
    CapaChange,
    CapaIn,
    CapaOut,
    CostIn,
    CostOut,
    NonconformityChange,
    NonconformityIn,
    NonconformityOut,
    Nothing,
    ReasonIn,
    TeamIn,
    VerdictOut,
)
from iot import queries as floor
from qms.core.errors import Invalid
from qms.core.records import visible
from qms.core.rest import conditions
from qms.core.rest.records import RecordViewSet


class NonconformityViewSet(RecordViewSet[Nonconformity]):
    """Nonconformities."""

    model = Nonconformity
    filterset_class = NonconformityFilter
    queryset = Nonconformity.objects.none()
    gives: ClassVar[Any] = {"default": NonconformityOut, "costs": CostOut, "book_cost": CostOut}
    takes: ClassVar[Any] = {
        "create": NonconformityIn,
        "partial_update": NonconformityChange,
        "refuse_capa": ReasonIn,
        "book_cost": CostIn,
    }
    policy: ClassVar[Any] = {
        "refuse_capa": "nonconformity.close",
        "costs": "nonconformity.view",
        "book_cost": "nonconformity.edit",
    }
    lists: ClassVar[tuple[str, ...]] = (*RecordViewSet.lists, "costs")
    creates: ClassVar[tuple[str, ...]] = (*RecordViewSet.creates, "book_cost")

    def visible(self) -> QuerySet[Nonconformity]:
        """Those of the actor's sites."""
        opened = Capa.objects.filter(source_ncr=OuterRef("pk")).order_by("pk").values("pk")
        return super().visible().select_related("defect_code").annotate(capa_ids=ArraySubquery(opened))

    def open(self, data: dict[str, Any]) -> Nonconformity:
        """By hand, or from a signal."""
        signal = data.pop("signal", None)
        if signal is None:
            return services.open_nonconformity(by=self.actor, **self.coded(data, data["site"].pk))
        with self.reading():
            found = floor.signals_visible_to(self.actor).filter(pk=signal).first()
        if found is None:
            raise Http404(f"There is no signal {signal} that you may see.")
        data.pop("site", None)
        data = self.coded(data, found.site_id)
        return services.open_nonconformity_from_signal(found, by=self.actor, **data)

    def change(self, record: Nonconformity, data: dict[str, Any], *, version: int | None, reason: str) -> Nonconformity:
        """Fields of the record; the call for a CAPA follows."""
        data = self.coded(data, record.site_id)
        return services.save_nonconformity(record, by=self.actor, version=version, reason=reason, **data)

    def coded(self, data: dict[str, Any], site: int) -> dict[str, Any]:
        """The defect code a client wrote, as the row of the site; Invalid when it is none there."""
        if not (code := data.get("defect_code")):
            return data if "defect_code" not in data else {**data, "defect_code": None}
        with self.reading():
            row = queries.defect_code_at(site, code)
        if row is None:
            raise Invalid({"defect_code": [f"There is no defect code {code} in use at this site."]})
        return {**data, "defect_code": row}

    @extend_schema(summary="Record why no CAPA is needed")
    @action(detail=True, methods=["post"], url_path="refuse-capa")
    def refuse_capa(self, request: Request, pk: str) -> Response:
        """The rationale is mandatory."""
        record = self.found()
        version = conditions.version_seen(request, record, needed=False)
        changed = services.refuse_escalation(record, rationale=self.taken()["reason"], by=self.actor, version=version)
        return self.answer_record(changed)

    @extend_schema(summary="What it cost")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def costs(self, request: Request, pk: str) -> Response:
        """Line by line, in the currency each was booked in."""
        return self.answer_list(self.get_object().cost_lines.all())

    @extend_schema(summary="Book cost")
    @costs.mapping.post
    def book_cost(self, request: Request, pk: str) -> Response:
        """Scrap, rework hours, sorting, freight; negative when it was recovered."""
        return self.answer(services.add_cost(self.found(), by=self.actor, **self.taken()), status=201)


class CapaViewSet(RecordViewSet[Capa]):
    """CAPAs."""

    model = Capa
    filterset_class = CapaFilter
    queryset = Capa.objects.none()
    gives: ClassVar[Any] = {"default": CapaOut, "judge": VerdictOut}
    takes: ClassVar[Any] = {"create": CapaIn, "partial_update": CapaChange, "team": TeamIn, "judge": Nothing}
    policy: ClassVar[Any] = {"team": "capa.edit", "judge": "capa.judge"}
    lists: ClassVar[tuple[str, ...]] = (*RecordViewSet.lists, "judge")

    def visible(self) -> QuerySet[Capa]:
        """Those of the actor's sites."""
        return super().visible().select_related("champion").prefetch_related("team__person")

    def open(self, data: dict[str, Any]) -> Capa:
        """Empty, or from a nonconformity."""
        source = data.pop("nonconformity", None)
        if source is None:
            return services.open_capa(by=self.actor, **data)
        with self.reading():
            found = visible(Nonconformity, self.actor).filter(pk=source).first()
        if found is None:
            raise Http404(f"There is no nonconformity {source} that you may see.")
        data.pop("site", None)
        return services.open_capa(by=self.actor, source_ncr=found, **data)

    def change(self, record: Capa, data: dict[str, Any], *, version: int | None, reason: str) -> Capa:
        """Fields of any sections that are not settled yet, all in one act."""
        return services.save_sections(record, by=self.actor, version=version, reason=reason, **data)

    @extend_schema(summary="Set the team")
    @action(detail=True, methods=["post"])
    def team(self, request: Request, pk: str) -> Response:
        """The whole team at once; whoever is not named leaves it."""
        record = self.found()
        members = [(member["person"].pk, member["function"]) for member in self.taken()["members"]]
        version = conditions.version_seen(request, record, needed=False)
        return self.answer_record(services.set_team(record, members=members, by=self.actor, version=version))

    @extend_schema(summary="Compute the verdicts from the readings")
    @action(detail=True, methods=["post"], pagination_class=None, filterset_class=None)
    def judge(self, request: Request, pk: str) -> Response:
        """One verdict per criterion of the present plan, written and answered."""
        return self.answer_list(services.judge(self.found(), by=self.actor))
