"""The API of the shell: lists as somebody likes them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from qms.core.errors import Denied
from qms.core.models import SavedView
from qms.core.rest.routing import Route
from qms.core.rest.views import ReadViewSet
from qms.web.services import remove_view, save_view


class SavedViewOut(serializers.ModelSerializer[SavedView]):
    """A list's filter, sort and columns under a name."""

    mine = serializers.SerializerMethodField(help_text="Only one's own can be removed.")

    class Meta:
        model = SavedView
        fields = ("id", "page", "name", "query", "shared", "pinned", "mine")

    def get_mine(self, view: SavedView) -> bool:
        """Whether it is the caller's own."""
        return bool(view.user_id == self.context["view"].actor.id)


class SavedViewIn(serializers.Serializer[Any]):
    """A view; the same name again on the same page replaces it."""

    page = serializers.CharField(max_length=60, help_text="Key of the list, such as nonconformities.")
    name = serializers.CharField(max_length=60)
    query = serializers.CharField(max_length=2000, allow_blank=True, help_text="As in the address of the list.")
    shared = serializers.BooleanField(default=False)
    pinned = serializers.BooleanField(default=False)


class SavedViewViewSet(ReadViewSet[SavedView]):
    """Your views of lists, and those others share."""

    policy: ClassVar[Any] = {
        **dict.fromkeys(("list", "retrieve"), "savedview.view"),
        **dict.fromkeys(("create", "destroy"), "savedview.edit"),
    }
    gives = SavedViewOut
    takes: ClassVar[Any] = {"create": SavedViewIn}
    filterset_fields = ("page", "shared")
    queryset = SavedView.objects.none()
    tagged = True
    ordering = "id"

    def visible(self) -> QuerySet[SavedView]:
        """Your own, and the shared ones."""
        return SavedView.objects.filter(Q(user_id=self.actor.id) | Q(shared=True))

    def create(self, request: Request) -> Response:
        """Keep one."""
        return self.answer_tagged(save_view(**self.taken(), by=self.actor), status=201)

    def destroy(self, request: Request, pk: str) -> Response:
        """Remove one of your own."""
        with self.reading():
            view = self.get_object()
        if view.user_id != self.actor.id:
            raise Denied("This view belongs to somebody else, who shares it with you.")
        remove_view(view.pk, by=self.actor)
        return Response(status=204)


API_ROUTES: list[Route] = [("saved-views", SavedViewViewSet, "saved-view")]
