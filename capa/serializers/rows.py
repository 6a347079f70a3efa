"""Shapes of the rows of a record: containments, dispositions, causes, actions, criteria, verdicts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from capa.models import (
    Action,
    Cause,
    Containment,
    CostLine,
    Criterion,
    Disposition,
    DocumentUpdate,
    ReadAcross,
    Verdict,
)
from capa.models.causes import ActionKind, Category, CauseKind
from capa.models.containment import Place
from capa.models.effect import Direction, Metric
from capa.models.nonconformity import CostCategory, Decision
from capa.models.prevention import Applies, Changed, DocumentKind
from capa.serializers.records import OfSite
from governance.models import Characteristic
from qms.core.rest.serializers import MomentField, PersonField, PersonRef


class ReasonIn(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=500)


class Nothing(serializers.Serializer[Any]):
    """No input."""


class _Row(serializers.ModelSerializer[Any]):
    """A row of a record."""


class ContainmentOut(_Row):
    """A place that was searched for suspect pieces."""

    verified_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = Containment
        fields = (
            "id",
            "record",
            "round",
            "place",
            "location",
            "measure",
            "quantity_checked",
            "quantity_found",
            "verified_by",
            "verified_at",
            "verified_how",
        )
        read_only_fields = fields


class ContainmentIn(serializers.Serializer[Any]):
    """A place that was searched, of a nonconformity or a CAPA."""

    record = serializers.IntegerField(help_text="Id of the nonconformity or CAPA.")
    place = serializers.ChoiceField(choices=Place.choices)
    measure = serializers.CharField(max_length=300)
    location = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    checked = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)
    found = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)


class VerifyIn(serializers.Serializer[Any]):
    """How it was seen that the hold works."""

    how = serializers.CharField(max_length=200)


class ContainmentChange(serializers.Serializer[Any]):
    """Fields of a containment to correct; what was verified before counts no more."""

    place = serializers.ChoiceField(choices=Place.choices, required=False)
    measure = serializers.CharField(max_length=300, required=False)
    location = serializers.CharField(max_length=120, required=False, allow_blank=True)
    quantity_checked = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    quantity_found = serializers.IntegerField(required=False, allow_null=True, min_value=0)


class DispositionOut(_Row):
    """What is done with a number of nonconforming pieces."""

    done_by = PersonRef(read_only=True, allow_null=True)
    reinspected_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = Disposition
        fields = (
            "id",
            "nonconformity",
            "kind",
            "quantity",
            "instruction",
            "done_by",
            "done_at",
            "reinspection",
            "reinspected_by",
            "reinspected_at",
            "reinspection_note",
            "withdrawn_at",
        )
        read_only_fields = fields


class DispositionIn(serializers.Serializer[Any]):
    """A disposition to propose."""

    nonconformity = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Decision.choices)
    quantity = serializers.IntegerField(min_value=1)
    instruction = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class ReinspectIn(serializers.Serializer[Any]):
    """The result of the inspection after rework or repair."""

    result = serializers.ChoiceField(choices=[("accepted", "Accepted"), ("rejected", "Rejected")])
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class CostOut(_Row):
    """Money a record cost or brought back."""

    class Meta:
        model = CostLine
        fields = ("id", "record", "category", "what", "amount", "currency", "at")
        read_only_fields = fields


class CostIn(serializers.Serializer[Any]):
    """Money to book on a record."""

    what = serializers.CharField(max_length=120)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    category = serializers.ChoiceField(choices=CostCategory.choices, default="internal_failure")
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", required=False, help_text="The site's when left out.")


class CauseOut(_Row):
    """A cause with its evidence and verification."""

    verified_by = PersonRef(read_only=True, allow_null=True)
    chain = serializers.ListField(child=serializers.DictField(child=serializers.CharField()), read_only=True)

    class Meta:
        model = Cause
        fields = (
            "id",
            "capa",
            "parent",
            "root",
            "kind",
            "category",
            "statement",
            "chain",
            "evidence",
            "frozen",
            "attachment",
            "test",
            "result",
            "verified_by",
            "verified_at",
        )
        read_only_fields = fields


class CauseChange(serializers.Serializer[Any]):
    """Fields of a cause."""

    kind = serializers.ChoiceField(choices=CauseKind.choices, required=False)
    statement = serializers.CharField(max_length=300, required=False)
    category = serializers.ChoiceField(choices=Category.choices, required=False, allow_blank=True)
    chain = serializers.ListField(
        child=serializers.DictField(child=serializers.CharField(allow_blank=True)),
        required=False,
        help_text="The whys in order: rows of `why` and `because`.",
    )
    evidence = serializers.CharField(required=False, allow_blank=True)


class CauseIn(CauseChange):
    """A cause to add."""

    capa = serializers.IntegerField()
    # a declared field leaves the class, so the serializer's own `parent` and `root` stay what they are
    parent = serializers.IntegerField(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="The cause it answers why to."
    )
    root = serializers.BooleanField(  # type: ignore[assignment]
        default=True, help_text="false: a candidate, not chosen as root cause."
    )
    kind = serializers.ChoiceField(choices=CauseKind.choices)
    statement = serializers.CharField(max_length=300)


class ChooseCauseIn(serializers.Serializer[Any]):
    """Whether a cause is a root cause, and of which kind."""

    chosen = serializers.BooleanField(default=True)
    kind = serializers.ChoiceField(choices=CauseKind.choices, required=False)


class VerifyCauseIn(serializers.Serializer[Any]):
    """The result of a cause's verification and how it was seen."""

    result = serializers.ChoiceField(choices=[("confirmed", "Confirmed"), ("refuted", "Refuted")])
    test = serializers.CharField(max_length=200)


