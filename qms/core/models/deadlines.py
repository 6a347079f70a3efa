"""What the clocks leave behind: how far a record was warned, and how often its time was extended."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.timezone import now

from qms.core.models.record import Record


class ClockMark(models.Model):
    """How far the clock has warned for this due date of a record; a new due date begins again."""

    record = models.OneToOneField(Record, models.CASCADE, primary_key=True, related_name="+")
    due = models.DateTimeField()
    level = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"record {self.pk}: level {self.level} for {self.due}"


class Extension(models.Model):
    """A due date moved, by whom and why; the count of these is shown with the record."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="extensions")
    state = models.CharField(max_length=32)
    old_due = models.DateTimeField(null=True)
    new_due = models.DateTimeField()
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=160)
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("at", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(old_due=None) | models.Q(new_due__gt=models.F("old_due")), name="extension_is_later"
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.old_due} to {self.new_due}"
