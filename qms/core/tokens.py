"""API keys: made by and for people, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from qms.core.actor import Actor
from qms.core.errors import Invalid
from qms.core.models import Token, User
from qms.core.people import may_manage
from qms.core.storable import hidden_sign
from qms.core.trail import acting


def issue_token(
    user: User, name: str, *, by: Actor, scopes: Sequence[str] = ("*",), expires_at: datetime | None = None
) -> tuple[Token, str]:
    """Make an API key; returns its row and the key itself, which is shown this once and kept only as a hash.

    `scopes` are patterns of actions, such as `nonconformity.*` or `*.view`; a key never may more than its person.
    """
    _may_manage(user, by)
    if not name.strip():
        raise Invalid({"name": ["Say what the key is for, such as “ERP of plant 1”."]})
    if said := hidden_sign(name.strip()):
        raise Invalid({"name": [said]})
    if expires_at and expires_at <= timezone.now():
        raise Invalid({"expires_at": ["Choose a time in the future, or none."]})
    prefix = secrets.token_hex(4)
    key = f"qms_{prefix}_{secrets.token_urlsafe(32)}"
    with acting(by):
        token = Token.objects.create(
            user=user, name=name.strip()[:80], prefix=prefix, digest=digest_of_key(key),
            scopes=list(scopes), expires_at=expires_at,
        )  # fmt: skip
    return token, key


def revoke_token(token: Token, *, by: Actor) -> Token:
    """End an API key at once: one's own, or as an administrator."""
    _may_manage(token.user, by)
    with acting(by, reason="key revoked"):
        fresh = Token.objects.select_for_update(no_key=True).get(pk=token.pk)
        fresh.revoked_at = fresh.revoked_at or timezone.now()
        fresh.save(update_fields=["revoked_at"])
    return fresh


def digest_of_key(key: str) -> str:
    """SHA-256 of an API key; keys are long and random, so a fast hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def _may_manage(user: User, by: Actor) -> None:
    by.require("token.edit")
    may_manage(user, by)
