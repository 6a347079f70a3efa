"""The list of analyses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet

from analytics import queries
from analytics.filters import AnalysisListFilter
from analytics.models import Analysis
from analytics.studies import STUDIES
from qms.web.nav import Command
from qms.web.pages import Column, Leading, NamedView, RecordListView

SECTIONS = (("analytics:analyses", "Analyses"), ("analytics:gage-studies", "Gage studies"))
NEW_ANALYSIS = Command(
    label="New analysis",
    url="analytics:workbench",
    permission="analysis.open",
    icon="chart-histogram",
    words="workbench statistics chart capability gauge anova pareto",
)


class AnalysisList(RecordListView):
    """What was asked of data, and what came out."""

    policy = "analysis.view"
    key, nav, title = "insight", "insight", "Analyses"
    family = "Insight"
    sections: ClassVar[Sequence[tuple[str, str]]] = SECTIONS
    model = Analysis
    filterset_class = AnalysisListFilter
    new = NEW_ANALYSIS
    noun = "analyses"
    purpose = (
        "An analysis answers a question from data: pasted, from a file, or of characteristics. Saved, it keeps data, "
        "formula and answer under one digest and can be evidence of a nonconformity or CAPA."
    )
    columns: ClassVar[Sequence[Column]] = (
        Column(key="number", label="Number", kind="mono", sort="number", link=True),
        Column(key="title", label="What", kind="what", sort="title"),
        Column(key="study", label="Study", value=lambda row: STUDIES[row.study].label, sort="study", group=True),
        Column(key="headline", label="Answer", sort="headline"),
        Column(key="size", label="Values", kind="number", sort="size"),
        Column(key="source", label="Data from", value="get_source_display", sort="source", group=True, shown=False),
        Column(key="state", label="State", kind="state", sort="state", group=True),
        Column(key="owner", label="By", value="owner.name", kind="person", sort="owner__name", group=True),
        Column(key="opened", label="Made", value="opened_at", kind="day", sort="opened_at"),
    )
    views: ClassVar[Sequence[NamedView]] = (
        NamedView("All", ""),
        NamedView("Mine", "mine=true"),
        NamedView("Saved", "state=saved"),
        NamedView("Drafts", "state=draft"),
    )

    def queryset(self) -> QuerySet[Any]:
        """Without the data they rest on."""
        return queries.analyses_of(self.actor)


class Front(Leading):
    """The room's own address leads to its list."""

    policy = "analysis.view"
    to = "analytics:analyses"
