"""`manage.py demo`: make the demo plant with its people, its history and its records."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from capa.demo import load
from qms.core.actor import system


class Command(BaseCommand):
    """Makes the demo plant once; a second run changes nothing."""

    help = "Make the demo plant: people, master data, 18 months of readings, signals, nonconformities and CAPAs."

    def handle(self, *args: Any, **options: Any) -> None:
        by, home, began = system("demo"), settings.QMS_HOME, time.monotonic()
        if load.exists(by):
            if not (home / "demo.json").exists():
                raise CommandError(
                    f"The demo plant is there, but not {home / 'demo.json'} with its passwords: it was made for another"
                    " home. Start with an empty home to make it again."
                )
            self.stdout.write(f"The demo plant is there already; its people are in {home / 'demo.json'}.")
            return
        sheet = load.make(now=timezone.now(), by=by, say=self.stdout.write)
        file = load.write_sheet(sheet, home)
        self.stdout.write(f"Demo plant made in {time.monotonic() - began:.1f} s; its people are in {file}.")
