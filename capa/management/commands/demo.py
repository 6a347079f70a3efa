"""`manage.py demo`: make the demo plant with its people, its history and its records."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from capa.demo import load
from qms.core.actor import system
from qms.core.errors import Refused


class Command(BaseCommand):
    """Makes the demo plant once; a second run changes nothing."""

    help = "Make the demo plant: people, master data, 18 months of readings, signals, nonconformities and CAPAs."

    requires_system_checks: tuple[str, ...] = ()  # its code was checked by the migration before it

    def handle(self, *args: Any, **options: Any) -> None:
        by, home, began = system("demo"), settings.QMS_HOME, time.monotonic()
        if load.exists(by):
            self._say_where(load.name_sheet(home))
            return
        try:
            file = load.make(now=timezone.now(), by=by, home=home, say=self.stdout.write)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Demo plant made in {time.monotonic() - began:.1f} s; its people are in {file}.")

    def _say_where(self, file: Path) -> None:
        if not file.exists():
            raise CommandError(
                f"The demo plant is there, but not {file} with its passwords: it was made for another home."
                " Start with an empty home to make it again."
            )
        self.stdout.write(f"The demo plant is there already; its people are in {file}.")
