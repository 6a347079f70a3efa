"""The kernel's own resources: sites, people, the inbox, what happened, long work, keys."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from qms.core.actor import ALL
from qms.core.models import Site
from qms.core.rest.routing import Route
from qms.core.rest.views import ReadViewSet


class SiteOut(serializers.ModelSerializer[Site]):
    """A plant."""

    class Meta:
        model = Site
        fields = ("id", "code", "name", "timezone", "language", "workdays", "shifts")


class SiteViewSet(ReadViewSet[Site]):
    """The plants you work for."""

    policy: ClassVar[Any] = {"list": "site.view", "retrieve": "site.view"}
    gives = SiteOut
    ordering = "code"

    def visible(self) -> QuerySet[Site]:
        """Your sites."""
        sites = self.actor.sites("site.view")
        return Site.objects.all() if sites is ALL else Site.objects.filter(pk__in=sites)


API_ROUTES: list[Route] = [("sites", SiteViewSet, "site")]
