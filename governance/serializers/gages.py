"""Shapes of gages, calibrations and what stands behind a characteristic; they never save."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.models import Calibration, CalibrationResult, Gage, GageKind, GageState, GageStatus
from governance.queries import Behind
from qms.core.rest.serializers import DayField, PersonField, PersonRef, SiteField


class GageOut(serializers.ModelSerializer[Gage]):
    """A gage with where its calibration stands today."""

    site = SiteField(read_only=True)
    owner = PersonRef(read_only=True, allow_null=True)
    state = serializers.ChoiceField(choices=GageState.choices, read_only=True)
    doubtful = serializers.BooleanField(read_only=True, help_text="Overdue or failed: what it reads is in doubt.")
    characteristics = serializers.SerializerMethodField(help_text="Ids of the characteristics it measures.")

    class Meta:
        model = Gage
        fields = (
            "id", "site", "code", "name", "kind", "serial", "station", "owner", "unit", "resolution", "range_low",
            "range_high", "interval_months", "interval_days", "warn_days", "study_months", "characteristics", "status",
            "status_reason", "state", "doubtful", "last_on", "last_result", "good_on", "next_due",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "integer"}})
    def get_characteristics(self, row: Gage) -> list[int]:
        """By code."""
        return [use.characteristic_id for use in row.uses.all()]


class GageChange(serializers.Serializer[Any]):
    """What may change on a gage."""

    code = serializers.CharField(max_length=40, required=False)
    name = serializers.CharField(max_length=160, required=False)
    kind = serializers.ChoiceField(choices=GageKind.choices, required=False)
    serial = serializers.CharField(max_length=60, required=False, allow_blank=True)
    station = serializers.IntegerField(required=False, allow_null=True, help_text="Id of the station.")
    owner = PersonField(required=False, allow_null=True, help_text="Who is asked before it is due.")
    unit = serializers.CharField(max_length=40, required=False, allow_blank=True)
    resolution = serializers.FloatField(required=False, allow_null=True)
    range_low = serializers.FloatField(required=False, allow_null=True)
    range_high = serializers.FloatField(required=False, allow_null=True)
    interval_months = serializers.IntegerField(required=False, min_value=0, max_value=240)
    interval_days = serializers.IntegerField(required=False, min_value=0, max_value=3660)
    warn_days = serializers.IntegerField(required=False, min_value=0, max_value=3660)
    study_months = serializers.IntegerField(required=False, min_value=1, max_value=240)
    characteristics = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="Ids; the list replaces the one before."
    )
    reason = serializers.CharField(required=False, default="", max_length=300, allow_blank=True)


class GageIn(GageChange):
    """A new gage."""

    site = SiteField()
    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=160)


class GageStatusIn(serializers.Serializer[Any]):
    """Block, retire, or use again, with the reason."""

    status = serializers.ChoiceField(choices=GageStatus.choices)
    reason = serializers.CharField(max_length=300)


class CalibrationOut(serializers.ModelSerializer[Calibration]):
    """One calibration."""

    has_file = serializers.SerializerMethodField(help_text="Whether the certificate is kept as a file.")

    class Meta:
        model = Calibration
        fields = (
            "id", "gage", "on", "result", "certificate", "lab", "done_by", "note", "has_file", "file_name",
            "entered_by", "entered_at", "withdrawn_at", "withdrawn_reason",
        )  # fmt: skip
        read_only_fields = fields

    def get_has_file(self, row: Calibration) -> bool:
        """The bytes come from its certificate's own address."""
        return row.blob_id is not None


class CalibrationIn(serializers.Serializer[Any]):
    """A calibration as its certificate says."""

    on = DayField()
    result = serializers.ChoiceField(choices=CalibrationResult.choices)
    certificate = serializers.CharField(required=False, default="", max_length=80, allow_blank=True)
    lab = serializers.CharField(required=False, default="", max_length=120, allow_blank=True)
    done_by = serializers.CharField(required=False, default="", max_length=120, allow_blank=True)
    note = serializers.CharField(required=False, default="", max_length=500, allow_blank=True)
    file = serializers.FileField(required=False, default=None, allow_null=True, help_text="The certificate.")


class TakeBackIn(serializers.Serializer[Any]):
    """Why a calibration does not count."""

    reason = serializers.CharField(max_length=300)


class StudyBehindOut(serializers.Serializer[Any]):
    """The newest study of a gage for a characteristic."""

    number = serializers.CharField()
    url = serializers.CharField()
    verdict = serializers.CharField(help_text="acceptable, conditional, unacceptable; empty while it runs.")
    words = serializers.CharField()
    on = serializers.DateTimeField(allow_null=True)
    running = serializers.BooleanField()


class DoubtOut(serializers.Serializer[Any]):
    """Readings that a gage in doubt took."""

    since = serializers.DateTimeField(allow_null=True, help_text="Null: every reading.")
    count = serializers.IntegerField()
    more = serializers.BooleanField(help_text="There are more than were counted.")
    url = serializers.CharField(help_text="The page that lists them.")


class BehindOut(serializers.Serializer[Any]):
    """A gage behind a characteristic, with its study and what to warn of."""

    gage = serializers.IntegerField(source="gage.pk")
    code = serializers.CharField(source="gage.code")
    name = serializers.CharField(source="gage.name")
    state = serializers.ChoiceField(choices=GageState.choices, source="gage.state")
    next_due = serializers.DateField(source="gage.next_due", allow_null=True)
    study = StudyBehindOut(allow_null=True)
    study_holds_until = serializers.DateField(source="holds_until", allow_null=True)
    doubt = DoubtOut(allow_null=True)
    warnings = serializers.SerializerMethodField()

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_warnings(self, one: Behind) -> list[str]:
        """Each in one sentence."""
        return list(one.warnings)
