"""Filters of master data, for pages and API alike."""

from __future__ import annotations

from typing import ClassVar

import django_filters

from governance.models import Equipment, Level, Parameter, Part, UnmappedState, UnmappedTopic


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

    class Meta:
        model = UnmappedTopic
        fields: ClassVar = ["state"]
