"""Containment: where suspect pieces are, how many were checked and found, and that the hold works."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from qms.core.models import Record, User


class Place(models.TextChoices):
    """Where suspect pieces can be."""

    STOCK = "stock", "Stock"
    WIP = "wip", "Work in progress"
    TRANSIT = "transit", "In transit"
    CUSTOMER = "customer", "At customer"


class Containment(models.Model):
    """One place that was searched, of a nonconformity or of a CAPA (D3)."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="containments")
    round = models.PositiveSmallIntegerField(default=0, help_text="Counts the reopenings of a CAPA.")
    place = models.CharField(max_length=10, choices=Place)
    location = models.CharField(max_length=120, blank=True, help_text="Area, lot or customer.")
    measure = models.CharField("what was done", max_length=300, help_text="Blocked, sorted, recalled, stopped.")
    quantity_checked = models.PositiveIntegerField("checked", null=True, blank=True)
    quantity_found = models.PositiveIntegerField("found", null=True, blank=True, validators=[MinValueValidator(0)])
    verified_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_how = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                name="containment_found_within_checked",
                condition=Q(quantity_found=None)
                | Q(quantity_checked=None)
                | Q(quantity_found__lte=F("quantity_checked")),
                violation_error_message="More pieces found than checked.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_place_display()}: {self.quantity_found} of {self.quantity_checked}"

    def signed(self) -> dict[str, Any]:
        """What is signed of it."""
        return {
            "place": self.get_place_display(),
            "where": self.location,
            "measure": self.measure,
            "checked": self.quantity_checked,
            "found": self.quantity_found,
        }
