"""Addresses of the room's pages."""

from __future__ import annotations

from django.urls import path

from analytics.views import analysis, lists, workbench

app_name = "analytics"
ONE = "analyses/<int:pk>/"

urlpatterns = [
    path("workbench/", workbench.Workbench.as_view(), name="workbench"),
    path("analyses/", lists.AnalysisList.as_view(), name="analyses"),
    path(ONE, analysis.AnalysisPage.as_view(), name="analysis"),
    path(f"{ONE}word/", analysis.Reword.as_view(), name="reword"),
    path(f"{ONE}use/", analysis.UseAsEvidence.as_view(), name="use"),
    path(f"{ONE}export/<slug:kind>/", analysis.Export.as_view(), name="export"),
    path("", lists.Front.as_view(), name="front"),
]
