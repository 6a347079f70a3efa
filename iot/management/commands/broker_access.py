"""`manage.py broker_access`: write the files that let the devices sign in to a broker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from iot.services import write_broker_access
from qms.core.actor import system


class Command(BaseCommand):
    """Writes the password and access files of the devices, for Mosquitto and for NATS."""

    help = "Write the files that let the devices sign in to an MQTT broker."

    def add_arguments(self, parser: Any) -> None:
        """Where to."""
        parser.add_argument(
            "--to", type=Path, default=settings.BROKER_ACCESS_DIR, metavar="DIR",
            help="folder to write to (default: %(default)s)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, and say what changed."""
        changed = write_broker_access(options["to"], by=system("broker access"))
        for file in changed:
            self.stdout.write(f"{file} written")
        if not changed:
            self.stdout.write(f"the files in {options['to']} are up to date")
