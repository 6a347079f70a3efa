"""`manage.py simulate`: run the simulated plant until stopped."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from iot.plant.simulator import Settings, arguments, run, settings_of


class Command(BaseCommand):
    """Publishes what the devices of a simulated plant would send to the broker of MQTT_URL."""

    help = "Run the simulated plant: 3 lines and 24 characteristics that speak MQTT, with incidents."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        run(self._settings(options), stop)

    def _settings(self, options: dict[str, Any]) -> Settings:
        try:
            return settings_of(options)
        except ValueError as wrong:
            raise CommandError(str(wrong)) from wrong
