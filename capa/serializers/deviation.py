"""Shapes of deviation permits."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from capa.models import Deviation, PermitUse
from capa.serializers.records import OfSite
from governance.models import Characteristic, Part, Process
from qms.core.rest.serializers import DayField, PersonRef, RecordChange, RecordIn, RecordOut


class DeviationFields(serializers.Serializer[Any]):
    """The terms of a deviation."""

    part = OfSite(queryset=Part.objects.all(), required=False, allow_null=True)
    process = OfSite(queryset=Process.objects.all(), required=False, allow_null=True)
    characteristic = OfSite(queryset=Characteristic.objects.all(), required=False, allow_null=True)
    requirement = serializers.CharField(required=False, allow_blank=True)
    instead = serializers.CharField(required=False, allow_blank=True)
    justification = serializers.CharField(required=False, allow_blank=True)
    risk = serializers.CharField(required=False, allow_blank=True)
    begins_on = DayField(required=False, allow_null=True)
    ends_on = DayField(required=False, allow_null=True)
    quantity = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    lot = serializers.CharField(required=False, allow_blank=True, max_length=80)
    customer_required = serializers.BooleanField(required=False)
    customer_number = serializers.CharField(required=False, allow_blank=True, max_length=60)
    customer_by = serializers.CharField(required=False, allow_blank=True, max_length=120)
    customer_on = DayField(required=False, allow_null=True)


class DeviationIn(DeviationFields, RecordIn):
    """A deviation to ask for; only the title is needed for a draft."""


class DeviationChange(DeviationFields, RecordChange):
    """Terms of a draft to change."""


class DeviationOut(RecordOut):
    """A deviation permit."""

    class Meta(RecordOut.Meta):
        model = Deviation
        fields = (
            *RecordOut.Meta.fields, "part", "process", "characteristic", "requirement", "instead", "justification",
            "risk", "begins_on", "ends_on", "quantity", "lot", "customer_required", "customer_number", "customer_by",
            "customer_on", "wanted_until", "wanted_quantity", "change_request", "extended",
        )  # fmt: skip
        read_only_fields = fields


class ExtensionIn(serializers.Serializer[Any]):
    """Until when, or for how many, a permit is wanted."""

    until = DayField(required=False, allow_null=True, default=None)
    quantity = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1)
    change_request = serializers.CharField(required=False, default="", allow_blank=True, max_length=60)


class UseIn(serializers.Serializer[Any]):
    """Pieces made under a permit."""

    quantity = serializers.IntegerField(min_value=1)
    lot = serializers.CharField(required=False, default="", allow_blank=True, max_length=80)
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class UseOut(serializers.ModelSerializer[PermitUse]):
    """Pieces that were booked under a permit."""

    by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = PermitUse
        fields = ("id", "quantity", "lot", "note", "by", "at")
        read_only_fields = fields
