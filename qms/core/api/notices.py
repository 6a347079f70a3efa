"""What you were told, and links between records by their own address."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qms.core import notify
from qms.core.actor import ALL
from qms.core.filters import NoticeFilter
from qms.core.links import unlink
from qms.core.models import Link, Notice
from qms.core.rest.serializers import LinkOut
from qms.core.rest.views import ApiViewSet, ReadViewSet


class NoticeOut(serializers.ModelSerializer[Notice]):
    """One message to you."""

    class Meta:
        model = Notice
        fields = ("id", "kind", "title", "url", "record", "created_at", "read_at")


class ReadOut(serializers.Serializer[Any]):
    """How many notices were unread until now."""

    changed = serializers.IntegerField()


class NoticeViewSet(ReadViewSet[Notice]):
    """What you were told."""

    policy: ClassVar[Any] = {
        **dict.fromkeys(("list", "retrieve"), "notice.view"),
        **dict.fromkeys(("read", "read_all"), "notice.read"),
    }
    gives: ClassVar[Any] = {"default": NoticeOut, "read_all": ReadOut}
    filterset_class = NoticeFilter
    queryset = Notice.objects.none()
    tagged = True
    ordering = "-created_at"

    def visible(self) -> QuerySet[Notice]:
        """Your own."""
        return notify.notices(self.actor)

    @extend_schema(summary="Mark a notice as read", request=None)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        """One that was read stays as it is."""
        with self.reading():
            notice = self.get_object()
        notify.read(self.actor, notice.pk)
        with self.reading():
            return self.answer(self.get_object())

    @extend_schema(summary="Mark every notice as read", request=None)
    @action(detail=False, methods=["post"], url_path="read", pagination_class=None, filterset_class=None)
    def read_all(self, request: Request) -> Response:
        """All of yours."""
        return self.answer({"changed": notify.read(self.actor)})


class LinkViewSet(ApiViewSet[Link]):
    """Links between records, both of whose ends you may see; a record's own are at its `links`."""

    policy: ClassVar[Any] = {"retrieve": "record.view", "destroy": "record.link"}
    gives = LinkOut
    http_method_names = ("get", "delete", "head")  # type: ignore[assignment]  # fewer methods than the base
    queryset = Link.objects.none()

    def get_queryset(self) -> QuerySet[Link]:
        """Those whose two ends you may see."""
        sites = self.actor.sites("record.view")
        rows = Link.objects.select_related("source__site", "target__site")
        return rows if sites is ALL else rows.filter(source__site__in=sites, target__site__in=sites)

    def retrieve(self, request: Request, pk: str) -> Response:
        """What points at what, and how."""
        return self.answer(self.get_object())

    def destroy(self, request: Request, pk: str) -> Response:
        """Take a link away; the trail keeps it."""
        with self.reading():
            found = self.get_object()
        unlink(found, by=self.actor)
        return Response(status=204)
