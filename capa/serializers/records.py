"""Shapes of nonconformities and CAPAs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from capa.models import Capa, Deviation, Nonconformity
from capa.models.corrective import Emergency, Method, Nature, Source
from capa.models.nonconformity import Found, Permit
from capa.workflow.approval import APPROVAL
from governance.models import Characteristic, Equipment, Part, Process
from qms.core.actor import ALL
from qms.core.models.record import SEVERITIES
from qms.core.rest.serializers import (
    DayField,
    MomentField,
    PersonField,
    PersonRef,
    RecordChange,
    RecordIn,
    RecordOut,
)


@extend_schema_field({"type": ["integer", "null"], "description": "Id of the row, of a site you may see."})
class OfSite(serializers.PrimaryKeyRelatedField[Any]):
    """A master data row by id, of the sites of who asks."""

    def get_queryset(self) -> Any:
        """The rows of the actor's sites."""
        rows: Any = super().get_queryset()
        sites = self.context["view"].actor.sites()
        return rows if sites is ALL else rows.filter(site_id__in=sites)


class NonconformityFields(serializers.Serializer[Any]):
    """What a nonconformity says beyond every record."""

    severity = serializers.ChoiceField(choices=SEVERITIES, required=False)
    description = serializers.CharField(required=False, allow_blank=True)
    found = serializers.ChoiceField(choices=Found.choices, required=False)
    customer_found = serializers.BooleanField(required=False)
    occurred_at = MomentField(required=False, allow_null=True)
    detected_at = MomentField(required=False)
    process = OfSite(queryset=Process.objects.all(), required=False, allow_null=True)
    station = OfSite(queryset=Equipment.objects.all(), required=False, allow_null=True)
    part = OfSite(queryset=Part.objects.all(), required=False, allow_null=True)
    characteristic = OfSite(queryset=Characteristic.objects.all(), required=False, allow_null=True)
    lot = serializers.CharField(required=False, allow_blank=True, max_length=80)
    serial = serializers.CharField(required=False, allow_blank=True, max_length=80)
    quantity_inspected = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    quantity_nonconforming = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    defect_code = serializers.CharField(
        required=False, allow_null=True, max_length=20, help_text="A code in use at the site, or of every site."
    )
    requirement = serializers.CharField(required=False, allow_blank=True)
    actual = serializers.CharField(required=False, allow_blank=True)
    concession_required = serializers.BooleanField(required=False)
    concession_kind = serializers.ChoiceField(choices=Permit.choices, required=False)
    concession_number = serializers.CharField(required=False, allow_blank=True, max_length=60)
    concession_by = serializers.CharField(required=False, allow_blank=True, max_length=120)
    concession_on = DayField(required=False, allow_null=True)
    concession_quantity = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    concession_until = DayField(required=False, allow_null=True)
    concession_lot = serializers.CharField(required=False, allow_blank=True, max_length=80)
    permit = OfSite(
        queryset=Deviation.objects.all(), required=False, allow_null=True, help_text="Id of the deviation permit."
    )


class NonconformityIn(NonconformityFields, RecordIn):
    """A nonconformity to open; only the title is needed. `signal` opens it from a signal, with the chart frozen."""

    signal = serializers.IntegerField(
        required=False, help_text="Id of a signal; opening it twice gives the same record."
    )
    title = serializers.CharField(max_length=200, required=False, help_text="Needed unless `signal` is given.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A title, or a signal to take it from."""
        if not attrs.get("title") and not attrs.get("signal"):
            raise serializers.ValidationError({"title": "Give a title, or the id of a signal."})
        return attrs


class NonconformityChange(NonconformityFields, RecordChange):
    """Fields of a nonconformity to change."""


class NonconformityOut(RecordOut):
    """A nonconformity."""

    defect_code = serializers.SlugRelatedField[Any]("code", read_only=True)
    capas = serializers.SerializerMethodField(help_text="Ids of CAPAs opened from it.")
    escalation = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Why it calls for a CAPA."
    )

    class Meta(RecordOut.Meta):
        model = Nonconformity
        fields = (
            *RecordOut.Meta.fields,
            "description",
            "found",
            "customer_found",
            "occurred_at",
            "detected_at",
            "process",
            "station",
            "part",
            "characteristic",
            "lot",
            "serial",
            "quantity_inspected",
            "quantity_nonconforming",
            "defect_code",
            "requirement",
            "actual",
            *APPROVAL,
            "signal",
            "escalation",
            "escalation_refusal",
            "capas",
        )
        read_only_fields = fields

    def get_capas(self, record: Nonconformity) -> list[int]:
        """Read with the record where there are many."""
        read: list[int] | None = getattr(record, "capa_ids", None)
        return list(record.capas.values_list("pk", flat=True)) if read is None else read


