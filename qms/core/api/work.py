"""The inbox: what you are asked to do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qms.core import inbox
from qms.core.models import Task
from qms.core.rest.serializers import PersonRef, SiteField
from qms.core.rest.views import ReadViewSet


class TaskOut(serializers.ModelSerializer[Task]):
    """Something one person or role is asked to do."""

    site = SiteField(read_only=True)
    owner = PersonRef(allow_null=True)

    class Meta:
        model = Task
        fields = (
            "id", "kind", "title", "detail", "record", "site", "url", "owner", "role", "priority", "due",
            "created_at", "done_at", "done_by", "snoozed_until",
        )  # fmt: skip


class SnoozeIn(serializers.Serializer[Any]):
    """Until when a task stays out of sight, and why it can wait."""

    until = serializers.DateTimeField()
    reason = serializers.CharField(max_length=300)


class TaskViewSet(ReadViewSet[Task]):
    """Your open tasks: asked of you, or of a role you hold at the site."""

    policy: ClassVar[Any] = {
        "list": "task.view",
        "retrieve": "task.view",
        "finish": "task.finish",
        "snooze": "task.finish",
    }
    gives = TaskOut
    takes: ClassVar[Any] = {"snooze": SnoozeIn}
    ordering = "created_at"
    orderings = ("priority",)
    filterset_fields = ("kind", "record")

    def visible(self) -> QuerySet[Task]:
        """What is asked of you and not done."""
        return inbox.open_for(self.actor)

    def asked(self, pk: str) -> Task:
        """One of your tasks, also a snoozed one; 404 for everybody else's."""
        with self.reading():
            return get_object_or_404(inbox.open_for(self.actor) | inbox.open_for(self.actor, snoozed=True), pk=pk)

    @extend_schema(summary="Tick a task off")
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        """Say that you have done it."""
        return self.answer(inbox.finish(self.asked(pk).pk, by=self.actor))

    @extend_schema(summary="Put a task off")
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str) -> Response:
        """Take it out of sight until a time; its clock runs on."""
        data = self.taken()
        return self.answer(inbox.snooze(self.asked(pk).pk, until=data["until"], reason=data["reason"], by=self.actor))
