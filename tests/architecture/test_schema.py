"""Models and migrations agree, and Django finds nothing wrong."""

from __future__ import annotations

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db
def test_the_system_checks_pass() -> None:
    call_command("check", "--database", "default", "--fail-level", "WARNING")
