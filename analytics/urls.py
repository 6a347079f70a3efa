"""Addresses of the room's pages."""

from __future__ import annotations

from django.urls import path

from analytics.views import analysis, gaging, lists, workbench

app_name = "analytics"
ONE = "analyses/<int:pk>/"
STUDY = "gage-studies/<int:pk>/"

urlpatterns = [
    path("workbench/", workbench.Workbench.as_view(), name="workbench"),
    path("analyses/", lists.AnalysisList.as_view(), name="analyses"),
    path(ONE, analysis.AnalysisPage.as_view(), name="analysis"),
    path(f"{ONE}word/", analysis.Reword.as_view(), name="reword"),
    path(f"{ONE}use/", analysis.UseAsEvidence.as_view(), name="use"),
    path(f"{ONE}export/<slug:kind>/", analysis.Export.as_view(), name="export"),
    path("gage-studies/", gaging.GageStudyList.as_view(), name="gage-studies"),
    path("gage-studies/new/", gaging.PlanStudy.as_view(), name="gage-study-new"),
    path(STUDY, gaging.GageStudyPage.as_view(), name="gage-study"),
    path(f"{STUDY}measure/", gaging.Measure.as_view(), name="gage-study-measure"),
    path(f"{STUDY}runs/<int:run>/correct/", gaging.Correct.as_view(), name="gage-study-correct"),
    path(f"{STUDY}compute/", gaging.Compute.as_view(), name="gage-study-compute"),
    path("", lists.Front.as_view(), name="front"),
]
