"""The inbox, long work, and finding things again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qms.core import inbox, jobs, search
from qms.core.filters import JobFilter
from qms.core.models import Job, Record, Task
from qms.core.rest.paging import page_size
from qms.core.rest.serializers import MomentField, PersonRef, RecordRef, SiteField
from qms.core.rest.views import ApiViewSet, ReadViewSet


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

    until = MomentField()
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


class JobOut(serializers.ModelSerializer[Job]):
    """Long work and how far it is."""

    site = SiteField(read_only=True, allow_null=True)
    user = PersonRef(allow_null=True)

    class Meta:
        model = Job
        fields = (
            "id", "kind", "title", "state", "stage", "share", "result", "error", "cancel", "site", "user",
            "created_at", "finished_at",
        )  # fmt: skip


class JobViewSet(ReadViewSet[Job]):
    """Long work you asked for, and that of sites where you may see all."""

    policy: ClassVar[Any] = {"list": "job.view", "retrieve": "job.view", "cancel": "job.cancel"}
    gives = JobOut
    filterset_class = JobFilter

    def visible(self) -> QuerySet[Job]:
        """What the kernel lets you see."""
        return jobs.visible_jobs(self.actor).select_related("site", "user")

    @extend_schema(summary="Stop a job")
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """At once when it waits, at its next step when it runs."""
        with self.reading():
            job = self.get_object()
        return self.answer(jobs.cancel(job.pk, by=self.actor))


class HitOut(serializers.Serializer[Any]):
    """A record that was found, and where its text says so."""

    record = RecordRef()
    excerpt = serializers.CharField()


QUERY = OpenApiParameter(
    "q", str, description="Words, or their beginnings; a number in full comes first.", required=True
)


class SearchViewSet(ApiViewSet[Record]):
    """All records of every kind that you may see."""

    policy: ClassVar[Any] = {"list": "record.view"}
    gives = HitOut
    pagination_class = None
    queryset = Record.objects.none()

    @extend_schema(parameters=[QUERY], summary="Find records by their words")
    def list(self, request: Request) -> Response:
        """The best first, at most 50."""
        found = search.find(request.query_params.get("q", ""), self.actor, min(page_size(request), 50))
        hits = [{"record": hit.record, "excerpt": "".join(piece.text for piece in hit.excerpt)} for hit in found]
        return self.answer_list(hits)
