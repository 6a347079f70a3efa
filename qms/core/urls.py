"""The kernel's addresses."""

from __future__ import annotations

from django.urls import path

from qms.core.views import Download, Live, Metrics, Ready

app_name = "core"
urlpatterns = [
    path("health/", Ready.as_view(), name="ready"),
    path("health/live/", Live.as_view(), name="live"),
    path("metrics", Metrics.as_view(), name="metrics"),
    path("files/<int:pk>/", Download.as_view(), name="file"),
]
