"""Shapes of master data in the API; they never save."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.models import (
    ALONE,
    HEARD,
    Characteristic,
    Critical,
    Equipment,
    Level,
    NumberRule,
    Parameter,
    Part,
    Process,
    RuleTarget,
    UnmappedTopic,
    ValueKind,
)
from governance.queries import ground, proposal_for
from qms.core.rest.serializers import SiteField
from spc.rules import RULES


class Row(serializers.ModelSerializer[Any]):
    """A row of master data of a site."""

    site = SiteField(read_only=True)


class EquipmentOut(Row):
    """An area, line or station."""

    class Meta:
        model = Equipment
        fields: tuple[str, ...] = ("id", "site", "parent", "level", "code", "name", "sequence", "active")
        read_only_fields = fields


class EquipmentIn(serializers.Serializer[Any]):
    """A new area, line or station."""

    site = SiteField()
    parent = serializers.IntegerField(  # type: ignore[assignment]  # a field of that name, not the framework's attribute
        required=False, allow_null=True, default=None, help_text="Id of what it is below."
    )
    level = serializers.ChoiceField(choices=Level.choices)
    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)


class EquipmentChange(serializers.Serializer[Any]):
    """What may change on equipment."""

    parent = serializers.IntegerField(  # type: ignore[assignment]  # a field of that name, not the framework's attribute
        required=False, allow_null=True, help_text="Id of what it moves below; topics and readings stay as they are."
    )
    code = serializers.CharField(max_length=40, required=False)
    name = serializers.CharField(max_length=120, required=False)
    sequence = serializers.IntegerField(min_value=0, required=False)
    active = serializers.BooleanField(required=False)


class PartOut(Row):
    """A part."""

    class Meta:
        model = Part
        fields = ("id", "site", "number", "revision", "name", "active")
        read_only_fields = fields


class PartIn(serializers.Serializer[Any]):
    """A new part; the number is checked against the site's rule."""

    site = SiteField()
    number = serializers.CharField(max_length=60)
    revision = serializers.CharField(max_length=12, required=False, default="", allow_blank=True)
    name = serializers.CharField(max_length=160)


class PartChange(serializers.Serializer[Any]):
    """What may change on a part."""

    number = serializers.CharField(max_length=60, required=False)
    revision = serializers.CharField(max_length=12, required=False, allow_blank=True)
    name = serializers.CharField(max_length=160, required=False)
    active = serializers.BooleanField(required=False)


class ProcessOut(Row):
    """A process step; `stations` says where it runs."""

    class Meta:
        model = Process
        fields = ("id", "site", "code", "name", "active")
        read_only_fields = fields


class ProcessIn(serializers.Serializer[Any]):
    """A new process step."""

    site = SiteField()
    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=120)


class ProcessChange(serializers.Serializer[Any]):
    """What may change on a process."""

    code = serializers.CharField(max_length=40, required=False)
    name = serializers.CharField(max_length=120, required=False)
    active = serializers.BooleanField(required=False)


class StationIn(serializers.Serializer[Any]):
    """A station that runs the process."""

    station = serializers.IntegerField(help_text="Id of the station.")


class StationOut(EquipmentOut):
    """A station with how much of the process is measured there."""

    measured = serializers.IntegerField(read_only=True)

    class Meta(EquipmentOut.Meta):
        fields = (*EquipmentOut.Meta.fields, "measured")
        read_only_fields = fields


class NumberRuleOut(Row):
    """A naming rule with its test strings."""

    class Meta:
        model = NumberRule
        fields = ("id", "site", "target", "pattern", "explanation", "accepted", "refused", "active")
        read_only_fields = fields


class NumberRuleIn(serializers.Serializer[Any]):
    """A naming rule; it takes the place of the one in use for the same site and target."""

    site = SiteField()
    target = serializers.ChoiceField(choices=RuleTarget.choices)
    pattern = serializers.CharField(max_length=200, help_text="Regular expression that the whole name must match.")
    explanation = serializers.CharField(max_length=200, help_text="The rule in words, shown when a name is refused.")
    accepted = serializers.ListField(child=serializers.CharField(max_length=80), required=False, default=list)
    refused = serializers.ListField(child=serializers.CharField(max_length=80), required=False, default=list)


class ParameterOut(Row):
    """A measured quantity of a station, in its canonical unit."""

    class Meta:
        model = Parameter
        fields = ("id", "site", "path", "name", "unit", "kind", "station", "active")
        read_only_fields = fields


