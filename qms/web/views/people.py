"""People and their roles."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from qms.core import people
from qms.core.filters import PersonFilter
from qms.core.models import User
from qms.core.policy import ROLES
from qms.core.trail import reading
from qms.web.forms import PersonForm, RoleForm
from qms.web.nav import Command
from qms.web.pages import Column, FormDialog, Guarded, NamedView, Page, Policy
from qms.web.requests import whole_number
from qms.web.views.settings import SettingsList


def held_by(person: User) -> str:
    """The roles of a person in words."""
    rows = person.memberships.all()
    return ", ".join(f"{row.get_role_display()} ({row.site.code if row.site else 'every site'})" for row in rows)


class People(SettingsList):
    """Everybody of one's sites, with their roles."""

    key = "people"
    title = "People and roles"
    policy = "person.view"
    model = User
    filterset_class = PersonFilter
    search_fields = ("name", "email")
    default_sort = "name"
    noun = "people"
    purpose = "Everybody who works with the product, and what they may do where."
    new = Command(label="Add a person", url="web:person-new", permission="person.edit")
    views = (NamedView("Active", "active=true"), NamedView("All", ""))
    columns = (
        Column(key="name", label="Name", kind="what", sort="name", link=True),
        Column(key="email", label="E-mail", sort="email"),
        Column(key="roles", label="Roles", value=held_by),
        Column(key="timezone", label="Time zone", sort="timezone", shown=False),
        Column(key="since", label="Since", value="created_at", kind="day", sort="created_at", shown=False),
        Column(key="state", label="State", kind="state", sort="is_active",
               value=lambda row: ("done", "Active") if row.is_active else ("lock", "Locked")),
    )  # fmt: skip

    def queryset(self) -> QuerySet[Any]:
        """Everybody with a role where the person has one."""
        return people.visible_people(self.actor)

    def url_of(self, row: User) -> str:
        """The page of a person."""
        return reverse("web:person", args=[row.pk])


def tell_link(page: Guarded, user: User) -> None:
    """Show the link where a person sets a password, this once."""
    url = page.request.build_absolute_uri(people.welcome_link(user, by=page.actor))
    messages.success(page.request, f"{user.name} can set a password here, once, within three days: {url}")


class PersonNew(FormDialog):
    """A new person with a first role, and the link where they set their password."""

    policy = "person.edit"
    form_class = PersonForm
    heading = "Add a person"
    lead = "They set their own password by a link you pass on. There are no default passwords."
    button = "Add person"
    nav = "settings"

    def form(self, data: Any = None) -> PersonForm:
        """At the sites one administers."""
        return PersonForm(data, by=self.actor)

    def act(self, data: dict[str, Any]) -> str:
        """Make the person."""
        roles = [(data["site"], data["role"])]
        user = people.create_person(name=data["name"], email=data["email"], roles=roles, by=self.actor)
        tell_link(self, user)
        return reverse("web:people")


class PersonPage(Page):
    """One person: what they may do where; administrators give and take roles, let in and keep out."""

    policy: ClassVar[Policy] = {"GET": "person.view", "POST": "person.edit"}
    template_name = "web/person.html"
    nav = "settings"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The person with their roles."""
        person = self._person(kwargs["pk"])
        return {
            "title": person.name,
            "person": person,
            "role_form": RoleForm(by=self.actor, auto_id="role_%s"),
            "may_edit": self.actor.can("person.edit"),
        }

    def _person(self, pk: int) -> User:
        person = people.visible_people(self.actor).filter(pk=pk).first()
        if person is None:
            raise Http404("There is no such person at your sites.")
        return person

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Do what the pressed button says: a role given or taken, let in or kept out, a new link."""
        with reading(self.actor):
            user = self._person(pk)
        what = request.POST.get("do", "")
        if what == "grant":
            self._grant(user)
        elif what == "withdraw":
            seen = people.visible_roles(self.actor).filter(user=user)
            gone = get_object_or_404(seen, pk=whole_number(request.POST.get("membership")))
            people.revoke_role(user, (gone.site_id, gone.role), by=self.actor)
            messages.success(request, f"{user.name} no longer is {gone.get_role_display()} there.")
        elif what in {"lock", "unlock"}:
            people.change_person(user, is_active=what == "unlock", by=self.actor)
            can = "sign in again" if what == "unlock" else "no longer sign in"
            messages.success(request, f"{user.name} can {can}.")
        elif what == "link":
            tell_link(self, user)
        gone_from_view = not people.visible_people(self.actor).filter(pk=pk).exists()
        return HttpResponseRedirect(reverse("web:people") if gone_from_view else reverse("web:person", args=[pk]))

    def _grant(self, user: User) -> None:
        form = RoleForm(self.request.POST, by=self.actor)
        if form.is_valid():
            site, role = form.cleaned_data["site"], form.cleaned_data["role"]
            people.grant_role(user, (site, role), by=self.actor)
            messages.success(self.request, f"{user.name} is now also {ROLES[role]}.")
        else:
            messages.error(self.request, "Choose a role and a site that there are; nothing was given.")
