"""Shapes of analyses."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from analytics.models import Analysis
from analytics.studies import STUDIES
from governance.models import Characteristic
from qms.core.actor import ALL
from qms.core.rest.serializers import MomentField, RecordChange, RecordIn, RecordOut

_STUDIES = [(study.key, study.label) for study in STUDIES.values()]


class ColumnField(serializers.Serializer[Any]):
    """A column of data: numbers and null, or words."""

    name = serializers.CharField(max_length=80)
    unit = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    values = serializers.JSONField(help_text="Numbers and null for a gap, or texts.")

    def validate_values(self, value: Any) -> Any:
        """A list."""
        if not isinstance(value, list):
            raise serializers.ValidationError("Values are a list of numbers and null, or of texts.")
        return value


class CharacteristicField(serializers.PrimaryKeyRelatedField[Any]):
    """A characteristic by id, of the sites of who asks."""

    def get_queryset(self) -> Any:
        """Those of the actor's sites."""
        sites = self.context["view"].actor.sites("characteristic.view")
        rows = Characteristic.objects.all()
        return rows if sites is ALL else rows.filter(site_id__in=sites)


class AnalysisIn(RecordIn):
    """An analysis to make: columns or the readings of characteristics, the study, its roles and options."""

    title = serializers.CharField(
        max_length=200, required=False, default="", allow_blank=True, help_text="Left out: the study's name."
    )
    question = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)
    study = serializers.ChoiceField(choices=_STUDIES)
    columns = ColumnField(many=True, required=False, help_text="At most 200,000 values together.")
    characteristics = CharacteristicField(
        many=True, required=False, queryset=Characteristic.objects.all(), help_text="Instead of columns."
    )
    first = MomentField(required=False, help_text="Readings from, with characteristics.")
    last = MomentField(required=False, help_text="Readings up to, with characteristics.")
    roles = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Role of the study to names of columns; left out: chosen by what the columns hold.",
    )
    options = serializers.DictField(required=False, help_text="Options of the study by name.")
    save = serializers.BooleanField(  # type: ignore[assignment]  # a field of that name, not the framework's method
        required=False, default=True, help_text="False keeps a draft, whose title and question can be changed."
    )
    owner = None  # type: ignore[assignment]  # whoever makes it owns it
    due = None  # type: ignore[assignment]  # nothing is due


class AnalysisChange(RecordChange):
    """Title, question and owner of a draft."""

    question = serializers.CharField(max_length=1000, required=False)


class AnalysisRow(RecordOut):
    """An analysis in a list, without its data."""

    class Meta(RecordOut.Meta):
        model = Analysis
        fields = (
            *RecordOut.Meta.fields,
            "question",
            "study",
            "source",
            "source_detail",
            "first",
            "last",
            "size",
            "headline",
            "method_version",
            "digest",
        )
        read_only_fields = fields


class AnalysisOut(AnalysisRow):
    """An analysis with its data, options, answer and drawing."""

    class Meta(AnalysisRow.Meta):
        fields = (*AnalysisRow.Meta.fields, "data", "roles", "options", "result", "drawing")
        read_only_fields = fields
