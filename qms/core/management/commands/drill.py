"""`manage.py drill`: restore a backup beside the platform, check it, keep the evidence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from qms.core.backup.drill import drill, keep
from qms.core.backup.making import backups_in, make
from qms.core.errors import Refused
from qms.embedded.errors import CannotStart


class Command(BaseCommand):
    """Touches nothing of the running platform."""

    help = "Restore the newest backup (or one made now) into a scratch cluster, check it, write the evidence."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--home", type=Path, help="folder of the instance")
        parser.add_argument("--backup", type=Path, help="the backup (default: the newest, or one made now)")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.QMS_HOME / "backups"
        try:
            backup = options["backup"] or (backups_in(folder) or [make(folder)])[-1]
            evidence = drill(backup)
        except (Refused, CannotStart) as why:
            raise CommandError(str(why)) from None
        page = keep(evidence, settings.QMS_HOME / "drills")
        self.stdout.write(page.read_text())
        self.stdout.write(f"Kept as {page}")
        if not evidence.whole:
            sys.exit(1)