class ActionOut(_Row):
    """An action of a plan."""

    owner = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = Action
        fields = (
            "id",
            "capa",
            "revision",
            "cause",
            "kind",
            "text",
            "owner",
            "due",
            "expected_effect",
            "state",
            "evidence",
            "done_at",
            "moved",
        )
        read_only_fields = fields


class ActionChange(serializers.Serializer[Any]):
    """Fields of an action."""

    text = serializers.CharField(max_length=300, required=False)
    cause = serializers.PrimaryKeyRelatedField(queryset=Cause.objects.all(), required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=ActionKind.choices, required=False)
    owner = PersonField(required=False, allow_null=True)
    due = MomentField(required=False, allow_null=True)
    expected_effect = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ActionIn(ActionChange):
    """An action to plan."""

    capa = serializers.IntegerField()
    text = serializers.CharField(max_length=300)


class MoveIn(ReasonIn):
    """Who does an action from now on, until when, and why."""

    owner = PersonField(required=False, allow_null=True)
    due = serializers.DateTimeField(required=False, allow_null=True)


class FinishIn(serializers.Serializer[Any]):
    """What shows that an action is done."""

    evidence = serializers.CharField()


class CriterionOut(_Row):
    """How the effect is judged."""

    outcome = serializers.CharField(read_only=True, help_text="What the newest verdict says; empty before the first.")

    class Meta:
        model = Criterion
        fields = (
            "id",
            "capa",
            "revision",
            "characteristic",
            "metric",
            "direction",
            "baseline_from",
            "baseline_to",
            "target",
            "window_days",
            "window_units",
            "minimum_exposure",
            "outcome",
        )
        read_only_fields = fields


class CriterionChange(serializers.Serializer[Any]):
    """Fields of a criterion."""

    characteristic = OfSite(queryset=Characteristic.objects.all(), required=False, allow_null=True)
    metric = serializers.ChoiceField(choices=Metric.choices, required=False)
    direction = serializers.ChoiceField(choices=Direction.choices, required=False)
    baseline_from = MomentField(required=False, allow_null=True)
    baseline_to = MomentField(required=False, allow_null=True)
    target = serializers.FloatField(required=False, allow_null=True)
    window_days = serializers.IntegerField(required=False, min_value=1, max_value=3650)
    window_units = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    minimum_exposure = serializers.IntegerField(required=False, allow_null=True, min_value=2)


class CriterionIn(CriterionChange):
    """A criterion to add."""

    capa = serializers.IntegerField()
    metric = serializers.ChoiceField(choices=Metric.choices)


class VerdictOut(_Row):
    """What the readings said about a criterion."""

    result = serializers.DictField(read_only=True, help_text="Before, after, change, interval, p, method.")

    class Meta:
        model = Verdict
        fields = (
            "id",
            "capa",
            "criterion",
            "at",
            "outcome",
            "sentence",
            "result",
            "data_from",
            "data_to",
            "n_before",
            "n_after",
            "final",
        )
        read_only_fields = fields


class DocumentUpdateOut(_Row):
    """Whether the FMEA, the control plan or the instructions changed."""

    answered_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = DocumentUpdate
        fields = ("id", "capa", "kind", "answer", "reference", "reason", "answered_by", "answered_at")
        read_only_fields = fields


class DocumentUpdateIn(serializers.Serializer[Any]):
    """An answer about one document; yes needs a reference, no a reason. A second answer replaces the first."""

    capa = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=DocumentKind.choices)
    answer = serializers.ChoiceField(choices=Changed.choices)
    reference = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    reason = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class ReadAcrossOut(_Row):
    """Another part, line or site the cause may sit in, and the answer."""

    asked_by = PersonRef(read_only=True, allow_null=True)
    answered_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = ReadAcross
        fields = (
            "id", "capa", "target", "question", "due", "asked_by", "answer", "reason", "action", "answered_by",
            "answered_at",
        )  # fmt: skip
        read_only_fields = fields


class ReadAcrossIn(serializers.Serializer[Any]):
    """Another place to ask about."""

    capa = serializers.IntegerField()
    target = serializers.CharField(max_length=160)
    question = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    due = MomentField(required=False, allow_null=True, default=None)


class ReadAcrossAnswer(serializers.Serializer[Any]):
    """Whether the cause sits there too, and why."""

    answer = serializers.ChoiceField(choices=Applies.choices)
    reason = serializers.CharField(max_length=300)
