"""Filters of master data, for pages and API alike."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet

from governance.models import (
    CalibrationResult,
    Characteristic,
    Chart,
    Equipment,
    Gage,
    GageKind,
    GageState,
    Level,
    NumberRule,
    Parameter,
    Part,
    Process,
    RuleTarget,
    UnmappedState,
    UnmappedTopic,
)


class PartFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By number, use and site."""

    number = django_filters.CharFilter(lookup_expr="iexact", label="Number")
    active = django_filters.BooleanFilter(label="In use")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")

    class Meta:
        model = Part
        fields: ClassVar = ["number"]


class EquipmentFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By level, parent and site."""

    level = django_filters.ChoiceFilter(choices=Level.choices, label="Level")
    parent = django_filters.NumberFilter("parent_id", label="Below", help_text="Id of the equipment above.")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")

    class Meta:
        model = Equipment
        fields: ClassVar = ["level"]


class ProcessFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By code, use, station and site."""

    code = django_filters.CharFilter(lookup_expr="iexact", label="Code")
    active = django_filters.BooleanFilter(label="In use")
    station = django_filters.CharFilter(method="at", label="Station", help_text="Code of a station that runs it.")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")

    class Meta:
        model = Process
        fields: ClassVar = ["code"]

    def at(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Processes of which something is measured at a station."""
        measured = Characteristic.objects.filter(station__code__iexact=value, process__isnull=False)
        return queryset.filter(pk__in=measured.values("process"))


class MeasuredFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """What is measured in a process: by station, chart and use."""

    station = django_filters.CharFilter("station__code", lookup_expr="iexact", label="Station")
    chart = django_filters.ChoiceFilter(choices=Chart.choices, label="Chart")
    active = django_filters.BooleanFilter(label="In use")

    class Meta:
        model = Characteristic
        fields: ClassVar = ["chart"]


class RuleFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """Naming rules by what they check, use and site."""

    target = django_filters.ChoiceFilter(choices=RuleTarget.choices, label="Checks")
    active = django_filters.BooleanFilter(label="In use")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")

    class Meta:
        model = NumberRule
        fields: ClassVar = ["target"]


class ParameterFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By path, unit, use and site."""

    path = django_filters.CharFilter(lookup_expr="iexact", label="Path")
    unit = django_filters.CharFilter(lookup_expr="exact", label="Unit")
    active = django_filters.BooleanFilter(label="In use")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")

    class Meta:
        model = Parameter
        fields: ClassVar = ["path"]


class UnmappedFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By state and topic."""

    state = django_filters.ChoiceFilter(choices=UnmappedState.choices, label="State")
    topic = django_filters.CharFilter(lookup_expr="icontains", label="Topic")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")

    class Meta:
        model = UnmappedTopic
        fields: ClassVar = ["state"]


class GageFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """Gages by where they stand, kind, station, what they measure, result, due date and site."""

    state = django_filters.MultipleChoiceFilter("standing", choices=GageState.choices, label="State", distinct=False)
    kind = django_filters.ChoiceFilter(choices=GageKind.choices, label="Kind")
    code = django_filters.CharFilter(lookup_expr="iexact", label="Code")
    station = django_filters.CharFilter("station__code", lookup_expr="iexact", label="Station")
    measures = django_filters.CharFilter(method="measuring", label="Measures", help_text="Code of a characteristic.")
    result = django_filters.ChoiceFilter("last_result", choices=CalibrationResult.choices, label="Last result")
    due = django_filters.DateFromToRangeFilter("next_due", label="Next due")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")

    class Meta:
        model = Gage
        fields: ClassVar = ["kind"]

    def measuring(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Gages that measure a characteristic of this code."""
        return queryset.filter(pk__in=Characteristic.objects.filter(code__iexact=value).values("gages"))
