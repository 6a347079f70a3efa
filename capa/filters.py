"""What lists of the room can be narrowed by, on pages and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from capa.models import Action, Capa, DefectCode, Deviation, Nonconformity
from capa.models.causes import ActionKind, ActionState
from capa.models.nonconformity import Found
from capa.workflow import CAPA_FLOW, DEVIATION_FLOW, NCR_FLOW
from qms.core.models.record import SEVERITIES
from qms.core.rest.filters import MineFilter, RecordFilter


class NonconformityFilter(RecordFilter):
    """Nonconformities by what, where and how found."""

    part = django_filters.CharFilter("part__number", lookup_expr="iexact", help_text="Part number.")
    station = django_filters.CharFilter("station__code", lookup_expr="iexact", help_text="Code of a station.")
    process = django_filters.CharFilter("process__code", lookup_expr="iexact", help_text="Code of a process.")
    defect_code = django_filters.CharFilter("defect_code__code", lookup_expr="iexact", help_text="Defect code.")
    characteristic = django_filters.CharFilter(
        "characteristic__code", lookup_expr="iexact", help_text="Code of a characteristic."
    )
    lot = django_filters.CharFilter("lot", lookup_expr="iexact")
    found = django_filters.ChoiceFilter(choices=Found.choices)
    customer_found = django_filters.BooleanFilter("customer_found")
    escalated = django_filters.BooleanFilter(method="only_escalated", help_text="Yes (true): calls for a CAPA.")
    detected_after = django_filters.IsoDateTimeFilter("detected_at", lookup_expr="gte")
    detected_before = django_filters.IsoDateTimeFilter("detected_at", lookup_expr="lt")

    class Meta:
        model = Nonconformity
        fields: tuple[str, ...] = ()

    def only_escalated(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Those over a limit of their site, or the rest."""
        return queryset.exclude(escalation=[]) if value else queryset.filter(escalation=[])


class CapaFilter(RecordFilter):
    """CAPAs by source, champion and how they went."""

    champion = django_filters.CharFilter("champion__email", lookup_expr="iexact", help_text="E-mail address.")
    source = django_filters.CharFilter("source")
    nature = django_filters.CharFilter("nature")
    nonconformity = django_filters.NumberFilter("source_ncr_id", help_text="Id of the nonconformity it came from.")
    ineffective = django_filters.BooleanFilter(
        method="only_ineffective", help_text="Yes (true): was ineffective at least once."
    )

    class Meta:
        model = Capa
        fields: tuple[str, ...] = ()

    def only_ineffective(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Those that came back, or the rest."""
        return queryset.filter(ineffective_count__gt=0) if value else queryset.filter(ineffective_count=0)


class DefectCodeFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """Defect codes by code, use and site."""

    code = django_filters.CharFilter(lookup_expr="iexact", label="Code")
    active = django_filters.BooleanFilter(label="In use")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")

    class Meta:
        model = DefectCode
        fields: tuple[str, ...] = ()


class NonconformityListFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """The filters of the page: few, as words."""

    open = django_filters.BooleanFilter("closed_at", lookup_expr="isnull", label="Open")
    state = django_filters.MultipleChoiceFilter(
        choices=[(s.name, s.label) for s in NCR_FLOW.states], label="State", distinct=False
    )
    severity = django_filters.MultipleChoiceFilter(choices=SEVERITIES, label="Severity", distinct=False)
    found = django_filters.MultipleChoiceFilter(choices=Found.choices, label="Found at", distinct=False)
    code = django_filters.ModelChoiceFilter(
        field_name="defect_code", queryset=DefectCode.objects.all(), null_label="No code yet", label="Defect"
    )
    line = django_filters.CharFilter("station__parent__code", lookup_expr="iexact", label="Line")
    part = django_filters.CharFilter("part__number", lookup_expr="icontains", label="Part")
    detected = django_filters.DateFromToRangeFilter("detected_at", label="Detected")
    mine = MineFilter("owner_id", label="Mine")
    late = django_filters.BooleanFilter(method="only_late", label="Overdue")
    escalated = django_filters.BooleanFilter(method="only_escalated", label="Calls for a CAPA")

    class Meta:
        model = Nonconformity
        fields: tuple[str, ...] = ()

    def only_late(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Open and past due."""
        return RecordFilter.only_overdue(self, queryset, name, value)

    def only_escalated(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Over a limit of their site."""
        return NonconformityFilter.only_escalated(self, queryset, name, value)


class ActionListFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """Actions by state, kind, owner and day."""

    state = django_filters.ChoiceFilter(choices=ActionState.choices, label="State")
    kind = django_filters.MultipleChoiceFilter(choices=ActionKind.choices, label="Kind")
    capa = django_filters.CharFilter("capa__number", lookup_expr="iexact", label="CAPA")
    owner = django_filters.CharFilter("owner__name", lookup_expr="icontains", label="Owner")
    due = django_filters.DateFromToRangeFilter("due", label="Due")
    mine = MineFilter("owner_id", label="Mine")
    late = django_filters.BooleanFilter(method="only_late", label="Overdue")

    class Meta:
        model = Action
        fields: tuple[str, ...] = ()

    def only_late(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Open and past their day, or the rest."""
        late = Q(state=ActionState.OPEN, due__lt=timezone.now())
        return queryset.filter(late) if value else queryset.exclude(late)


class DeviationFilter(RecordFilter):
    """Deviation permits by part, lot and bound."""

    part = django_filters.CharFilter("part__number", lookup_expr="iexact", help_text="Part number.")
    lot = django_filters.CharFilter("lot", lookup_expr="iexact")
    ends_before = django_filters.DateFilter("ends_on", lookup_expr="lt", help_text="Last day before this one.")

    class Meta:
        model = Deviation
        fields: tuple[str, ...] = ()


class DeviationListFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """The filters of the page of deviation permits."""

    open = django_filters.BooleanFilter("closed_at", lookup_expr="isnull", label="Open")
    state = django_filters.MultipleChoiceFilter(
        choices=[(s.name, s.label) for s in DEVIATION_FLOW.states], label="State"
    )
    part = django_filters.CharFilter("part__number", lookup_expr="icontains", label="Part")
    ends = django_filters.DateFromToRangeFilter("ends_on", label="Last day")
    mine = MineFilter("owner_id", label="Mine")

    class Meta:
        model = Deviation
        fields: tuple[str, ...] = ()


class CapaListFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """The filters of the page of CAPAs."""

    open = django_filters.BooleanFilter("closed_at", lookup_expr="isnull", label="Open")
    state = django_filters.MultipleChoiceFilter(
        choices=[(s.name, s.label) for s in CAPA_FLOW.states], label="State", distinct=False
    )
    severity = django_filters.MultipleChoiceFilter(choices=SEVERITIES, label="Severity", distinct=False)
    mine = django_filters.BooleanFilter(method="only_mine", label="Mine")
    late = django_filters.BooleanFilter(method="only_late", label="Overdue")
    opened = django_filters.DateFromToRangeFilter("opened_at", label="Opened")

    class Meta:
        model = Capa
        fields: tuple[str, ...] = ()

    def only_mine(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Those the person owns or champions."""
        me = self.request.actor.id
        mine = queryset.filter(owner_id=me) | queryset.filter(champion_id=me)
        return mine if value else queryset.exclude(pk__in=mine.values("pk"))

    def only_late(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Open and past due."""
        return RecordFilter.only_overdue(self, queryset, name, value)
