"""Shapes of defect codes and of the limits that call for a CAPA."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from capa.models import DefectCode, EscalationRule
from qms.core.rest.serializers import SiteField


class DefectCodeOut(serializers.ModelSerializer[DefectCode]):
    """A kind of defect; no site means every site."""

    site = SiteField(read_only=True, allow_null=True)

    class Meta:
        model = DefectCode
        fields = ("id", "site", "code", "name", "active")
        read_only_fields = fields


class DefectCodeIn(serializers.Serializer[Any]):
    """A new kind of defect."""

    site = SiteField(required=False, allow_null=True, help_text="Left out: a code of every site.")
    code = serializers.CharField(max_length=20)
    name = serializers.CharField(max_length=80)


class DefectCodeChange(serializers.Serializer[Any]):
    """What may change on a kind of defect."""

    code = serializers.CharField(max_length=20, required=False)
    name = serializers.CharField(max_length=80, required=False)
    active = serializers.BooleanField(required=False)


class EscalationOut(serializers.ModelSerializer[EscalationRule]):
    """From when on a nonconformity of a site calls for a CAPA."""

    site = SiteField(read_only=True)

    class Meta:
        model = EscalationRule
        fields = ("id", "site", "repeats", "days", "cost", "currency")
        read_only_fields = fields


class EscalationChange(serializers.Serializer[Any]):
    """Limits to set, with the reason."""

    repeats = serializers.IntegerField(min_value=2, max_value=1000, required=False)
    days = serializers.IntegerField(min_value=1, max_value=3650, required=False)
    cost = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", required=False)
    reason = serializers.CharField(max_length=300)


class EscalationIn(EscalationChange):
    """The limits of a site; what is left out is as delivered."""

    site = SiteField()
