"""The Django side of the test databases: which database the default connection talks to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, worker_database: str) -> None:
    """Replaces pytest-django's own: the database in DATABASE_URL is made, migrated by the owner, used as `qms_app`."""


@pytest.fixture
def fresh_database(django_db_setup: None, cloned_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database of this test alone with real commits, for threads, processes and whole transactions."""
    with django_db_blocker.unblock():
        settings = connections["default"].settings_dict
        connections.close_all()
        usual, settings["NAME"] = settings["NAME"], cloned_database
        yield cloned_database
        connections.close_all()
        settings["NAME"] = usual
