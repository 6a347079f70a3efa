"""Who and where: yourself, the people with their roles, the sites with their calendar."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qms.core import people
from qms.core.actor import Actor
from qms.core.filters import PersonFilter
from qms.core.models import Membership, Site, User
from qms.core.policy import ROLES
from qms.core.rest import conditions
from qms.core.rest.serializers import SiteField
from qms.core.rest.views import ApiViewSet, ListViewSet


class HeldOut(serializers.Serializer[Any]):
    """One role somebody holds."""

    site = serializers.CharField(source="site.code", default=None, allow_null=True, help_text="Null: every site.")
    role = serializers.CharField()


class RoleIn(serializers.Serializer[Any]):
    """One role at one site, or at every site."""

    site = SiteField(allow_null=True, help_text="Null: every site.")
    role = serializers.ChoiceField(choices=list(ROLES.items()))


class PersonOut(serializers.ModelSerializer[User]):
    """A person you work with."""

    roles = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields: tuple[str, ...] = ("id", "name", "email", "timezone", "language", "is_active", "roles")

    @extend_schema_field(HeldOut(many=True))
    def get_roles(self, person: User) -> Any:
        """The roles held, by site, as far as you may see the site."""
        seen = people.visible_roles(self.context["request"].actor)
        if "memberships" not in getattr(person, "_prefetched_objects_cache", {}):
            prefetch_related_objects([person], Prefetch("memberships", seen.select_related("site")))
        return HeldOut(person.memberships.all(), many=True).data


class NewPersonOut(PersonOut):
    """A new person, with the way in."""

    welcome = serializers.CharField(
        default=None,
        allow_null=True,
        help_text="Where they set their password, once, within three days. Null when repeated or asked for by a key.",
    )

    class Meta(PersonOut.Meta):
        fields = (*PersonOut.Meta.fields, "welcome")


class PersonIn(serializers.Serializer[Any]):
    """A new person; they set their own password by a link."""

    name = serializers.CharField(max_length=120)
    email = serializers.EmailField()
    roles = RoleIn(many=True, allow_empty=False)


class PersonChange(serializers.Serializer[Any]):
    """What an administrator may change on a person; `is_active` false keeps them out and ends their keys."""

    name = serializers.CharField(max_length=120, required=False)
    email = serializers.EmailField(required=False)
    timezone = serializers.CharField(max_length=64, required=False)
    is_active = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class WelcomeOut(serializers.Serializer[Any]):
    """The way in for a person."""

    welcome = serializers.CharField(allow_null=True, help_text="Good once, for three days; null when repeated.")


class PersonViewSet(ListViewSet[User]):
    """The people with a role at your sites, or at every site."""

    policy: ClassVar[Any] = {
        **dict.fromkeys(("list", "retrieve"), "person.view"),
        **dict.fromkeys(("create", "partial_update", "grant", "revoke", "invite"), "person.edit"),
    }
    gives: ClassVar[Any] = {"default": PersonOut, "create": NewPersonOut, "invite": WelcomeOut}
    takes: ClassVar[Any] = {"create": PersonIn, "partial_update": PersonChange, "grant": RoleIn, "revoke": RoleIn}
    filterset_class = PersonFilter
    queryset = User.objects.none()
    tagged = True
    ordering = "name"
    orderings = ("email",)

    def visible(self) -> QuerySet[User]:
        """Everybody with a role where you have one."""
        return people.visible_people(self.actor)

    def etag(self, thing: User) -> str:
        """The person with all their roles."""
        held = Membership.objects.filter(user=thing)
        return conditions.etag_of(thing, sorted(held.values_list("site_id", "role"), key=str))

    def open(self, data: dict[str, Any]) -> User:
        """Make one with roles."""
        roles = [(row["site"], row["role"]) for row in data["roles"]]
        made = people.create_person(name=data["name"], email=data["email"], roles=roles, by=self.actor)
        if self.actor.kind == "person":
            path = people.welcome_link(made, by=self.actor)
            made.welcome = self.request.build_absolute_uri(path)  # type: ignore[attr-defined]  # shown once, here
        return made

    def change(self, thing: User, data: dict[str, Any]) -> User:
        """Change one."""
        data.pop("reason")
        return people.change_person(thing, by=self.actor, **data)

    def keepable(self, data: Any) -> Any:
        """A repeated request gets the person, not the way in."""
        return {**data, "welcome": None} if self.action in {"create", "invite"} else data

    def person(self) -> User:
        """The person of the address."""
        with self.reading():
            return self.get_object()

    @extend_schema(summary="Give a role")
    @action(detail=True, methods=["post"])
    def grant(self, request: Request, pk: str) -> Response:
        """One more; only who administers the site gives roles there."""
        data = self.taken()
        people.grant_role(self.person(), (data["site"], data["role"]), by=self.actor)
        return self.answer(self.person())

    @extend_schema(summary="Take a role away")
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """409 when it is not held, or when nobody would own the platform."""
        data, person = self.taken(), self.person()
        people.revoke_role(person, (data["site"], data["role"]), by=self.actor)
        with self.reading():
            return self.answer(User.objects.get(pk=person.pk))

    @extend_schema(summary="A new way in", request=None)
    @action(detail=True, methods=["post"])
    def invite(self, request: Request, pk: str) -> Response:
        """Where the person sets a new password, once, within three days; never for an API key."""
        path = people.welcome_link(self.person(), by=self.actor)
        return self.answer({"welcome": request.build_absolute_uri(path)})


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
