"""A small API over one real record kind, for the tests of the REST base itself."""

from __future__ import annotations

from typing import Any

from django.urls import include, path

from capa.models import Nonconformity
from qms import urls
from qms.core.records import open_record
from qms.core.rest.filters import RecordFilter
from qms.core.rest.records import RecordViewSet
from qms.core.rest.routing import router_of


class ThingViewSet(RecordViewSet[Nonconformity]):
    model = Nonconformity
    filterset_class = RecordFilter

    def open(self, data: dict[str, Any]) -> Nonconformity:
        return open_record(Nonconformity, by=self.actor, severity="minor", **data)


urlpatterns = [path("api/v1/", include(router_of([("things", ThingViewSet, "thing")]).urls)), *urls.urlpatterns]
