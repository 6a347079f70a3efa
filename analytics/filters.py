"""What lists of analyses can be narrowed by, on pages and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from analytics.models import Analysis, Finding, GageStudy, Method, Source, StudyRun
from analytics.studies import STUDIES
from analytics.workflow import ANALYSIS_FLOW, GAGE_STUDY_FLOW
from qms.core.rest.filters import MineFilter, RecordFilter

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
    mine = MineFilter("owner_id", label="Mine")
    opened = django_filters.DateFromToRangeFilter("opened_at", label="Made")

    class Meta:
        model = Analysis
        fields: tuple[str, ...] = ()


class GageStudyFilter(RecordFilter):
    """Gage studies by what they ask, the verdict, the gage and the characteristic."""

    method = django_filters.ChoiceFilter(choices=Method.choices)
    verdict = django_filters.ChoiceFilter(choices=Finding.choices)
    gage = django_filters.NumberFilter("gage_id", help_text="Id of the gage.")
    characteristic = django_filters.NumberFilter("characteristic_id", help_text="Id of the characteristic.")

    class Meta:
        model = GageStudy
        fields: tuple[str, ...] = ()


class GageStudyListFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """The filters of the page."""

    state = django_filters.MultipleChoiceFilter(
        choices=[(s.name, s.label) for s in GAGE_STUDY_FLOW.states], label="State", distinct=False
    )
    method = django_filters.MultipleChoiceFilter(choices=Method.choices, label="Study", distinct=False)
    verdict = django_filters.MultipleChoiceFilter(choices=Finding.choices, label="Verdict", distinct=False)
    gage = django_filters.CharFilter("gage__code", lookup_expr="iexact", label="Gage")
    characteristic = django_filters.CharFilter("characteristic__code", lookup_expr="iexact", label="Characteristic")
    mine = django_filters.BooleanFilter(method="to_measure", label="Asked of me")
    opened = django_filters.DateFromToRangeFilter("opened_at", label="Planned")

    class Meta:
        model = GageStudy
        fields: tuple[str, ...] = ()

    def to_measure(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Those in which the person still has readings to take."""
        left = StudyRun.objects.filter(operator_id=self.request.actor.id, entered_at=None).values("study")
        return queryset.filter(pk__in=left) if value else queryset.exclude(pk__in=left)
