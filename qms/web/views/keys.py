"""One's own API keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from qms.core.filters import TokenFilter
from qms.core.models import Token, User
from qms.core.tokens import issue_token, revoke_token
from qms.web.forms import KeyForm
from qms.web.nav import Command
from qms.web.pages import Column, FormDialog, NamedView
from qms.web.views.settings import SettingsList


def _state(row: Token) -> tuple[str, str]:
    if row.revoked_at:
        return "todo", "Ended"
    late = row.expires_at is not None and row.expires_at <= timezone.now()
    return ("todo", "Expired") if late else ("done", "In use")


class Keys(SettingsList):
    """The keys: what each is for and when it was used."""

    key = "keys"
    title = "API keys"
    template_name = "web/keys.html"
    policy = "token.view"
    model = Token
    filterset_class = TokenFilter
    search_fields = ("name", "prefix")
    default_sort = "-created_at"
    noun = "keys"
    purpose = "A key lets a program act for you over the API, never with more rights than you have. None was made yet."
    new = Command(label="Make a key", url="web:key-new", permission="token.edit")
    views = (NamedView("In use", "ended=false"), NamedView("All", ""))
    columns = (
        Column(key="name", label="For", kind="what", sort="name", link=True),
        Column(key="prefix", label="Begins", value=lambda row: f"qms_{row.prefix}…", kind="mono"),
        Column(
            key="scopes",
            label="May",
            value=lambda row: "all that you may" if "*" in row.scopes else ", ".join(row.scopes),
        ),
        Column(key="created_at", label="Made", kind="day", sort="created_at"),
        Column(key="last_used_at", label="Last used", kind="time", sort="last_used_at"),
        Column(key="expires_at", label="Ends", kind="day", sort="expires_at"),
        Column(key="state", label="State", value=_state, kind="state"),
    )

    def queryset(self) -> QuerySet[Any]:
        """One's own."""
        return Token.objects.filter(user_id=self.actor.id or 0)

    def url_of(self, row: Token) -> str:
        """Where it is ended."""
        return "" if row.revoked_at else reverse("web:key-end", args=[row.pk])


class KeyNew(FormDialog):
    """A new key, shown this once."""

    policy = "token.edit"
    form_class = KeyForm
    heading = "Make a key"
    lead = "It is shown once. A key cannot sign, and ends with your account."
    button = "Make the key"
    nav = "settings"

    def act(self, data: dict[str, Any]) -> str:
        """Make it and show it."""
        ends = timezone.now() + timedelta(days=data["days"]) if data["days"] else None
        user = cast("User", self.request.user)
        token, key = issue_token(user, data["name"], by=self.actor, scopes=[data["scope"]], expires_at=ends)
        messages.success(self.request, f"The key “{token.name}”, shown this once: {key}")
        return reverse("web:keys")


class KeyEnd(FormDialog):
    """End one of one's own keys at once."""

    policy = "token.edit"
    heading = "End this key"
    lead = "What uses it is refused from now on. It stays in the list."
    button = "End the key"
    nav = "settings"

    def find(self, **kwargs: Any) -> Token:
        """One of one's own."""
        return get_object_or_404(Token, pk=kwargs["pk"], user_id=self.actor.id)

    def act(self, data: dict[str, Any]) -> str:
        """Revoke it."""
        revoke_token(self.about, by=self.actor)
        messages.success(self.request, f"The key “{self.about.name}” has ended.")
        return reverse("web:keys")
