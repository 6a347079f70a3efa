"""Shapes of the floor in the API; they never save."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from iot.models import (
    Annotation,
    ControlLimits,
    Correction,
    Device,
    DeviceProfile,
    EdgeNode,
    Exclusion,
    ProductionRun,
    Quarantine,
    Reading,
    ReadingGap,
    Signal,
)
from qms.core.rest.serializers import MomentField, RecordOut, SiteField


class ReadingOut(serializers.ModelSerializer[Reading]):
    """One stored reading, in the canonical unit of its parameter."""

    path = serializers.CharField(source="parameter.path", read_only=True)
    unit = serializers.CharField(source="parameter.unit", read_only=True)

    class Meta:
        model = Reading
        fields = ("parameter", "path", "t", "seq", "value", "unit", "received", "flags", "lot", "serial")
        read_only_fields = fields


class ReadingsIn(serializers.Serializer[Any]):
    """One message as a device would publish it."""

    topic = serializers.CharField(max_length=400, help_text="<enterprise>/<site>/<area>/<line>/<station>[/<parameter>]")
    message = serializers.JSONField(help_text="Wire format v1: one reading, or an object with `readings`.")


class OutcomesOut(serializers.Serializer[Any]):
    """How many readings ended how."""

    outcomes = serializers.DictField(child=serializers.IntegerField(), help_text="stored, duplicate, or the reason.")


class SignalOut(serializers.ModelSerializer[Signal]):
    """One event on a chart."""

    site = SiteField(read_only=True)
    code = serializers.CharField(source="characteristic.code", read_only=True)
    unit = serializers.CharField(source="characteristic.parameter.unit", read_only=True)

    class Meta:
        model = Signal
        fields = (
            "id", "site", "characteristic", "code", "rule", "rules", "words", "first_at", "last_at", "first_point",
            "last_point", "points", "value", "center", "sigma", "distance", "unit", "limits", "retrospective",
            "raised_at", "state",
            "cause", "note", "decided_at", "record",
        )  # fmt: skip
        read_only_fields = fields


class AcknowledgeIn(serializers.Serializer[Any]):
    """The assignable cause."""

    cause = serializers.CharField(max_length=120)
    note = serializers.CharField(required=False, default="", allow_blank=True)


class DeviceOut(serializers.ModelSerializer[Device]):
    """A device with what was last seen of it."""

    site = SiteField(read_only=True)
    username = serializers.CharField(source="user_name", read_only=True, help_text="Signs in to the broker with it.")
    last_seen = serializers.DateTimeField(source="activity.last_seen", read_only=True, default=None)
    readings = serializers.IntegerField(source="activity.readings", read_only=True, default=0)
    errors = serializers.IntegerField(source="activity.errors", read_only=True, default=0)  # type: ignore[assignment]  # a field of that name
    rate = serializers.FloatField(
        source="activity.present_rate", read_only=True, default=0.0, help_text="Readings per second, now."
    )
    last_error = serializers.CharField(source="activity.last_error", read_only=True, default="")
    skew_ms = serializers.FloatField(
        source="activity.skew_ms", read_only=True, default=None, help_text="Clock of the platform minus the device's."
    )

    class Meta:
        model = Device
        fields = (
            "id", "site", "code", "name", "topic_prefix", "state", "username", "credential_set_at", "last_seen",
            "readings", "errors", "rate", "last_error", "skew_ms",
        )  # fmt: skip
        read_only_fields = fields


class DeviceIn(serializers.Serializer[Any]):
    """A new device."""

    site = SiteField()
    code = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=120)
    topic_prefix = serializers.CharField(
        max_length=200, help_text="Below which it publishes: site/area/line or deeper."
    )


class DeviceChange(serializers.Serializer[Any]):
    """What may change on a device."""

    name = serializers.CharField(max_length=120, required=False)
    topic_prefix = serializers.CharField(max_length=200, required=False)
    state = serializers.ChoiceField(choices=Device.State.choices, required=False)
    reason = serializers.CharField(required=False, default="", max_length=500, allow_blank=True)


class CredentialOut(serializers.Serializer[Any]):
    """How the device signs in to the broker."""

    username = serializers.CharField()
    secret = serializers.CharField(allow_null=True, help_text="Shown this once; null when the request is repeated.")
    publish = serializers.ListField(child=serializers.CharField(), help_text="Topic filters it may publish to.")
    subscribe = serializers.ListField(child=serializers.CharField(), help_text="Topic filters it may subscribe to.")


class LimitsOut(RecordOut):
    """A version of control limits."""

    class Meta(RecordOut.Meta):
        model = ControlLimits
        fields = (
            *RecordOut.Meta.fields, "characteristic", "revision", "chart", "design", "rules", "sigma_estimator", "size",
            "center", "ucl", "lcl", "sigma", "sigma_within", "spread_center", "spread_ucl", "spread_lcl", "n_points",
            "first_point", "last_point", "exclusions", "effective_from", "reason",
        )  # fmt: skip
        read_only_fields = fields


class LimitsIn(serializers.Serializer[Any]):
    """From which points limits are estimated, and why."""

    characteristic = serializers.IntegerField(help_text="Id of the characteristic.")
    reason = serializers.CharField(max_length=400)
    first = MomentField(required=False, allow_null=True, default=None, help_text="Points measured from.")
    last = MomentField(required=False, allow_null=True, default=None, help_text="Points measured up to.")
    estimator = serializers.CharField(required=False, default="", allow_blank=True)


class QuarantineOut(serializers.ModelSerializer[Quarantine]):
    """A payload that could not be taken."""

    site = SiteField(read_only=True, allow_null=True)
    payload = serializers.SerializerMethodField(help_text="The bytes kept; what is not UTF-8 is replaced.")

    class Meta:
        model = Quarantine
        fields = (
            "id", "received_at", "topic", "reason", "detail", "position", "size", "payload", "site", "state",
            "replayed_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "string"})
    def get_payload(self, row: Quarantine) -> str:
        """The payload as text."""
        return bytes(row.payload).decode("utf-8", "replace")


class ExcludeIn(serializers.Serializer[Any]):
    """A span of points that leaves the estimates."""

    first = MomentField()
    last = MomentField()
    reason = serializers.CharField(max_length=300)


class AnnotationIn(serializers.Serializer[Any]):
    """A word for the lane under the chart."""

    text = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=Annotation.Kind.choices, default=Annotation.Kind.NOTE)
    at = MomentField(required=False, allow_null=True, default=None)


class AnnotationOut(serializers.ModelSerializer[Annotation]):
    """Something that happened at the process."""

    class Meta:
        model = Annotation
        fields = ("id", "characteristic", "at", "kind", "text", "made_at")
        read_only_fields = fields


class RunIn(serializers.Serializer[Any]):
    """The part a chart of short runs measures from a moment on."""

    characteristic = serializers.IntegerField(help_text="Id of the characteristic.")
    part = serializers.CharField(max_length=60)
    nominal = serializers.FloatField(help_text="In the unit of the parameter.")
    sigma = serializers.FloatField(required=False, allow_null=True, default=None, help_text="Where standardised.")
    begins_at = MomentField(required=False, allow_null=True, default=None, help_text="Left out: now.")


class RunOut(serializers.ModelSerializer[ProductionRun]):
    """A part in production."""

    class Meta:
        model = ProductionRun
        fields = ("id", "characteristic", "part", "nominal", "sigma", "begins_at", "made_at")
        read_only_fields = fields


_INDICES = (
    "cp", "cpk", "cpm", "pp", "ppk", "cp_ci", "cpk_ci", "pp_ci", "ppk_ci", "mean", "sigma_within", "sigma_overall",
    "estimator", "expected_ppm_above", "expected_ppm_below", "normality_p", "headline",
)  # fmt: skip


class CapabilityOut(serializers.Serializer[Any]):
    """Capability, or why there is none; `greyed` says why it must not be quoted."""

    n = serializers.IntegerField()
    revision = serializers.IntegerField(allow_null=True)
    refusal = serializers.CharField()
    greyed = serializers.CharField()
    result = serializers.SerializerMethodField()

    @extend_schema_field({"type": ["object", "null"], "additionalProperties": True})
    def get_result(self, card: Any) -> dict[str, Any] | None:
        """Every index with its interval, absent ones null."""
        if card.result is None:
            return None
        return {name: getattr(card.result, name) for name in _INDICES}


class ExclusionOut(serializers.ModelSerializer[Exclusion]):
    """A span of excluded points, and why they count again once it is lifted."""

    class Meta:
        model = Exclusion
        fields = ("id", "characteristic", "first_t", "last_t", "reason", "at", "lifted_at", "lifted_reason")
        read_only_fields = fields


class WhyIn(serializers.Serializer[Any]):
    """Why; goes into the trail."""

    reason = serializers.CharField(max_length=300)


class CorrectionOut(serializers.ModelSerializer[Correction]):
    """A reading heard again with another value."""

    site = serializers.CharField(source="parameter.site.code", read_only=True)
    path = serializers.CharField(source="parameter.path", read_only=True)
    unit = serializers.CharField(source="parameter.unit", read_only=True)

    class Meta:
        model = Correction
        fields = (
            "id", "site", "parameter", "path", "unit", "t", "seq", "stored", "heard", "heard_at", "state", "reason",
        )  # fmt: skip
        read_only_fields = fields


class DecideIn(WhyIn):
    """Which value holds."""

    holds = serializers.ChoiceField(choices=["stored", "heard"])


class NodeOut(serializers.ModelSerializer[EdgeNode]):
    """An edge node and its session."""

    site = SiteField(read_only=True)
    devices = serializers.IntegerField(read_only=True, help_text="Devices that were born at this node.")

    class Meta:
        model = EdgeNode
        fields = (
            "id", "site", "group", "name", "state", "bd_seq", "seq", "doubtful", "errors", "rebirths", "devices",
            "born_at", "died_at", "heard_at", "asked_at",
        )  # fmt: skip
        read_only_fields = fields


class SourceOut(serializers.ModelSerializer[Device]):
    """A device with its account: received = stored + duplicate + correction + dead + unexplained."""

    site = SiteField(read_only=True)
    received = serializers.IntegerField(read_only=True, help_text="Readings in the last 30 days.")
    stored = serializers.IntegerField(read_only=True)
    duplicate = serializers.IntegerField(read_only=True, help_text="Stored before.")
    correction = serializers.IntegerField(read_only=True, help_text="Heard again with another value.")
    dead = serializers.IntegerField(read_only=True, help_text="Refused; kept in the quarantine.")
    unexplained = serializers.IntegerField(read_only=True, help_text="0 when the account balances.")
    lag = serializers.FloatField(read_only=True, allow_null=True, help_text="Age of its newest reading, ms.")
    last_seen = serializers.DateTimeField(source="activity.last_seen", read_only=True, default=None)

    class Meta:
        model = Device
        fields = (
            "id", "site", "code", "name", "received", "stored", "duplicate", "correction", "dead", "unexplained",
            "lag", "last_seen",
        )  # fmt: skip
        read_only_fields = fields


class GapOut(serializers.ModelSerializer[ReadingGap]):
    """Readings that are missing between two moments."""

    path = serializers.CharField(source="parameter.path", read_only=True)

    class Meta:
        model = ReadingGap
        fields = (
            "id", "parameter", "path", "device", "kind", "since", "until", "boot", "first_seq", "last_seq", "missing",
            "seen_at", "asked_at", "filled_at",
        )  # fmt: skip
        read_only_fields = fields


_PROFILE = (
    "name", "topic", "target", "items", "value", "time", "time_in", "unit_path", "unit", "quality", "scale", "offset",
)  # fmt: skip


class ProfileOut(serializers.ModelSerializer[DeviceProfile]):
    """How payloads of another make are read."""

    site = SiteField(read_only=True)

    class Meta:
        model = DeviceProfile
        fields = ("id", "site", *_PROFILE, "active")
        read_only_fields = fields


class ProfileIn(serializers.ModelSerializer[DeviceProfile]):
    """A new profile."""

    site = SiteField()

    class Meta:
        model = DeviceProfile
        fields = ("site", *_PROFILE)
        validators: tuple[Any, ...] = ()  # the service says what is wrong


class ProfileChange(serializers.ModelSerializer[DeviceProfile]):
    """What may change on a profile."""

    reason = serializers.CharField(required=False, default="", max_length=500, allow_blank=True)

    class Meta:
        model = DeviceProfile
        fields = (*_PROFILE, "active", "reason")
        extra_kwargs: ClassVar = {name: {"required": False} for name in (*_PROFILE, "active")}
        validators: tuple[Any, ...] = ()


class TriedIn(serializers.Serializer[Any]):
    """A message to try."""

    topic = serializers.CharField(max_length=400)
    payload = serializers.CharField(max_length=65536, trim_whitespace=False, help_text="The payload as text.")


class TriedOut(serializers.Serializer[Any]):
    """What would become of one reading."""

    place = serializers.CharField(help_text="Path of the parameter, or the topic of what is refused.")
    value = serializers.FloatField(allow_null=True)
    unit = serializers.CharField()
    t = serializers.DateTimeField(allow_null=True)
    flags = serializers.CharField()
    reason = serializers.CharField(help_text="Empty: it would be stored.")
    detail = serializers.CharField()


class TrialOut(serializers.Serializer[Any]):
    """What the door would make of a message."""

    read_by = serializers.CharField()
    rows = TriedOut(many=True)
    more = serializers.IntegerField()
