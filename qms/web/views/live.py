"""The door of the live stream: who may listen to which topic."""

from __future__ import annotations

from functools import partial

from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils import timezone

from qms.core.actor import ANONYMOUS, actor_of
from qms.core.models import User
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
        still = partial(sync_to_async(_ask), request.session.session_key, self.actor.id, topics)
        response = StreamingHttpResponse(stream(topics, last or 0, still), content_type="text/event-stream")
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"
        return response


def _ask(session: str | None, person: int | None, topics: list[str]) -> bool:
    """The same question from the stream's own thread; a database that is away changes nothing."""
    try:
        return _may_still(session, person, topics)
    except (OperationalError, InterfaceError):
        return True
    finally:
        connections.close_all()  # the stream lives on when its request is over, and nobody else would give it back


def _may_still(session: str | None, person: int | None, topics: list[str]) -> bool:
    """Whether somebody is still signed in, let in, and may hear all of it."""
    user = User.objects.filter(pk=person or 0, is_active=True).first()
    signed_in = Session.objects.filter(session_key=session, expire_date__gt=timezone.now()).exists()
    actor = actor_of(user) if user and signed_in else ANONYMOUS
    return all(may_listen(topic, actor) for topic in topics)
