"""What lists of analyses can be narrowed by, on pages and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from analytics.models import Analysis, Source
from analytics.studies import STUDIES
from analytics.workflow import ANALYSIS_FLOW
from qms.core.rest.filters import RecordFilter

_STUDIES = [(study.key, study.label) for study in STUDIES.values()]


class AnalysisFilter(RecordFilter):
    """Analyses by study and source."""

    study = django_filters.ChoiceFilter(choices=_STUDIES)
    source = django_filters.ChoiceFilter(choices=Source.choices)

    class Meta:
        model = Analysis
        fields: tuple[str, ...] = ()


class AnalysisListFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """The filters of the page."""

    state = django_filters.MultipleChoiceFilter(
        choices=[(s.name, s.label) for s in ANALYSIS_FLOW.states], label="State", distinct=False
    )
    study = django_filters.MultipleChoiceFilter(choices=_STUDIES, label="Study", distinct=False)
    source = django_filters.MultipleChoiceFilter(choices=Source.choices, label="Data from", distinct=False)
    mine = django_filters.BooleanFilter(method="only_mine", label="Mine")
    opened = django_filters.DateFromToRangeFilter("opened_at", label="Made")

    class Meta:
        model = Analysis
        fields: tuple[str, ...] = ()

    def only_mine(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Those the person owns."""
        mine = {"owner_id": self.request.actor.id}
        return queryset.filter(**mine) if value else queryset.exclude(**mine)
