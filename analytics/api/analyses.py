"""Endpoints of analyses."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.viewsets import ViewSetMixin

from analytics import queries, services, tables
from analytics.exporting import FORMATS
from analytics.filters import AnalysisFilter
from analytics.models import Analysis
from analytics.serializers import AnalysisChange, AnalysisIn, AnalysisOut, AnalysisRow
from analytics.tables import Table
from qms.core.errors import Invalid
from qms.core.rest.records import RecordViewSet
from spc.values import BadInput


class AnalysisViewSet(RecordViewSet[Analysis]):
    """Analyses: a study asked of data, kept with formula, assumptions and answer."""

    model = Analysis
    filterset_class = AnalysisFilter
    queryset = Analysis.objects.none()
    gives: ClassVar[Any] = {"default": AnalysisOut, "list": AnalysisRow}
    takes: ClassVar[Any] = {"create": AnalysisIn, "partial_update": AnalysisChange}
    policy: ClassVar[Any] = {"export": "analysis.view"}

    def visible(self) -> QuerySet[Analysis]:
        """Those of the actor's sites; a list without the data."""
        rows = super().visible()
        return rows.defer("data", "result", "drawing", "roles", "options") if self.action == "list" else rows

    def open(self, data: dict[str, Any]) -> Analysis:
        """Ask the study and keep the answer."""
        first, last = data.get("first"), data.get("last")
        rows = data.get("characteristics") or []
        table = self._table(data, rows)
        answer = services.analyse(
            table, study=data["study"], roles=data.get("roles") or {}, options=data.get("options") or {}
        )
        detail = ", ".join(row.code for row in rows)
        origin = services.Origin("characteristics", detail, first, last) if rows else services.Origin("api")
        return services.open_analysis(
            title=data["title"],
            question=data["question"],
            site=rows[0].site if rows else data["site"],
            table=table,
            answer=answer,
            origin=origin,
            save=data["save"],
            by=self.actor,
        )

    def _table(self, data: dict[str, Any], rows: list[Any]) -> Table:
        if rows and data.get("columns"):
            raise Invalid({"columns": ["Give columns or characteristics, not both."]})
        if rows:
            with self.reading():
                return queries.picked([row.pk for row in rows], data.get("first"), data.get("last"), actor=self.actor)
        try:
            return tables.of_columns(data.get("columns") or [])
        except BadInput as problem:
            raise Invalid({"columns": [str(problem)]}) from problem

    def change(self, record: Analysis, data: dict[str, Any], *, version: int | None, reason: str) -> Analysis:
        """Title, question and owner of a draft."""
        return services.reword_analysis(record, by=self.actor, version=version, reason=reason, **data)

    @extend_schema(
        summary="The analysis as a file",
        parameters=[OpenApiParameter("kind", str, enum=sorted(FORMATS), default="json")],
        responses={200: OpenApiTypes.BINARY},
    )
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def export(self, request: Request, pk: str) -> HttpResponse:
        """JSON, a workbook, a printed page, or the drawing as SVG or PNG, by `kind`."""
        record, kind = self.get_object(), request.query_params.get("kind", "json")
        if kind not in FORMATS:
            raise Invalid({"kind": [f"An analysis is exported as one of {', '.join(sorted(FORMATS))}."]})
        media, make = FORMATS[kind]
        headers = {"Content-Disposition": f'attachment; filename="{record.number}.{kind}"'}
        return HttpResponse(make(record), content_type=media, headers=headers)


API_ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [("spc/analyses", AnalysisViewSet, "analysis")]
