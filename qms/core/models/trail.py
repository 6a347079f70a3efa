"""The trail's table, made and guarded by the migration; the application can only read it."""

from __future__ import annotations

from django.db import models


class Trail(models.Model):
    """One changed row: who, when, why, and its new image."""

    act = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField()
    source = models.TextField()
    known = models.BooleanField()
    tbl = models.TextField()
    op = models.CharField(max_length=1)
    pk_value = models.BigIntegerField(db_column="pk")
    record = models.BigIntegerField(null=True)
    image = models.TextField()

    class Meta:
        managed = False
        db_table = "core_trail"

    def __str__(self) -> str:
        return f"{self.actor} {self.op} {self.tbl} {self.pk_value}"
