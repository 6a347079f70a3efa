"""What waits to be done: events with their deliveries, jobs, and answers kept for repeated requests."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from qms.core.models.people import Site, User


class Event(models.Model):
    """Something that happened, never changed: the feed that handlers, webhooks and connectors read."""

    uid = models.UUIDField(unique=True)
    at = models.DateTimeField()
    type = models.CharField(max_length=80)
    record = models.BigIntegerField(null=True)
    key = models.CharField(max_length=80)
    act = models.CharField(max_length=40)
    actor = models.CharField(max_length=160)
    data = models.JSONField()

    def __str__(self) -> str:
        return f"{self.type} {self.key}"


class Delivery(models.Model):
    """One event for one handler; the oldest open one of a (handler, key) goes first."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    due = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    done = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes: ClassVar = [
            models.Index("handler", "key", "event", name="delivery_open", condition=models.Q(done=None)),
        ]

    def __str__(self) -> str:
        return f"{self.handler}: event {self.event_id}"


class Job(models.Model):
    """Long work as a row: progress, stage, cancel; the row is the queue."""

    STATES: ClassVar = [(x, x.title()) for x in ("waiting", "running", "done", "failed", "cancelled")]

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=160)
    key = models.CharField(max_length=120, unique=True)
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    stage = models.CharField(max_length=80, blank=True)
    share = models.FloatField(default=0)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    attempt = models.PositiveIntegerField(default=0)
    lease = models.DateTimeField()
    cancel = models.BooleanField(default=False)
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.title}: {self.state}"

    @property
    def owner_id(self) -> int | None:
        """Whoever asked for it."""
        return self.user_id


class JobPart(models.Model):
    """A part of a job's effect, noted in the commit that wrote it, so that nobody writes it again."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="parts")
    key = models.CharField(max_length=80)
    data = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [models.UniqueConstraint(fields=("job", "key"), name="job_part_once")]

    def __str__(self) -> str:
        return f"{self.key} of job {self.job_id}"


class IdempotencyKey(models.Model):
    """An answer kept, so that a repeated request gets it again instead of a second effect."""

    owner = models.CharField(max_length=80)
    key = models.CharField(max_length=120)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("owner", "key"), name="idempotency_once")]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.key}"


class Heartbeat(models.Model):
    """When a process or a clock was last at work."""

    name = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()
    data = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
