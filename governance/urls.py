"""The doors of master data."""

from __future__ import annotations

from django.urls import path

from governance.views import forms, gages, joint, lists

app_name = "governance"
urlpatterns = [
    path("", lists.Unmapped.as_view(), name="home"),
    path("topics/", lists.Unmapped.as_view(), name="unmapped"),
    path("topics/<int:pk>/", forms.MapTopic.as_view(), name="map"),
    path("topics/<int:pk>/ignore/", forms.IgnoreTopic.as_view(), name="ignore"),
    path("import/", forms.ImportTable.as_view(), name="import"),
    path("parts/", lists.Parts.as_view(), name="parts"),
    path("parts/new/", forms.PartNew.as_view(), name="part-new"),
    path("parts/<int:pk>/", forms.PartEdit.as_view(), name="part"),
    path("processes/", lists.Processes.as_view(), name="processes"),
    path("processes/new/", forms.ProcessNew.as_view(), name="process-new"),
    path("processes/<int:pk>/", lists.ProcessPage.as_view(), name="process"),
    path("processes/<int:pk>/edit/", forms.ProcessEdit.as_view(), name="process-edit"),
    path("processes/<int:pk>/station/", forms.ProcessStation.as_view(), name="process-station"),
    path("equipment/", lists.EquipmentList.as_view(), name="equipment-list"),
    path("equipment/new/", forms.EquipmentNew.as_view(), name="equipment-new"),
    path("equipment/<int:pk>/", forms.EquipmentEdit.as_view(), name="equipment"),
    path("parameters/", lists.Parameters.as_view(), name="parameters"),
    path("parameters/<int:pk>/", forms.ParameterEdit.as_view(), name="parameter"),
    path("gages/", gages.Gages.as_view(), name="gages"),
    path("gages/new/", gages.GageNew.as_view(), name="gage-new"),
    path("gages/<int:pk>/", gages.GagePage.as_view(), name="gage"),
    path("gages/<int:pk>/edit/", gages.GageEdit.as_view(), name="gage-edit"),
    path("gages/<int:pk>/state/", gages.GageStatusChange.as_view(), name="gage-state"),
    path("gages/<int:pk>/calibrate/", gages.CalibrationNew.as_view(), name="calibration-new"),
    path(
        "gages/<int:pk>/calibrations/<int:calibration>/withdraw/",
        gages.CalibrationWithdraw.as_view(),
        name="calibration-withdraw",
    ),
    path(
        "gages/<int:pk>/calibrations/<int:calibration>/certificate/",
        gages.Certificate.as_view(),
        name="certificate",
    ),
    path("rules/", lists.Rules.as_view(), name="rules"),
    path("rules/price/", forms.RulesPrice.as_view(), name="rules-price"),
    path("rules/new/", forms.RuleNew.as_view(), name="rule-new"),
    path("characteristics/together/", joint.TogetherNew.as_view(), name="together-new"),
    path("characteristics/<int:pk>/together/", joint.TogetherNew.as_view(), name="together"),
    path("characteristics/<int:pk>/together/edit/", joint.TogetherEdit.as_view(), name="together-edit"),
    path("characteristics/<int:pk>/edit/", forms.CharacteristicEdit.as_view(), name="characteristic-edit"),
]