class CapaFields(serializers.Serializer[Any]):
    """What a CAPA says beyond every record; each section is settled by its own step."""

    severity = serializers.ChoiceField(choices=SEVERITIES, required=False)
    nature = serializers.ChoiceField(choices=Nature.choices, required=False)
    source = serializers.ChoiceField(choices=Source.choices, required=False)  # type: ignore[assignment]  # a field of that name, not the framework's attribute
    source_detail = serializers.CharField(required=False, allow_blank=True, max_length=200)
    customer_stamp = MomentField(required=False, allow_null=True)
    characteristic = OfSite(queryset=Characteristic.objects.all(), required=False, allow_null=True)
    symptom = serializers.CharField(required=False, allow_blank=True)
    emergency = serializers.ChoiceField(choices=Emergency.choices, required=False)
    emergency_detail = serializers.CharField(required=False, allow_blank=True)


class CapaIn(CapaFields, RecordIn):
    """A CAPA to open, empty or from a nonconformity."""

    title = serializers.CharField(max_length=200, required=False, help_text="Needed unless `nonconformity` is given.")
    nonconformity = serializers.IntegerField(required=False, help_text="Id of the nonconformity it comes from.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A title, or a nonconformity to take it from."""
        if not attrs.get("title") and not attrs.get("nonconformity"):
            raise serializers.ValidationError({"title": "Give a title, or the id of a nonconformity."})
        return attrs


class CapaChange(CapaFields, RecordChange):
    """Fields of a CAPA to change, of any sections that are not settled."""

    champion = PersonField(required=False, allow_null=True)
    risk_severity = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=5)
    risk_occurrence = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=5)
    triage_rationale = serializers.CharField(required=False, allow_blank=True)
    problem = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False, help_text="5W2H.")
    comparison = serializers.ListField(
        child=serializers.DictField(child=serializers.CharField(allow_blank=True)),
        required=False,
        help_text="Rows of `aspect`, `is`, `is_not`.",
    )
    cause_method = serializers.ChoiceField(choices=Method.choices, required=False)
    change_risk = serializers.CharField(required=False, allow_blank=True)
    implemented_at = MomentField(required=False, allow_null=True)
    summary = serializers.CharField(required=False, allow_blank=True)
    lessons = serializers.CharField(required=False, allow_blank=True)
    cost_and_benefit = serializers.CharField(required=False, allow_blank=True)
    recognition = serializers.CharField(required=False, allow_blank=True)
    watch_months = serializers.IntegerField(required=False, min_value=0, max_value=120)


class MemberOut(serializers.Serializer[Any]):
    """A member of the team."""

    person = PersonRef()
    function = serializers.CharField()


class MemberIn(serializers.Serializer[Any]):
    """A member of the team, by address or id."""

    person = PersonField()
    function = serializers.CharField(max_length=60)


class TeamIn(serializers.Serializer[Any]):
    """The whole team; whoever is not named leaves it."""

    members = MemberIn(many=True)


class CapaOut(RecordOut):
    """A CAPA with the text of its eight disciplines; rows have endpoints of their own."""

    champion = PersonRef(read_only=True, allow_null=True)
    nonconformity = serializers.PrimaryKeyRelatedField[Any](source="source_ncr", read_only=True)
    team = MemberOut(many=True, read_only=True)
    risk = serializers.IntegerField(read_only=True, allow_null=True, help_text="Severity times likelihood, 1 to 25.")
    problem = serializers.DictField(child=serializers.CharField(), read_only=True)
    comparison = serializers.ListField(child=serializers.DictField(child=serializers.CharField()), read_only=True)

    class Meta(RecordOut.Meta):
        model = Capa
        fields = (
            *RecordOut.Meta.fields,
            "nature",
            "source",
            "source_detail",
            "nonconformity",
            "characteristic",
            "customer_stamp",
            "symptom",
            "emergency",
            "emergency_detail",
            "risk_severity",
            "risk_occurrence",
            "risk",
            "triage_rationale",
            "champion",
            "team",
            "problem",
            "comparison",
            "cause_method",
            "change_risk",
            "plan_revision",
            "implemented_at",
            "return_count",
            "reopen_count",
            "ineffective_count",
            "summary",
            "lessons",
            "cost_and_benefit",
            "recognition",
            "watch_months",
        )
        read_only_fields = fields
