"""The sealed log: which row is which leaf, the tree above them, the signed checkpoints; only ever added to."""

from __future__ import annotations

from django.db import models


class TrailLeaf(models.Model):
    """One entry of the log: a row of the trail under its place and its hash."""

    idx = models.BigIntegerField(primary_key=True)
    trail = models.BigIntegerField(unique=True)
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"entry {self.idx}: trail row {self.trail}"


class TrailNode(models.Model):
    """The root of 256, 65,536, ... entries, so that a proof need not read them all."""

    level = models.PositiveSmallIntegerField()
    idx = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("level", "idx"), name="trail_node_once"),)

    def __str__(self) -> str:
        return f"node {self.idx} of level {self.level}"


class Checkpoint(models.Model):
    """A signed statement of the log's root; every trail row with an id up to `low` is among its entries."""

    number = models.BigIntegerField(primary_key=True)
    size = models.BigIntegerField(unique=True)
    root = models.BinaryField()
    peaks = models.BinaryField()
    low = models.BigIntegerField()
    at = models.DateTimeField()
    note = models.TextField()

    def __str__(self) -> str:
        return f"checkpoint {self.number}: {self.size} entries"
