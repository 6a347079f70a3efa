"""Databases of earlier versions: the joined migrations count as done, and one that stopped halfway is told so."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

pytestmark = pytest.mark.django_db


@pytest.fixture
def earlier() -> MigrationRecorder:
    """What a database noted that was made before the migrations of each room were joined."""
    recorder = MigrationRecorder(connection)
    for key, migration in MigrationLoader(connection).disk_migrations.items():
        if migration.replaces:
            recorder.record_unapplied(*key)
            for replaced in migration.replaces:
                recorder.record_applied(*replaced)
    return recorder


def test_a_database_of_the_separate_migrations_is_up_to_date(earlier) -> None:
    call_command("migrate", "--check", verbosity=0)  # exits with 1 where anything is left to do


@pytest.mark.parametrize("key", [("capa", "0008_cost_order"), ("core", "0002_trail")])
def test_a_database_that_stopped_between_them_is_told_what_to_do(earlier, key: tuple[str, str]) -> None:
    earlier.record_unapplied(*key)
    with pytest.raises(CommandError, match=f"the migration {' '.join(key)} is missing.*Start the version"):
        call_command("migrate", verbosity=0)
