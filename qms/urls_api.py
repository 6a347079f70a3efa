"""Every address below /api/v1/: collected from the rooms, described at schema/."""

from __future__ import annotations

from django.urls import path, re_path

from qms.core.rest.openapi import Document
from qms.core.rest.routing import Index, Unknown, router_of, routes_of

app_name = "api"
ROOMS = ("qms.core.api", "qms.web.api", "governance.api", "iot.api", "capa.api", "analytics.api")
ROUTES = routes_of(ROOMS)

urlpatterns = [
    path("", Index.as_view({"get": "list"}, routes=tuple(ROUTES)), name="index"),
    path("schema/", Document.as_view(), name="schema"),
    *router_of(ROUTES).urls,
    re_path("", Unknown.as_view(), name="unknown"),
]
