"""API keys for the tests' people, and a client that speaks JSON with one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from qms.core.actor import Actor, system
from qms.core.models import Token
from qms.core.tokens import digest_of_key
from qms.core.trail import acting

_serial = itertools.count(1)


@pytest.fixture
def make_key(db) -> Callable[..., str]:
    """The text of a new API key of a person."""

    def make(actor: Actor, *, scopes: tuple[str, ...] = ("*",), **fields: Any) -> str:
        prefix = f"k{next(_serial):07d}"
        text = f"qms_{prefix}_{'s' * 32}"
        with acting(system("tests")):
            Token.objects.create(
                user_id=actor.id, name="MES", prefix=prefix, digest=digest_of_key(text), scopes=list(scopes), **fields
            )
        return text

    return make


@pytest.fixture
def api_of(make_key) -> Callable[..., APIClient]:
    """A client with a key of this person; failures are answers, not exceptions."""

    def make(actor: Actor, **fields: Any) -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.default_format = "json"
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_key(actor, **fields)}")
        return client

    return make


@pytest.fixture
def api(api_of, engineer) -> APIClient:
    """The quality engineer's key."""
    return api_of(engineer)


@pytest.fixture
def doors(settings) -> None:
    """One record kind below /api/v1/, whatever the rooms offer."""
    settings.ROOT_URLCONF = "tests.api.doors"
