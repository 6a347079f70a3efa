"""The people everybody tests with, and the plant they work in."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from qms.core.actor import Actor, actor_of, system
from qms.core.models import Membership, Site, User
from qms.core.trail import acting
from tests.database import django_db_setup, fresh_database
from tests.warm import nursery

__all__ = ["django_db_setup", "fresh_database", "nursery"]
PASSWORD = "correct horse battery"
CHEAP = "django.contrib.auth.hashers.MD5PasswordHasher"
_serial = itertools.count(1)
_DRAWN: dict[str, Any] = {}  # the state of a module's generator once the module is read


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where tests of one marker are asked for, a file that does not name it is not even imported."""
    wanted = config.option.markexpr
    if not wanted.isidentifier() or not collection_path.match("test_*.py"):
        return None
    return True if f"mark.{wanted}" not in collection_path.read_text() else None


@pytest.fixture(autouse=True)
def cheap_passwords(settings) -> None:
    """Hashing is slow on purpose; tests sign hundreds of times."""
    settings.PASSWORD_HASHERS = [CHEAP]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.WHITENOISE_AUTOREFRESH = True  # serve what is there; nothing is collected for tests
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture(autouse=True)
def same_draws(request: pytest.FixtureRequest) -> None:
    """What a module's generator draws inside a test is the same in whatever order its tests run."""
    if (generator := getattr(request.module, "RNG", None)) is not None:
        generator.bit_generator.state = _DRAWN.setdefault(request.module.__name__, generator.bit_generator.state)


@pytest.fixture
def make_site(db) -> Callable[..., Site]:
    def make(code: str = "", **fields: object) -> Site:
        code = code or f"P{next(_serial)}"
        fields.setdefault("number_pattern", f"{{kind}}-{code}-{{year}}-{{n:04d}}")
        with acting(system("tests")):
            return Site.objects.create(code=code, name=f"Plant {code}", timezone="Europe/Berlin", **fields)

    return make


@pytest.fixture
def make_user(db) -> Callable[..., User]:
    def make(name: str, *roles: str, site: Site | None = None) -> User:
        with acting(system("tests")):
            user = User(email=f"{name.lower().replace(' ', '.')}.{next(_serial)}@example.org", name=name)
            user.set_password(PASSWORD)
            user.save(force_insert=True)
            Membership.objects.bulk_create(Membership(user=user, site=site, role=role) for role in roles)
        return user

    return make


@pytest.fixture
def make_actor(make_user) -> Callable[..., Actor]:
    def make(name: str, *roles: str, site: Site | None = None) -> Actor:
        return actor_of(make_user(name, *roles, site=site))

    return make


@pytest.fixture
def site(make_site) -> Site:
    """The plant, numbering as a first site does."""
    return make_site("NV1", number_pattern="{kind}-{year}-{n:04d}")


@pytest.fixture
def elsewhere(make_site) -> Site:
    """Another plant, whose records nobody of the first may see."""
    return make_site("XX9")


@pytest.fixture
def operator(make_actor, site) -> Actor:
    return make_actor("Tom Berg", "operator", site=site)


@pytest.fixture
def engineer(make_actor, site) -> Actor:
    return make_actor("Elin Lindqvist", "engineer", site=site)


@pytest.fixture
def approver(make_actor, site) -> Actor:
    return make_actor("Marco Brandt", "approver", site=site)


@pytest.fixture
def manager(make_actor, site) -> Actor:
    return make_actor("Ines Okafor", "manager", site=site)


@pytest.fixture
def auditor(make_actor, site) -> Actor:
    return make_actor("Ana Ruiz", "auditor", site=site)


@pytest.fixture
def stranger(make_actor, elsewhere) -> Actor:
    """A quality manager of another plant."""
    return make_actor("Sam Stone", "manager", site=elsewhere)


@pytest.fixture
def browser_of() -> Callable[[Actor], Client]:
    """A signed-in test client of a person."""

    def make(actor: Actor) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=actor.id), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make
