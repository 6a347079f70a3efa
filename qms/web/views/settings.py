"""Settings: one's own profile, and what the lists of administration share."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from qms.core import people
from qms.core.errors import Invalid
from qms.core.models import User
from qms.web import nav, services
from qms.web.forms import PasswordForm, ProfileForm, Styled
from qms.web.pages import ListPage, Page

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
                fresh = services.change_password(user, old=data["old"], new=data["new"], by=self.actor)
                update_session_auth_hash(request, fresh)
            else:
                people.change_person(user, by=self.actor, **data)
        except Invalid as problem:
            form.refuse({"new" if key == "password" else key: texts for key, texts in problem.errors.items()})
            name = "password_form" if changes_password else "form"
            return self.render(**{**self.context(), name: form}, status=400)
        messages.success(request, "Password changed." if changes_password else "Profile saved.")
        return HttpResponseRedirect(reverse("web:profile"))


class SettingsList(ListPage):
    """A list of administration, with the other settings beside it."""

    nav: ClassVar[str] = "settings"
    family = "Settings"

    def siblings(self) -> list[tuple[str, str, bool]]:
        """The places of the settings this person may open."""
        places = nav.items(self.actor, "settings")
        return [(item.url, item.label, item.label == self.title) for item in places]
