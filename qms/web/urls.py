"""The doors of the shell."""

from __future__ import annotations

from django.urls import path

from qms.web.views import entrance, finding, first_run, jobs, lists, live, look, records, settings, work

app_name = "web"
urlpatterns = [
    path("", work.Home.as_view(), name="home"),
    path("live/", live.Live.as_view(), name="live"),
    path("sign-in/", entrance.SignIn.as_view(), name="sign-in"),
    path("sign-out/", entrance.SignOut.as_view(), name="sign-out"),
    path("welcome/<str:uid>/<str:token>/", entrance.Welcome.as_view(), name="welcome"),
    path("first-run/", first_run.FirstRun.as_view(), name="first-run"),
    path("first-run/owner/", first_run.Owner.as_view(), name="first-run-owner"),
    path("first-run/plant/", first_run.Plant.as_view(), name="first-run-plant"),
    path("first-run/start/", first_run.Start.as_view(), name="first-run-start"),
    path("first-run/connect/", first_run.Connect.as_view(), name="first-run-connect"),
    path("my-work/", work.MyWork.as_view(), name="my-work"),
    path("my-work/<int:pk>/", work.Peek.as_view(), name="peek"),
    path("my-work/<int:pk>/finish/", work.Finish.as_view(), name="task-finish"),
    path("palette/", finding.Palette.as_view(), name="palette"),
    path("search/", finding.Search.as_view(), name="search"),
    path("records/<int:pk>/peek/", records.RecordPeek.as_view(), name="record-peek"),
    path("records/<int:pk>/advance/", records.Advance.as_view(), name="record-advance"),
    path("records/<int:pk>/extend/", records.Extend.as_view(), name="record-extend"),
    path("records/<int:pk>/comments/", records.AddComment.as_view(), name="record-comment"),
    path("records/<int:pk>/links/", records.AddLink.as_view(), name="record-link"),
    path("records/<int:pk>/links/remove/", records.RemoveLink.as_view(), name="record-unlink"),
    path("records/<int:pk>/files/", records.AddFile.as_view(), name="record-file"),
    path("views/", lists.ViewSave.as_view(), name="view-save"),
    path("views/<int:pk>/delete/", lists.ViewDelete.as_view(), name="view-delete"),
    path("site/", lists.SiteChoice.as_view(), name="site-choice"),
    path("settings/", settings.Profile.as_view(), name="settings"),
    path("settings/profile/", settings.Profile.as_view(), name="profile"),
    path("settings/notifications/", settings.Notifications.as_view(), name="notifications"),
    path("settings/notifications/read/", settings.NoticesRead.as_view(), name="notices-read"),
    path("settings/people/", settings.People.as_view(), name="people"),
    path("settings/people/<int:pk>/", settings.PersonChange.as_view(), name="person"),
    path("settings/sites/", settings.Sites.as_view(), name="sites"),
    path("settings/sites/<int:pk>/", settings.SiteEdit.as_view(), name="site"),
    path("settings/keys/", settings.Keys.as_view(), name="keys"),
    path("settings/keys/<int:pk>/end/", settings.KeyEnd.as_view(), name="key-end"),
    path("settings/look/", look.Look.as_view(), name="look"),
    path("jobs/", jobs.Jobs.as_view(), name="jobs"),
    path("jobs/<int:pk>/cancel/", jobs.JobCancel.as_view(), name="job-cancel"),
]
