"""The doors of the floor."""

from __future__ import annotations

from django.urls import path

from iot.views import acts, characteristic, corrections, devices, limits, lists, looking, nodes, overview, profiles

app_name = "iot"
urlpatterns = [
    path("", overview.PlantOverview.as_view(), name="overview"),
    path("characteristics/", lists.Characteristics.as_view(), name="characteristics"),
    path("characteristics/<int:pk>/", characteristic.CharacteristicPage.as_view(), name="characteristic"),
    path("characteristics/<int:pk>/chart.json", characteristic.ChartData.as_view(), name="chart-data"),
    path("characteristics/<int:pk>/chart.svg", characteristic.ChartSvg.as_view(), name="chart-svg"),
    path("characteristics/<int:pk>/points/", lists.Points.as_view(), name="points"),
    path("characteristics/<int:pk>/points/<int:n>/", characteristic.ChartPoint.as_view(), name="point"),
    path("characteristics/<int:pk>/exclude/", acts.ExcludePoints.as_view(), name="exclude"),
    path("characteristics/<int:pk>/annotate/", acts.Annotate.as_view(), name="annotate"),
    path("characteristics/<int:pk>/propose/", acts.ProposeLimits.as_view(), name="propose"),
    path("characteristics/<int:pk>/freeze/", acts.FreezeChart.as_view(), name="freeze"),
    path("characteristics/<int:pk>/strata/", looking.Strata.as_view(), name="strata"),
    path("characteristics/<int:pk>/shift/", looking.LevelShift.as_view(), name="shift"),
    path("characteristics/<int:pk>/stages/", looking.Stages.as_view(), name="stages"),
    path("characteristics/<int:pk>/runs/new/", acts.BeginRun.as_view(), name="run-begin"),
    path("runs/<int:pk>/remove/", acts.RemoveRun.as_view(), name="run-remove"),
    path("signals/<int:pk>/moved/", looking.WhatMoved.as_view(), name="moved"),
    path("exclusions/<int:pk>/lift/", acts.LiftExclusion.as_view(), name="lift"),
    path("annotations/<int:pk>/remove/", acts.RemoveNote.as_view(), name="note-remove"),
    path("signals/", lists.Signals.as_view(), name="signals"),
    path("signals/<int:pk>/cause/", acts.GiveCause.as_view(), name="cause"),
    path("limits/", limits.LimitsList.as_view(), name="limits-list"),
    path("limits/<int:pk>/", limits.LimitsPage.as_view(), name="limits"),
    path("devices/", devices.Devices.as_view(), name="devices"),
    path("devices/new/", devices.DeviceNew.as_view(), name="device-new"),
    path("devices/<int:pk>/", devices.DevicePage.as_view(), name="device"),
    path("devices/<int:pk>/state/", devices.DeviceState.as_view(), name="device-state"),
    path("devices/<int:pk>/credential/", devices.DeviceCredential.as_view(), name="device-credential"),
    path("devices/<int:pk>/revoke/", devices.DeviceRevoke.as_view(), name="device-revoke"),
    path("profiles/", profiles.Profiles.as_view(), name="profiles"),
    path("profiles/new/", profiles.ProfileNew.as_view(), name="profile-new"),
    path("profiles/try/", profiles.TryOut.as_view(), name="try"),
    path("profiles/<int:pk>/", profiles.ProfilePage.as_view(), name="profile"),
    path("profiles/<int:pk>/edit/", profiles.ProfileEdit.as_view(), name="profile-edit"),
    path("profiles/<int:pk>/replay/", profiles.ProfileReplay.as_view(), name="profile-replay"),
    path("nodes/", nodes.Nodes.as_view(), name="nodes"),
    path("nodes/<int:pk>/", nodes.NodePage.as_view(), name="node"),
    path("quarantine/", lists.QuarantineList.as_view(), name="quarantine"),
    path("quarantine/<int:pk>/", lists.Quarantined.as_view(), name="quarantined"),
    path("quarantine/discard/", lists.Discard.as_view(), name="discard"),
    path("corrections/", corrections.Corrections.as_view(), name="corrections"),
    path("corrections/<int:pk>/", corrections.DecideCorrection.as_view(), name="correction"),
    path("quarantine/replay/", lists.Replay.as_view(), name="replay"),
]
