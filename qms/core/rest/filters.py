"""Filters every record list shares; a room's own set adds its fields."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone


class MineFilter(django_filters.BooleanFilter):  # type: ignore[misc]  # the library has no types
    """true: those of the person who asks, by the column that names the person; false: the others."""

    def filter(self, qs: QuerySet[Any], value: bool | None) -> QuerySet[Any]:
        """The rows that are left."""
        if value is None:
            return qs
        mine = {self.field_name: self.parent.request.actor.id}
        return qs.filter(**mine) if value else qs.exclude(**mine)


class RecordFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By state, place, person, weight, time, and the words of the title or number."""

    state = django_filters.CharFilter(method="in_states", help_text="One state, or several with commas.")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", help_text="Code of a site.")
    owner = django_filters.CharFilter("owner__email", lookup_expr="iexact", help_text="E-mail address of the owner.")
    severity = django_filters.CharFilter("severity")
    number = django_filters.CharFilter("number", lookup_expr="iexact")
    open = django_filters.BooleanFilter(method="only_open", help_text="Yes (true): not yet closed.")
    overdue = django_filters.BooleanFilter(method="only_overdue", help_text="Yes (true): open and past its due time.")
    opened_after = django_filters.IsoDateTimeFilter("opened_at", lookup_expr="gte")
    opened_before = django_filters.IsoDateTimeFilter("opened_at", lookup_expr="lt")
    updated_after = django_filters.IsoDateTimeFilter("updated_at", lookup_expr="gte")
    q = django_filters.CharFilter(method="words", help_text="Part of the number or the title.")

    def in_states(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Any of the states named."""
        return queryset.filter(state__in=[state.strip() for state in value.split(",")])

    def only_open(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:  # the library's signature
        """Open, or closed."""
        return queryset.filter(closed_at__isnull=value)

    def only_overdue(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:  # the library's signature
        """Past due and open, or the rest."""
        late = {"closed_at": None, "due__lt": timezone.now()}
        return queryset.filter(**late) if value else queryset.exclude(**late)

    def words(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Number or title containing the text."""
        return queryset.filter(title__icontains=value) | queryset.filter(number__icontains=value)