class ParameterIn(serializers.Serializer[Any]):
    """A new parameter."""

    site = SiteField()
    path = serializers.CharField(max_length=200, help_text="site/area/line/station/parameter, lower case.")
    station = serializers.IntegerField(help_text="Id of the station.")
    name = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    unit = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    kind = serializers.ChoiceField(choices=HEARD, default=ValueKind.FLOAT)


class ParameterChange(serializers.Serializer[Any]):
    """What may change on a parameter."""

    name = serializers.CharField(max_length=120, required=False)
    unit = serializers.CharField(max_length=40, required=False, allow_blank=True)
    active = serializers.BooleanField(required=False)


class CharacteristicOut(Row):
    """A characteristic with its specification, chart and rules."""

    path = serializers.CharField(source="parameter.path", read_only=True)
    unit = serializers.CharField(source="parameter.unit", read_only=True)

    class Meta:
        model = Characteristic
        fields = (
            "id", "site", "code", "name", "station", "part", "process", "parameter", "path", "unit", "chart",
            "subgroup_size", "lsl", "target", "usl", "decimals", "rules", "own_rules", "design", "stale_after",
            "critical", "active", "sequence",
        )  # fmt: skip
        read_only_fields = fields


class OwnRule(serializers.Serializer[Any]):
    """A run rule with parameters of its own: `needed` of `window` points pass the test."""

    test = serializers.ChoiceField(choices=["beyond", "side", "trend", "alternating", "within", "mixture"])
    window = serializers.IntegerField(min_value=1, max_value=30)
    needed = serializers.IntegerField(min_value=1, max_value=30, required=False, help_text="Left out: the window.")
    sigmas = serializers.IntegerField(min_value=0, max_value=3, required=False, help_text="Left out: 0, or 1 within.")


class _CharacteristicFields(serializers.Serializer[Any]):
    """What a person decides about a characteristic."""

    part = serializers.IntegerField(required=False, allow_null=True, help_text="Id of the part.")
    process = serializers.IntegerField(required=False, allow_null=True, help_text="Id of the process.")
    chart = serializers.ChoiceField(choices=ALONE, required=False)
    subgroup_size = serializers.IntegerField(min_value=1, required=False)
    lsl = serializers.FloatField(required=False, allow_null=True)
    target = serializers.FloatField(required=False, allow_null=True)
    usl = serializers.FloatField(required=False, allow_null=True)
    decimals = serializers.IntegerField(min_value=0, max_value=9, required=False)
    rules = serializers.ListField(child=serializers.ChoiceField(choices=list(RULES)), required=False)
    own_rules = OwnRule(many=True, required=False, help_text="Up to eight rules of its own beside the known ones.")
    design = serializers.DictField(
        child=serializers.FloatField(),
        required=False,
        help_text="EWMA: weight and width; CUSUM: k and h, in sigmas; moving average: span; t: power.",
    )
    stale_after = serializers.IntegerField(min_value=1, required=False)
    critical = serializers.ChoiceField(choices=Critical.choices, required=False, allow_blank=True)


class CharacteristicIn(_CharacteristicFields):
    """A new characteristic on a parameter."""

    parameter = serializers.IntegerField(help_text="Id of the parameter.")
    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=160)


class CharacteristicChange(_CharacteristicFields):
    """What may change on a characteristic, with the reason."""

    code = serializers.CharField(max_length=40, required=False)
    name = serializers.CharField(max_length=160, required=False)
    active = serializers.BooleanField(required=False)
    reason = serializers.CharField(required=False, default="", max_length=500, allow_blank=True)


class UnmappedTopicOut(serializers.ModelSerializer[UnmappedTopic]):
    """A topic heard but not known, with a proposal of what it is."""

    site = SiteField(read_only=True, allow_null=True)
    proposal = serializers.SerializerMethodField()

    class Meta:
        model = UnmappedTopic
        fields = (
            "id", "topic", "site", "first_seen", "last_seen", "count", "last_value", "unit", "state", "parameter",
            "proposal",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_proposal(self, row: UnmappedTopic) -> dict[str, Any]:
        """Station, name, unit, decimals and chart as they probably are."""
        shared = cast("dict[str, Any]", self.context)
        if "ground" not in shared:
            shared["ground"] = ground()  # once for all rows of an answer
        return proposal_for(row, shared["ground"]).as_json()


class MapIn(_CharacteristicFields):
    """What to make of a topic; what is left out is taken from the proposal."""

    path = serializers.CharField(
        max_length=200, required=False, default="", allow_blank=True, help_text="site/area/line/station/parameter"
    )
    code = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    name = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    unit = serializers.CharField(max_length=40, required=False, allow_null=True, allow_blank=True, default=None)
    kind = serializers.ChoiceField(choices=HEARD, required=False, default="", allow_blank=True)


class IgnoreIn(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=500)
