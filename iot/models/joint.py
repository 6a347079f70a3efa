"""Vectors of characteristics judged together: what belongs to each point, what did not become whole, what waits."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from iot.models.charts import Subgroup


class VectorPoint(models.Model):
    """What a point of a multivariate chart has beside its values; written and removed with the point."""

    point = models.OneToOneField(Subgroup, on_delete=models.CASCADE, primary_key=True, related_name="vector")
    serial = models.CharField(max_length=80, blank=True, default="")
    smooth = ArrayField(models.FloatField(), default=list, help_text="Deviations as a MEWMA has smoothed them.")
    smoothed = models.PositiveIntegerField(default=0, help_text="Points in that average.")
    contributions = ArrayField(
        models.FloatField(), default=list, help_text="The part of T squared that vanishes without the variable."
    )
    deviations = ArrayField(models.FloatField(), default=list, help_text="Distance of each from its mean, in sigmas.")

    def __str__(self) -> str:
        return f"vector of point {self.point_id}"


class VectorGap(models.Model):
    """A vector that did not become whole: kept as missing with the reason, never filled up."""

    characteristic = models.ForeignKey(
        "governance.Characteristic", on_delete=models.CASCADE, related_name="vector_gaps"
    )
    first_t = models.DateTimeField(help_text="Measured time of its first reading.")
    until = models.DateTimeField(help_text="When it was given up, in measured time.")
    serial = models.CharField(max_length=80, blank=True, default="")
    have = ArrayField(models.BigIntegerField(), help_text="Characteristics whose reading was there.")
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ("-first_t",)
        indexes: ClassVar = [models.Index(fields=["characteristic", "-first_t"], name="vector_gap_by_time")]

    def __str__(self) -> str:
        return f"{self.characteristic_id}: {self.reason}"


class VectorNote(models.Model):
    """Readings of a member were stored and wait to be put together; written with them, removed when that is done."""

    characteristic = models.ForeignKey("governance.Characteristic", on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(help_text="Measured time of the earliest of them.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["characteristic"], name="vector_note_by_chart")]

    def __str__(self) -> str:
        return f"readings of {self.characteristic_id} since {self.since.isoformat()}"
