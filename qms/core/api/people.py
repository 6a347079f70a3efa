"""Who and where: yourself, the people and the sites you work with."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from qms.core.actor import ALL, Actor
from qms.core.models import Site, User
from qms.core.rest.views import ApiViewSet, ReadViewSet


class SiteOut(serializers.ModelSerializer[Site]):
    """A plant: its zone, its working calendar."""

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


class PersonOut(serializers.ModelSerializer[User]):
    """A person you work with."""

    class Meta:
        model = User
        fields = ("id", "name", "email", "timezone", "language", "is_active")


class PersonViewSet(ReadViewSet[User]):
    """The people with a role at your sites, or at every site."""

    policy: ClassVar[Any] = {"list": "person.view", "retrieve": "person.view"}
    gives = PersonOut
    ordering = "name"
    orderings = ("email",)

    def visible(self) -> QuerySet[User]:
        """Everybody with a role where you have one."""
        sites = self.actor.sites("person.view")
        here = Q(memberships__site__in=sites) | Q(memberships__site=None, memberships__isnull=False)
        return User.objects.all() if sites is ALL else User.objects.filter(here).distinct()


class RoleOut(serializers.Serializer[Any]):
    """The roles at one site."""

    site = serializers.CharField(allow_null=True, help_text="Code of the site; null means every site.")
    roles = serializers.ListField(child=serializers.CharField())


class MeOut(serializers.Serializer[Any]):
    """Who the API takes you for."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    timezone = serializers.CharField()
    kind = serializers.CharField(help_text="person, or token when an API key asks.")
    scopes = serializers.ListField(child=serializers.CharField(), allow_null=True, help_text="Null: not narrowed.")
    roles = RoleOut(many=True)


class MeViewSet(ApiViewSet[User]):
    """Yourself."""

    policy = "signed-in"
    gives = MeOut
    lists = ()

    def list(self, request: Request) -> Response:
        """Who you are, with your roles."""
        codes = dict(Site.objects.filter(pk__in=[pk for pk in self.actor.roles if pk]).values_list("pk", "code"))
        return self.answer(_seen(self.actor, codes))


def _seen(actor: Actor, codes: dict[int, str]) -> dict[str, Any]:
    roles = [
        {"site": None if site is None else codes[site], "roles": sorted(held)} for site, held in actor.roles.items()
    ]
    return {
        "id": actor.id,
        "name": actor.name,
        "email": actor.email,
        "timezone": actor.timezone,
        "kind": actor.kind,
        "scopes": actor.scopes,
        "roles": sorted(roles, key=lambda row: row["site"] or ""),
    }
