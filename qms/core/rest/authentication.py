"""Who calls: an API key in the Authorization header, or the session of a signed-in page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed

from qms.core.actor import ANONYMOUS, Actor, actor_of, system
from qms.core.models import Token, User
from qms.core.tokens import digest_of_key
from qms.core.trail import acting

if TYPE_CHECKING:
    from rest_framework.request import Request

BEARER = re.compile(r"qms_([A-Za-z0-9]{4,12})_([A-Za-z0-9_-]{16,200})\Z")
# a use is worth a row of the trail once an hour, not once a request
USE_NOTED_EVERY = timedelta(hours=1)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer qms_<prefix>_<secret>`."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """The person behind the key and the key; None when no key was sent, 401 when it is not good."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = BEARER.match(text.strip())
        token = Token.objects.select_related("user").filter(prefix=found[1]).first() if found else None
        if found is None or token is None or not constant_time_compare(token.digest, digest_of_key(found[0])):
            raise AuthenticationFailed("This API key is not known. Make one under Settings, API keys.")
        self._refuse_ended(token)
        self._note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """The scheme a 401 names."""
        return "Bearer"

    def _refuse_ended(self, token: Token) -> None:
        now = timezone.now()
        if token.revoked_at:
            raise AuthenticationFailed(
                f"The API key “{token.name}” was revoked. Make a new one under Settings, API keys."
            )
        if token.expires_at and token.expires_at <= now:
            raise AuthenticationFailed(
                f"The API key “{token.name}” has expired. Make a new one under Settings, API keys."
            )
        if not token.user.is_active:
            raise AuthenticationFailed("The owner of this API key is no longer active.")

    def _note_use(self, token: Token) -> None:
        now = timezone.now()
        if token.last_used_at and token.last_used_at > now - USE_NOTED_EVERY:
            return
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
        with acting(system("api"), reason="API key used", source="api"):
            Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)


class PageAuthentication(SessionAuthentication):
    """The session cookie of a signed-in page; unsafe methods need its CSRF token."""


def caller(request: Request) -> Actor:
    """The actor of an authenticated request; a key acts under its person's name and its own."""
    user = request.user
    if not isinstance(user, User):
        return ANONYMOUS
    if isinstance(request.auth, Token):
        person = actor_of(user, kind="token", scopes=request.auth.scopes)
        return replace(person, name=f"{user.name} (key {request.auth.name})")
    return actor_of(user)
