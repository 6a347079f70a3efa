"""What a device signs in to the broker with: its user name, its secret, and what is kept of the secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from typing import NamedTuple

import bcrypt

PLATFORM = "plumbline"  # the platform's own user; no device may have it
# A secret is 192 random bits: nobody can guess it, so stretching adds nothing. The brokers do this work at every
# sign-in, Mosquitto in its only thread and again for each connected device at every reload.
_ROUNDS, _COST = 101, 5
_ODD = re.compile(r"[^A-Za-z0-9._-]")


class Verifiers(NamedTuple):
    """What is kept of a secret: a form for each kind of broker."""

    pbkdf2: str  # $7$rounds$salt$digest, the form of Mosquitto's password file
    bcrypt: str  # $2b$..., which NATS reads


def new_secret() -> str:
    """A secret for a device: 32 characters, 192 random bits."""
    return secrets.token_urlsafe(24)


def verifiers(secret: str) -> Verifiers:
    """Both verifiers of a secret, each with a salt of its own."""
    kept = bcrypt.hashpw(secret.encode(), bcrypt.gensalt(_COST)).decode()
    return Verifiers(_pbkdf2(secret, secrets.token_bytes(12), _ROUNDS), kept)


def proves(secret: str, kept: str) -> bool:
    """Whether `secret` is the one that `kept` ($7$...) was made of; False for any other form."""
    try:
        none, form, rounds, salt, _ = kept.split("$")
        again = _pbkdf2(secret, base64.b64decode(salt, validate=True), int(rounds))
    except ValueError:
        return False
    return (none, form) == ("", "7") and hmac.compare_digest(again, kept)


def user_name(code: str, pk: int) -> str:
    """The name a device signs in with: its code; one that a broker could misread is made plain and ends in ~pk."""
    plain = _ODD.sub("-", code)
    return code if plain == code and code.lower() != PLATFORM else f"{plain}~{pk}"


def _pbkdf2(secret: str, salt: bytes, rounds: int) -> str:
    digest = hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
