"""The door of the live stream: who may listen to which topic."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse

from qms.web.live import stream
from qms.web.pages import Guarded
from qms.web.requests import whole_number
from qms.web.topics import may_listen

MOST = 60


class Live(Guarded):
    """`/live/?topic=record:12&topic=site:1`: server-sent events of topics the person may hear."""

    policy = "signed-in"

    async def get(self, request: HttpRequest) -> HttpResponseBase:
        """Open the stream, from Last-Event-ID (or `after`) on."""
        topics = [topic for value in request.GET.getlist("topic") for topic in value.split(",") if topic][:MOST]
        refused = [topic for topic in topics if not await sync_to_async(may_listen)(topic, self.actor)]
        if refused or not topics:
            text = f"You may not listen to: {', '.join(refused)}." if refused else "Name at least one topic."
            return JsonResponse({"detail": text}, status=403 if refused else 400)
        last = whole_number(request.headers.get("Last-Event-ID") or request.GET.get("after"))
        response = StreamingHttpResponse(stream(topics, last or 0, self.actor.id), content_type="text/event-stream")
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"
        return response
