"""Endpoints of prevention (D7): documents updated or not, other places asked and answered."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from capa import services
from capa.api.rows import OfCapa, RowViewSet
from capa.models import DocumentUpdate, ReadAcross
from capa.serializers import (
    DocumentUpdateIn,
    DocumentUpdateOut,
    ReadAcrossAnswer,
    ReadAcrossIn,
    ReadAcrossOut,
)


class DocumentUpdateViewSet(RowViewSet):
    """Whether FMEA, control plan and instructions changed."""

    model = DocumentUpdate
    filterset_class = OfCapa
    queryset = DocumentUpdate.objects.none()
    http_method_names = ("get", "post", "head")  # type: ignore[assignment]  # fewer methods than the base
    gives = DocumentUpdateOut
    takes: ClassVar[Any] = {"create": DocumentUpdateIn}
    policy: ClassVar[Any] = {"list": "capa.view", "retrieve": "capa.view", "create": "capa.prevent"}

    def open(self, data: dict[str, Any]) -> DocumentUpdate:
        """Answer for one document, or answer again."""
        return services.answer_document(self.record_of(data.pop("capa")), by=self.actor, **data)


class ReadAcrossViewSet(RowViewSet):
    """Other parts, lines and sites the cause may sit in."""

    model = ReadAcross
    filterset_class = OfCapa
    queryset = ReadAcross.objects.none()
    http_method_names = ("get", "post", "head")  # type: ignore[assignment]  # fewer methods than the base
    gives = ReadAcrossOut
    takes: ClassVar[Any] = {"create": ReadAcrossIn, "answer_place": ReadAcrossAnswer}
    policy: ClassVar[Any] = {
        "list": "capa.view",
        "retrieve": "capa.view",
        "create": "capa.prevent",
        "answer_place": "capa.prevent",
    }

    def open(self, data: dict[str, Any]) -> ReadAcross:
        """Ask about one more place."""
        return services.ask_read_across(self.record_of(data.pop("capa")), by=self.actor, **data)

    @extend_schema(summary="Answer for a place")
    @action(detail=True, methods=["post"], url_path="answer")
    def answer_place(self, request: Request, pk: str) -> Response:
        """With the reason, and the evidence where it applies."""
        return self.answer(services.answer_read_across(self.row(), by=self.actor, **self.taken()))
