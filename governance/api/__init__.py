"""Endpoints of master data."""

from __future__ import annotations

from rest_framework.viewsets import ViewSetMixin

from governance.api.gages import GageViewSet
from governance.api.plant import API_ROUTES as PLANT
from governance.api.plant import belonging, one_of

__all__ = ["API_ROUTES", "belonging", "one_of"]
API_ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [*PLANT, ("gages", GageViewSet, "gage")]
