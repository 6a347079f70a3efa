"""Edge nodes that speak Sparkplug B: the session of each, and what their births said."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse


class EdgeNode(models.Model):
    """An edge node as the host application sees it; the ingest worker keeps it."""

    class State(models.TextChoices):
        """Whether its values are those of now."""

        UNKNOWN = "unknown", "Not born"
        ONLINE = "online", "Online"
        OFFLINE = "offline", "Offline"

    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    group = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.UNKNOWN)
    bd_seq = models.SmallIntegerField(null=True, blank=True, help_text="Number of the session, from its birth.")
    seq = models.SmallIntegerField(null=True, blank=True, help_text="Sequence number of its newest message.")
    digest = models.BigIntegerField(default=0)
    doubtful = models.BooleanField(default=False, help_text="Messages were missed since the birth.")
    errors = models.PositiveIntegerField(default=0, help_text="Messages out of sequence.")
    rebirths = models.PositiveIntegerField(default=0, help_text="How often it was asked for its births.")
    born_at = models.DateTimeField(null=True, blank=True)
    died_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_before = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("group", "name")
        constraints: ClassVar = [models.UniqueConstraint(fields=["group", "name"], name="edge_node_once")]

    def __str__(self) -> str:
        return f"{self.group}/{self.name}"

    def get_absolute_url(self) -> str:
        return reverse("iot:node", args=[self.pk])


class NodeBirth(models.Model):
    """What a node (empty device) or one of its devices said at its last birth."""

    node = models.ForeignKey(EdgeNode, on_delete=models.CASCADE, related_name="births")
    device = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=10, choices=EdgeNode.State, default=EdgeNode.State.UNKNOWN)
    born_at = models.DateTimeField(null=True, blank=True)
    metrics = models.JSONField(default=dict, help_text="Name -> data type, unit, alias.")
    lot = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001 - null is no lot
    serial = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001 - null is no piece
    parameters = ArrayField(models.IntegerField(), default=list, blank=True, help_text="Those its metrics feed.")

    class Meta:
        ordering = ("node", "device")
        constraints: ClassVar = [models.UniqueConstraint(fields=["node", "device"], name="node_birth_once")]

    def __str__(self) -> str:
        return f"{self.node_id} {self.device}"
