"""Shapes of gage studies and their runs."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from analytics.models import GageStudy, Method, StudyRun
from analytics.serializers.analyses import CharacteristicField
from governance.models import Characteristic, Gage
from qms.core.actor import ALL
from qms.core.rest.serializers import MomentField, PersonField, PersonRef, RecordChange, RecordOut


class GageField(serializers.PrimaryKeyRelatedField[Any]):
    """A gage by id, of the sites of who asks."""

    def get_queryset(self) -> Any:
        """Those of the actor's sites."""
        sites = self.context["view"].actor.sites("gage.view")
        return Gage.objects.all() if sites is ALL else Gage.objects.filter(site_id__in=sites)


class GageStudyIn(serializers.Serializer[Any]):
    """A gage study to plan; the run order is drawn from the seed."""

    gage = GageField(queryset=Gage.objects.none())
    characteristic = CharacteristicField(queryset=Characteristic.objects.none())
    method = serializers.ChoiceField(choices=Method.choices)
    operators = PersonField(many=True, help_text="Who measures, by e-mail address or id.")
    parts = serializers.IntegerField(min_value=1, max_value=200, help_text="Of each operator when they are nested.")
    repeats = serializers.IntegerField(min_value=1, max_value=200)
    labels = serializers.ListField(child=serializers.CharField(max_length=40), required=False, default=list)
    references = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, default=list,
        help_text="Reference value or right rating of each part.",
    )  # fmt: skip
    categories = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, default=list, help_text="OK and NOK where left out."
    )
    tolerance = serializers.FloatField(
        required=False, allow_null=True, default=None, help_text="Left out: of the characteristic."
    )
    title = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    due = MomentField(required=False, allow_null=True, default=None)
    seed = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=2**53, help_text="Draws an order again."
    )


class GageStudyChange(RecordChange):
    """Title, owner and due date."""


class GageStudyOut(RecordOut):
    """A gage study with its verdict."""

    analysis: Any = serializers.PrimaryKeyRelatedField(source="answer", read_only=True, help_text="Keeps the figures.")

    class Meta(RecordOut.Meta):
        model = GageStudy
        fields = (
            *RecordOut.Meta.fields, "gage", "characteristic", "method", "parts", "repeats", "labels", "references",
            "categories", "tolerance", "seed", "verdict", "words", "share", "ndc", "source", "analysis",
        )  # fmt: skip
        read_only_fields = fields


class StudyRunOut(serializers.ModelSerializer[StudyRun]):
    """One reading to take or taken; the reading itself is hidden from who still has to measure."""

    operator = PersonRef(read_only=True)
    reading = serializers.SerializerMethodField()
    corrections = serializers.SerializerMethodField(help_text="How often it was corrected.")

    class Meta:
        model = StudyRun
        fields = ("id", "operator", "place", "part", "trial", "reading", "entered_at", "corrections")
        read_only_fields = fields

    def get_reading(self, row: StudyRun) -> str | None:
        """As it was entered; null while nothing was, and for who measures blind."""
        return None if row.entered_at is None or self.context["view"].blind else row.reading

    def get_corrections(self, row: StudyRun) -> int:
        """Each keeps its reason."""
        return row.corrections.count()


class NextRunOut(serializers.Serializer[Any]):
    """The run the asker takes next; nothing of other runs is told."""

    run = serializers.IntegerField(allow_null=True, help_text="Null: nothing is left for you.")
    part = serializers.CharField(allow_null=True)
    unit = serializers.CharField()
    categories = serializers.ListField(child=serializers.CharField())
    taken = serializers.IntegerField()
    wanted = serializers.IntegerField()


class EnterIn(serializers.Serializer[Any]):
    """A reading of one's own next run."""

    run = serializers.IntegerField(help_text="Id of the run, so that nothing is entered twice.")
    reading = serializers.CharField(max_length=60, help_text="A number, with point or comma; or one of the ratings.")


class CorrectIn(EnterIn):
    """Another reading in place of a wrong one."""

    reason = serializers.CharField(max_length=300)
