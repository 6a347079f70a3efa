"""Settings: one's own profile, people and their roles, sites, notices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from qms.core import people
from qms.core.actor import ALL
from qms.core.errors import Invalid
from qms.core.models import Membership, Site, Token, User
from qms.core.notify import notices, read
from qms.core.policy import ROLES
from qms.core.sites import change_site, create_site
from qms.core.tokens import issue_token, revoke_token
from qms.web import services
from qms.web.context import sites_of
from qms.web.forms import (
    KeyForm,
    PasswordForm,
    PersonForm,
    ProfileForm,
    RoleForm,
    SiteEditForm,
    SiteForm,
    Styled,
)
from qms.web.pages import FormDialog, Guarded, Page, Policy

PROFILE_FIELDS = ("timezone", "language", "theme", "density", "single_keys", "mail_notices")


class Profile(Page):
    """How the product looks and speaks to one person; their password."""

    policy = "signed-in"
    template_name = "web/profile.html"
    title = "Profile"
    nav = "settings"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The forms filled with what holds now."""
        user = cast("User", self.request.user)
        form = ProfileForm(initial={name: getattr(user, name) for name in PROFILE_FIELDS})
        roles = user.memberships.select_related("site")
        return {"form": form, "password_form": PasswordForm(), "memberships": roles, "section": "profile"}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Keep the profile, or the new password."""
        user = cast("User", request.user)
        changes_password = "new" in request.POST
        form: Styled = PasswordForm(request.POST) if changes_password else ProfileForm(request.POST)
        try:
            data = form.taken()
            if changes_password:
                services.change_password(user, old=data["old"], new=data["new"], by=self.actor)
                update_session_auth_hash(request, user)
            else:
                people.change_person(user, by=self.actor, **data)
        except Invalid as problem:
            form.refuse({"new" if key == "password" else key: texts for key, texts in problem.errors.items()})
            name = "password_form" if changes_password else "form"
            return self.render(**{**self.context(), name: form}, status=400)
        messages.success(request, "Password changed." if changes_password else "Profile saved.")
        return HttpResponseRedirect(reverse("web:profile"))


def _drawn(form: Styled) -> dict[str, SafeString]:
    """The fields of a form that stands beside every row, drawn once."""
    return {field.name: SafeString(field) for field in form}


class People(Page):
    """Everybody of one's sites, with their roles; administrators add people and give roles."""

    policy: ClassVar[Policy] = {"GET": "person.view", "POST": "person.edit"}
    template_name = "web/people.html"
    title = "People and roles"
    nav = "settings"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """People with the roles they hold."""
        held = Prefetch("memberships", Membership.objects.select_related("site").order_by("site__code", "role"))
        found = User.objects.prefetch_related(held)
        sites = self.actor.sites()
        if sites is not ALL:
            found = found.filter(memberships__site_id__in=sites).distinct()
        return {
            "people": found,
            "form": kwargs.get("form", PersonForm()),
            "role_form": _drawn(RoleForm(auto_id=False)),
            "may_edit": self.actor.can("person.edit"),
            "roles": ROLES,
            "section": "people",
        }

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Add a person with a first role, and show the link where they set their password."""
        form = PersonForm(request.POST)
        try:
            data = form.taken()
            roles = [(data["site"], data["role"])]
            user = people.create_person(name=data["name"], email=data["email"], roles=roles, by=self.actor)
        except Invalid as problem:
            form.refuse(problem.errors)
            return self.render(**self.context(form=form), status=400)
        self._tell_link(user)
        return HttpResponseRedirect(reverse("web:people"))

    def _tell_link(self, user: User) -> None:
        path = reverse("web:welcome", args=services.welcome_link(user))
        url = self.request.build_absolute_uri(path)
        messages.success(self.request, f"{user.name} can set a password here, once, within three days: {url}")


class PersonChange(People):
    """One change of one person: a role given or taken, let in or kept out, a new link."""

    policy: ClassVar[Policy] = "person.edit"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:  # type: ignore[override]  # has the person's id
        """Do what the pressed button says."""
        user, what = get_object_or_404(User, pk=pk), request.POST.get("do", "")
        held = [(row.site_id, row.role) for row in user.memberships.all()]
        if what == "grant":
            form = RoleForm(request.POST)
            if form.is_valid():
                site, role = form.cleaned_data["site"], form.cleaned_data["role"]
                people.set_roles(user, [*held, (site.pk if site else None, role)], by=self.actor)
                messages.success(request, f"{user.name} is now also {ROLES[role]}.")
        elif what == "withdraw":
            gone = get_object_or_404(Membership, pk=request.POST.get("membership"), user=user)
            people.set_roles(user, [role for role in held if role != (gone.site_id, gone.role)], by=self.actor)
            messages.success(request, f"{user.name} no longer is {gone.get_role_display()} there.")
        elif what in {"lock", "unlock"}:
            people.change_person(user, is_active=what == "unlock", by=self.actor)
            can = "sign in again" if what == "unlock" else "no longer sign in"
            messages.success(request, f"{user.name} can {can}.")
        elif what == "link":
            self._tell_link(user)
        return HttpResponseRedirect(reverse("web:people"))


class Sites(Page):
    """The plants: zone, language, shifts; a new one."""

    policy: ClassVar[Policy] = {"GET": "site.view", "POST": "site.edit"}
    template_name = "web/sites.html"
    title = "Sites"
    nav = "settings"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The sites of the person."""
        return {
            "sites": sites_of(self.actor),
            "form": kwargs.get("form", SiteForm()),
            "may_edit": self.actor.can("site.edit"),
            "days": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
            "section": "sites",
        }

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Make a site."""
        form = SiteForm(request.POST)
        try:
            site = create_site(**form.taken(), by=self.actor)
        except Invalid as problem:
            form.refuse(problem.errors)
            return self.render(**self.context(form=form), status=400)
        messages.success(request, f"{site.code} {site.name} is made.")
        return HttpResponseRedirect(reverse("web:sites"))


class SiteEdit(FormDialog):
    """One plant: names, zone, working calendar, shifts, holidays, numbers."""

    policy = "site.edit"
    form_class = SiteEditForm
    heading = "Site"
    lead = "What ran before keeps its due time; clocks started from now on follow the new calendar."
    nav = "settings"

    def find(self, **kwargs: Any) -> Site:
        """A site this person administers."""
        site = get_object_or_404(Site, pk=kwargs["pk"])
        self.actor.require("site.edit", site.pk)
        return site

    def initial(self) -> Mapping[str, Any]:
        """As it is now, lists as lines."""
        site: Site = self.about
        plain = {name: getattr(site, name) for name in ("name", "timezone", "language", "number_pattern", "workdays")}
        shifts = "\n".join(f"{shift['start']} {shift['name']}" for shift in site.shifts)
        holidays = "\n".join(f"{row.day} {row.name}" for row in site.holidays.order_by("day"))
        return {**plain, "shifts": shifts, "holidays": holidays}

    def act(self, data: dict[str, Any]) -> str:
        """Keep it."""
        site = change_site(self.about, by=self.actor, **data)
        messages.success(self.request, f"{site.code} {site.name} is saved.")
        return reverse("web:sites")


class Keys(Page):
    """One's own API keys: make one, see when each was used, end it."""

    policy: ClassVar[Policy] = {"GET": "token.view", "POST": "token.edit"}
    template_name = "web/keys.html"
    title = "API keys"
    nav = "settings"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The keys, the newest first."""
        user = cast("User", self.request.user)
        return {"keys": user.tokens.all(), "form": kwargs.get("form", KeyForm()), "section": "keys"}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Make a key and show it this once."""
        form = KeyForm(request.POST)
        try:
            data = form.taken()
            ends = timezone.now() + timedelta(days=data["days"]) if data["days"] else None
            user = cast("User", request.user)
            token, key = issue_token(user, data["name"], by=self.actor, scopes=[data["scope"]], expires_at=ends)
        except Invalid as problem:
            form.refuse(problem.errors)
            return self.render(**self.context(form=form), status=400)
        messages.success(request, f"The key “{token.name}”, shown this once: {key}")
        return HttpResponseRedirect(reverse("web:keys"))


class KeyEnd(Guarded):
    """End one of one's own keys at once."""

    policy = "token.edit"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Revoke it; it stays in the list."""
        token = get_object_or_404(Token, pk=pk, user_id=self.actor.id)
        revoke_token(token, by=self.actor)
        messages.success(request, f"The key “{token.name}” has ended.")
        return HttpResponseRedirect(reverse("web:keys"))


class Notifications(Page):
    """What the person was told."""

    policy = "signed-in"
    template_name = "web/notifications.html"
    title = "Notices"
    nav = "settings"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The last hundred notices."""
        found = notices(self.actor)
        return {"notices": found[:100], "unread": found.filter(read_at=None).count(), "section": "notifications"}


class NoticesRead(Guarded):
    """Mark all notices as read."""

    policy = "signed-in"
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Do it and show the list."""
        read(self.actor)
        return HttpResponseRedirect(reverse("web:notifications"))
