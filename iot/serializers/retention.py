"""How long readings are kept, as the API says it."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from governance.models import Parameter
from iot.models import RetentionClass, RetentionRun

_FIELDS = ("name", "raw_days", "minute_days", "ten_minute_days", "hour_days", "is_default")
_SUMS = ("days", "readings", "size", "held_back")


class RetentionClassOut(serializers.ModelSerializer[RetentionClass]):
    """How long readings and roll-ups are kept."""

    parameters = serializers.IntegerField(source="count", default=0, help_text="Parameters that have it as their own.")

    class Meta:
        model = RetentionClass
        fields = ("id", *_FIELDS, "parameters")
        read_only_fields = fields


class RetentionClassIn(serializers.ModelSerializer[RetentionClass]):
    """A new class."""

    class Meta:
        model = RetentionClass
        fields = _FIELDS
        validators: tuple[Any, ...] = ()  # the service says what is wrong
        extra_kwargs: ClassVar[dict[str, Any]] = {"name": {"validators": []}, "is_default": {"validators": []}}


class RetentionClassChange(serializers.ModelSerializer[RetentionClass]):
    """What may change on a class."""

    reason = serializers.CharField(required=False, default="", max_length=500, allow_blank=True)

    class Meta:
        model = RetentionClass
        fields = (*_FIELDS, "reason")
        validators: tuple[Any, ...] = ()
        extra_kwargs: ClassVar[dict[str, Any]] = {name: {"required": False} for name in _FIELDS} | {
            name: {"required": False, "validators": []} for name in ("name", "is_default")
        }


class RetentionOut(serializers.ModelSerializer[Parameter]):
    """What is kept of one parameter."""

    retention_class = serializers.IntegerField(source="retention.retention_class_id", default=None, allow_null=True)
    hold = serializers.BooleanField(source="retention.hold", default=False)
    hold_reason = serializers.CharField(source="retention.hold_reason", default="")
    kept_since = serializers.DateTimeField(
        source="retention_mark.raw", default=None, allow_null=True, help_text="Single readings before this are gone."
    )

    class Meta:
        model = Parameter
        fields = ("id", "path", "retention_class", "hold", "hold_reason", "kept_since")
        read_only_fields = fields


class RetentionChange(serializers.Serializer[Any]):
    """The class of a parameter, and whether everything of it is held."""

    retention_class = serializers.PrimaryKeyRelatedField(
        queryset=RetentionClass.objects.all(), required=False, allow_null=True, help_text="Id; null: the default class."
    )
    hold = serializers.BooleanField(required=False)
    hold_reason = serializers.CharField(required=False, max_length=300, allow_blank=True)


class RetentionRunOut(serializers.ModelSerializer[RetentionRun]):
    """What one run dropped."""

    class Meta:
        model = RetentionRun
        fields = ("id", "at", "parameters", *_SUMS, "rollups")
        read_only_fields = fields


class ExpectedOut(serializers.Serializer[Any]):
    """What the next run would drop of one parameter."""

    parameter = serializers.IntegerField()
    path = serializers.CharField()
    days = serializers.IntegerField()
    readings = serializers.IntegerField()
    size = serializers.IntegerField(help_text="Bytes, about.")
    held_back = serializers.IntegerField(help_text="Days that no roll-up holds whole yet.")


class NextDropOut(serializers.Serializer[Any]):
    """What the next run would drop of the sites you see."""

    days = serializers.IntegerField()
    readings = serializers.IntegerField()
    size = serializers.IntegerField(help_text="Bytes, about.")
    held_back = serializers.IntegerField()
    parameters = ExpectedOut(many=True)
    more = serializers.IntegerField(help_text="Parameters not named.")
