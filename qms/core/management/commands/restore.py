"""`manage.py restore`: a backup into a new home, or into the empty database of DATABASE_URL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from qms.core.backup.making import owner_address
from qms.core.backup.restoring import Places, restore, restore_home
from qms.core.errors import Refused
from qms.embedded.environment import OWNER
from qms.embedded.errors import CannotStart


class Command(BaseCommand):
    """Overwrites nothing: what is there already is refused."""

    help = "Restore a backup into a new --home, or into an empty database (QMS_OWNER_DATABASE_URL)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path)
        parser.add_argument("--home", type=Path, help="a home that is made for it")

    def handle(self, *args: Any, **options: Any) -> None:
        home: Path | None = options["home"]
        try:
            if home:
                restore_home(options["backup"], home)
            elif OWNER in os.environ:
                places = Places(owner_address(), Path(settings.FILES_DIR), Path(settings.CHECKPOINTS_DIR))
                restore(options["backup"], places)
            else:
                raise CommandError(f"Say where to: --home for a new home, or {OWNER} for an empty database.")
        except (Refused, CannotStart) as why:
            raise CommandError(str(why)) from None
        key = home / "trail" / "key" if home else settings.TRAIL_KEY_FILE
        self.stdout.write(f"Restored {options['backup']}. Put the key that seals the trail at {key}, then start.")
