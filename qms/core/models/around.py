"""What gathers around a record: tasks, links, comments, files, evidence, notices, saved views."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.timezone import now

from qms.core.models.people import Site, User
from qms.core.models.record import Record


class Task(models.Model):
    """Something one person or role is asked to do; all of a person's tasks are the inbox."""

    KINDS: ClassVar = [(x, x.title()) for x in ("signal", "signature", "task", "mention", "proposal")]

    key = models.CharField(max_length=120, unique=True, help_text="Asking twice under one key asks once.")
    kind = models.CharField(max_length=12, choices=KINDS, default="task")
    title = models.CharField(max_length=200)
    detail = models.CharField(max_length=300, blank=True)
    record = models.ForeignKey(Record, models.PROTECT, null=True, blank=True, related_name="tasks")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    url = models.CharField(max_length=300, blank=True)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="tasks")
    role = models.CharField(max_length=16, blank=True)
    priority = models.PositiveSmallIntegerField(default=2, help_text="1 first, 3 last.")
    due = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=160, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    warned = models.PositiveSmallIntegerField(default=0, help_text="How far the clock has warned and escalated.")

    class Meta:
        indexes: ClassVar = [
            models.Index("owner", "due", name="task_owner_open", condition=models.Q(done_at=None)),
            models.Index("site", "role", "due", name="task_role_open", condition=models.Q(done_at=None)),
        ]

    def __str__(self) -> str:
        return self.title


class Link(models.Model):
    """One record points at another, and says how."""

    source = models.ForeignKey(Record, models.PROTECT, related_name="links_out")
    target = models.ForeignKey(Record, models.PROTECT, related_name="links_in")
    relation = models.CharField(max_length=30, default="related")
    created_at = models.DateTimeField(default=now)
    created_by = models.CharField(max_length=160)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("source", "target", "relation"), name="link_once"),
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="link_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.relation} {self.target_id}"


class Comment(models.Model):
    """A remark with mentions; no part of what is signed."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="comments")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    text = models.TextField(max_length=10_000)
    mentions = models.ManyToManyField(User, related_name="+", blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:60]}"


class Watch(models.Model):
    """Somebody wants to be told what becomes of a record; no part of the record."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="watches")
    user = models.ForeignKey(User, models.PROTECT, related_name="watches")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("record", "user"), name="watch_once")]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.record_id}"


class Blob(models.Model):
    """The bytes of a file, once, under their SHA-256."""

    digest = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"{self.digest[:12]} ({self.size} bytes)"


class Attachment(models.Model):
    """A file of a record, under the name its bringer gave it."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="attachments")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    section = models.CharField(max_length=40, blank=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("uploaded_at", "id")

    def __str__(self) -> str:
        return self.name


class FrozenEvidence(models.Model):
    """Data as they stood when they were used for a decision: numbers, drawing and digest, never redrawn."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=30, default="control_chart")
    title = models.CharField(max_length=200)
    source_url = models.CharField(max_length=300, blank=True)
    data = models.JSONField()
    svg = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    frozen_at = models.DateTimeField(default=now)
    frozen_by = models.CharField(max_length=160)

    class Meta:
        ordering = ("frozen_at", "id")

    def __str__(self) -> str:
        return f"{self.title}, frozen {self.frozen_at:%Y-%m-%d %H:%M} UTC"


class Notice(models.Model):
    """One message to one person, on the page and by mail."""

    user = models.ForeignKey(User, models.PROTECT, related_name="notices")
    key = models.CharField(max_length=160, help_text="Never two messages for one event.")
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=300, blank=True)
    record = models.ForeignKey(Record, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints: ClassVar = [models.UniqueConstraint(fields=("user", "key"), name="notice_once")]

    def __str__(self) -> str:
        return self.title


class SavedView(models.Model):
    """A list as somebody likes it: filter, sort and columns under a name."""

    user = models.ForeignKey(User, models.PROTECT, related_name="saved_views")
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    page = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)
    shared = models.BooleanField(default=False)
    pinned = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "name")
        constraints: ClassVar = [models.UniqueConstraint(fields=("user", "page", "name"), name="view_once")]

    def __str__(self) -> str:
        return f"{self.page}: {self.name}"
