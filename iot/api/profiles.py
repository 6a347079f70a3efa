"""Device profiles through the API, with a door to try messages at."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from iot import queries, services
from iot.filters import ProfileFilter
from iot.models import DeviceProfile
from iot.serializers import OutcomesOut, ProfileChange, ProfileIn, ProfileOut, TrialOut, TriedIn
from qms.core.rest.views import ListViewSet


class ProfileViewSet(ListViewSet[DeviceProfile]):
    """How payloads of other makes are read."""

    policy: ClassVar[Any] = {
        **dict.fromkeys(("list", "retrieve", "try_out"), "profile.view"),
        **dict.fromkeys(("create", "partial_update"), "profile.edit"),
        "replay": "quarantine.replay",
    }
    gives: ClassVar[Any] = {"default": ProfileOut, "try_out": TrialOut, "replay": OutcomesOut}
    takes: ClassVar[Any] = {"create": ProfileIn, "partial_update": ProfileChange, "try_out": TriedIn}
    creates: ClassVar[tuple[str, ...]] = ("create",)
    tagged = True
    filterset_class = ProfileFilter
    queryset = DeviceProfile.objects.none()
    ordering = "id"
    orderings = ("name",)

    def visible(self) -> QuerySet[DeviceProfile]:
        """Those of the actor's sites."""
        return queries.profiles_visible_to(self.actor)

    def open(self, data: dict[str, Any]) -> DeviceProfile:
        """Add one."""
        return services.add_profile(**data, by=self.actor)

    def change(self, thing: DeviceProfile, data: dict[str, Any]) -> DeviceProfile:
        """Change one."""
        return services.edit_profile(thing, by=self.actor, **data)

    @extend_schema(summary="Try a message", description="What would be stored, or why not; nothing is stored.")
    @action(detail=False, methods=["post"], url_path="try")
    def try_out(self, request: Request) -> Response:
        """By the profiles and parameters of now."""
        data = self.taken()
        with self.reading():
            return self.answer(queries.try_out(data["topic"], data["payload"].encode(), actor=self.actor))

    @extend_schema(summary="Take again what waits on the topics of a profile", request=None)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """What is refused again is kept again."""
        with self.reading():
            row = self.get_object()
        return self.answer({"outcomes": services.replay_for(row, by=self.actor)})
