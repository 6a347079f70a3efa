"""Every door of the web process: pages, REST, live stream."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

DOORS = (
    ("", "qms.core.urls"),
    ("", "qms.web.urls"),
    ("process/", "iot.urls"),
    ("master-data/", "governance.urls"),
    ("quality/", "capa.urls"),
    ("analytics/", "analytics.urls"),
    ("api/v1/", "qms.urls_api"),
)
urlpatterns: list[URLPattern | URLResolver] = [
    path(prefix, include(module))
    for prefix, module in DOORS
    if find_spec(module.split(".")[0]) and find_spec(module.rpartition(".")[0]) and find_spec(module)
]

handler400 = "qms.web.views.errors.bad_request"
handler403 = "qms.web.views.errors.denied"
handler404 = "qms.web.views.errors.not_found"
handler500 = "qms.web.views.errors.failed"
