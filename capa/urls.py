"""Addresses of the room's pages."""

from __future__ import annotations

from django.urls import path

from capa.views import actions, bulk, catalogue, causes, corrective, deviation, disciplines, lists, nonconformity, rows

app_name = "capa"
NCR, CAPA, DEV = "nonconformities/<int:pk>/", "capas/<int:pk>/", "deviations/<int:pk>/"

urlpatterns = [
    path("nonconformities/", lists.NonconformityList.as_view(), name="nonconformities"),
    path("nonconformities/new/", nonconformity.NewNonconformity.as_view(), name="nonconformity-new"),
    path("nonconformities/assign/", bulk.AssignSeveral.as_view(), name="nonconformities-assign"),
    path("nonconformities/dispose/", bulk.DisposeSeveral.as_view(), name="nonconformities-dispose"),
    path("nonconformities/capa/", bulk.CapaForSeveral.as_view(), name="nonconformities-capa"),
    path(NCR, nonconformity.NonconformityPage.as_view(), name="nonconformity"),
    path(f"{NCR}duplicate/", nonconformity.CopyNonconformity.as_view(), name="nonconformity-copy"),
    path(f"{NCR}save/", nonconformity.SaveDetails.as_view(), name="nonconformity-save"),
    path(f"{NCR}contain/", nonconformity.Contain.as_view(), name="nonconformity-contain"),
    path(f"{NCR}dispositions/", nonconformity.AddDisposition.as_view(), name="disposition-add"),
    path(f"{NCR}cost/", nonconformity.AddCost.as_view(), name="cost-add"),
    path(f"{NCR}refuse-capa/", nonconformity.RefuseCapa.as_view(), name="capa-refuse"),
    path(f"{NCR}open-capa/", nonconformity.OpenCapa.as_view(), name="nonconformity-capa"),
    path("dispositions/<int:pk>/<slug:what>/", nonconformity.WorkOnDisposition.as_view(), name="disposition-work"),
    path("signals/<int:pk>/open/", nonconformity.OpenFromSignal.as_view(), name="from-signal"),
    path("capas/", lists.CapaList.as_view(), name="capas"),
    path("capas/new/", corrective.NewCapa.as_view(), name="capa-new"),
    path(CAPA, corrective.CapaPage.as_view(), name="capa"),
    path(f"{CAPA}duplicate/", corrective.CopyCapa.as_view(), name="capa-copy"),
    path(f"{CAPA}8d/", corrective.Report.as_view(), name="capa-report"),
    path(f"{CAPA}save/<slug:section>/", disciplines.SaveSection.as_view(), name="capa-save"),
    path(f"{CAPA}team/", disciplines.SetTeam.as_view(), name="capa-team"),
    path(f"{CAPA}containments/", disciplines.AddContainment.as_view(), name="containment-add"),
    path("containments/<int:pk>/verify/", disciplines.VerifyContainment.as_view(), name="containment-verify"),
    path(f"{CAPA}causes/", disciplines.AddCause.as_view(), name="cause-add"),
    path(f"{CAPA}causes/grow/", causes.GrowTree.as_view(), name="cause-grow"),
    path("causes/<int:pk>/<slug:what>/", causes.TendTree.as_view(), name="cause-tend"),
    path("causes/<int:pk>/", disciplines.ChangeCause.as_view(), name="cause-change"),
    path(f"{CAPA}actions/", disciplines.AddAction.as_view(), name="action-add"),
    path("actions/", actions.ActionList.as_view(), name="actions"),
    path("actions/<int:pk>/change/", rows.ChangeAction.as_view(), name="action-change"),
    path("actions/<int:pk>/move/", rows.MoveAction.as_view(), name="action-move"),
    path("containments/<int:pk>/change/", rows.ChangeContainment.as_view(), name="containment-change"),
    path("criteria/<int:pk>/change/", rows.ChangeCriterion.as_view(), name="criterion-change"),
    path("actions/<int:pk>/<slug:what>/", disciplines.EndAction.as_view(), name="action-end"),
    path(f"{CAPA}criteria/", disciplines.AddCriterion.as_view(), name="criterion-add"),
    path(f"{CAPA}criteria/carry-over/", disciplines.CarryOver.as_view(), name="criteria-carry"),
    path("criteria/<int:pk>/drop/", disciplines.DropCriterion.as_view(), name="criterion-drop"),
    path(f"{CAPA}documents/<slug:kind>/", disciplines.AnswerDocument.as_view(), name="document-answer"),
    path(f"{CAPA}read-across/", disciplines.AskPlace.as_view(), name="place-ask"),
    path("read-across/<int:pk>/", disciplines.AnswerPlace.as_view(), name="place-answer"),
    path(f"{CAPA}judge/", disciplines.Judge.as_view(), name="capa-judge"),
    path("deviations/", deviation.DeviationList.as_view(), name="deviations"),
    path("deviations/new/", deviation.NewDeviation.as_view(), name="deviation-new"),
    path(DEV, deviation.DeviationPage.as_view(), name="deviation"),
    path(f"{DEV}duplicate/", deviation.CopyDeviation.as_view(), name="deviation-copy"),
    path(f"{DEV}save/", deviation.SaveTerms.as_view(), name="deviation-save"),
    path(f"{DEV}use/", deviation.BookUse.as_view(), name="deviation-use"),
    path(f"{DEV}extension/", deviation.AskExtension.as_view(), name="deviation-extend"),
    path("defect-codes/", catalogue.DefectCodes.as_view(), name="defect-codes"),
    path("defect-codes/new/", catalogue.NewDefectCode.as_view(), name="defect-code-new"),
    path("defect-codes/<int:pk>/", catalogue.EditDefectCode.as_view(), name="defect-code"),
    path("escalation/", catalogue.EscalationLimits.as_view(), name="escalation"),
    path("escalation/<int:pk>/", catalogue.SetLimits.as_view(), name="escalation-limits"),
    path("", lists.Front.as_view(), name="front"),
]
