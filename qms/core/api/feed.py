"""What happened, as CloudEvents, for systems that follow along."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from qms.core.feed import Happened, happened
from qms.core.models import Event
from qms.core.rest.paging import MOST, envelope, page_size
from qms.core.rest.views import ApiViewSet


class EventOut(serializers.Serializer[Any]):
    """A CloudEvent 1.0, as webhooks send it."""

    specversion = serializers.CharField()
    id = serializers.UUIDField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not the framework's
    type = serializers.CharField()
    subject = serializers.CharField(help_text="What it happened to, such as record:12.")
    time = serializers.DateTimeField()
    datacontenttype = serializers.CharField()
    actor = serializers.CharField()
    position = serializers.CharField(help_text="Ask `after` this one.")
    data = serializers.JSONField()  # type: ignore[assignment]  # a field of that name, not the framework's attribute


AFTER = OpenApiParameter("after", str, description="Position of the last event you have; left out: the last 30 days.")
LIMIT = OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST}, description="Events on a page.")


class EventViewSet(ApiViewSet[Event]):
    """The change feed of your sites, in order, for 30 days."""

    policy: ClassVar[Any] = {"list": "event.view"}
    gives = EventOut
    pagination_class = None
    queryset = Event.objects.none()

    @extend_schema(parameters=[AFTER, LIMIT], summary="What happened")
    def list(self, request: Request) -> Response:
        """Events after a position, oldest first; `next` is where to ask for what comes later, also when all is read."""
        after, size = request.query_params.get("after", ""), page_size(request)
        events = happened(self.actor, after=after, limit=size)
        last = events[-1].position if events else after
        here = request.build_absolute_uri()
        following = replace_query_param(here, "after", last) if last else here
        return Response(envelope(self.shown([cloud_event(event) for event in events], many=True), following))


def cloud_event(event: Happened) -> dict[str, Any]:
    """The envelope of webhooks and feed alike."""
    return {
        "specversion": "1.0",
        "id": event.uid,
        "source": "/plumbline",
        "type": f"plumbline.{event.type.removeprefix('qms.')}",
        "subject": event.key,
        "time": event.at,
        "datacontenttype": "application/json",
        "actor": event.actor,
        "position": event.position,
        "data": event.data,
    }
