"""Shapes of multivariate characteristics in the API; they never save."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.models import Characteristic, Chart
from governance.serializers.plant import Row

_JOINT = [Chart.T2.value, Chart.MEWMA.value]


class TogetherOut(Row):
    """Several characteristics judged as one vector; members, pairing and design stand in `design`."""

    path = serializers.CharField(source="parameter.path", read_only=True)

    class Meta:
        model = Characteristic
        fields = (
            "id", "site", "code", "name", "station", "process", "parameter", "path", "chart", "design", "stale_after",
            "active", "sequence",
        )  # fmt: skip
        read_only_fields = fields


class TogetherIn(serializers.Serializer[Any]):
    """Which characteristics are judged together, and how."""

    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=120)
    members = serializers.ListField(
        child=serializers.IntegerField(), min_length=2, max_length=20, help_text="Ids of the characteristics, in order."
    )
    chart = serializers.ChoiceField(choices=_JOINT, default=Chart.T2.value)
    pair = serializers.ChoiceField(
        choices=["exact", "window", "time"],
        default="exact",
        help_text="exact: serial number, else time; window: serial number, else within the wait; time: time alone.",
    )
    wait = serializers.FloatField(default=60.0, help_text="Seconds after which what is not there yet is missing.")
    alpha = serializers.FloatField(required=False, help_text="T²: risk of a false alarm at a point; else 0.0027.")
    weight = serializers.FloatField(required=False, help_text="MEWMA: weight λ; else 0.1.")
    arl = serializers.FloatField(required=False, help_text="MEWMA: points between two false alarms; else 370.")
    stale_after = serializers.IntegerField(min_value=1, required=False)


class TogetherChange(serializers.Serializer[Any]):
    """What may change; what is left out stays, but another chart starts with its usual design."""

    code = serializers.CharField(max_length=40, required=False)
    name = serializers.CharField(max_length=120, required=False)
    members = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=20, required=False)
    chart = serializers.ChoiceField(choices=_JOINT, required=False)
    pair = serializers.ChoiceField(choices=["exact", "window", "time"], required=False)
    wait = serializers.FloatField(required=False)
    alpha = serializers.FloatField(required=False)
    weight = serializers.FloatField(required=False)
    arl = serializers.FloatField(required=False)
    stale_after = serializers.IntegerField(min_value=1, required=False)
    active = serializers.BooleanField(required=False)
    reason = serializers.CharField(required=False, default="", max_length=500, allow_blank=True)
