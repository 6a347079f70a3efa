"""`migrate`, which first looks whether the database is one that the migrations of today can go on from."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader


class Command(migrate.Command):
    """Django's own, but a database that stopped between two squashed migrations is refused in words."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse what Django would pass over in silence or fail on without saying why."""
        loader = MigrationLoader(connections[options["database"]])
        applied = set(loader.applied_migrations or ())
        for migration in loader.disk_migrations.values():
            missing = [key for key in migration.replaces if key not in applied]
            if missing and len(missing) < len(migration.replaces):
                raise CommandError(_why(*missing[0]))
        super().handle(*args, **options)


def _why(room: str, name: str) -> str:
    return (
        f"This database was last used with an older version: the migration {room} {name} is missing in it, and since "
        "then it was joined with others into one. Nothing was changed. Start the version that still has it once, then "
        "this one again; "
        f"`git log --all -1 --format=%h^ --diff-filter=D -- '*{room}/migrations/{name}.py'` names that version."
    )
