"""`manage.py backup`: database, files and checkpoints into one folder, with digests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from qms.core.backup.making import make
from qms.core.errors import Refused


class Command(BaseCommand):
    """Reads beside everything else; nothing has to stop."""

    help = "Back up database, files and checkpoints of the trail."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--home", type=Path, help="folder of the instance")
        parser.add_argument("--into", type=Path, help="folder for backups (default: backups in the home)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = make(options["into"] or settings.QMS_HOME / "backups")
        except Refused as why:
            raise CommandError(str(why)) from None
        size = sum(file.stat().st_size for file in made.rglob("*") if file.is_file())
        self.stdout.write(f"{made}: {size / 2**20:,.1f} MB")
        self.stdout.write(
            f"The key that seals the trail is not in it: keep {settings.TRAIL_KEY_FILE} and the secrets of the home in"
            " another place."
        )
