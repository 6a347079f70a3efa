"""Endpoints of the room."""

from __future__ import annotations

from rest_framework.viewsets import ViewSetMixin

from analytics.api.analyses import API_ROUTES as ANALYSES
from analytics.api.gaging import GageStudyViewSet

__all__ = ["API_ROUTES"]
API_ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [*ANALYSES, ("gage-studies", GageStudyViewSet, "gagestudy")]
