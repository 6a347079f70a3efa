"""`manage.py ingest`: take readings from the broker into the database until told to stop."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.crypto import salted_hmac

from iot.ingest.worker import Worker, claim_any
from iot.mqtt import Broker, Wanted, line_to
from iot.rollups.batch import hold
from iot.sparkplug.wire import PREFIX


def session_name() -> str:
    """The beginning of the client id, the same at every start and known to nobody else.

    Whoever signs in under the id of a kept session takes it over, with what waits in it, and not every broker asks
    whether the user may.
    """
    return f"plumbline-ingest-{salted_hmac('mqtt session', 'ingest').hexdigest()[:16]}"


class Command(BaseCommand):
    """Runs one ingest worker; any number may run, each takes a slot of its own."""

    help = "Take readings from the MQTT broker into the database."

    def add_arguments(self, parser: Any) -> None:
        """The topics to listen to, for a broker that carries other traffic too."""
        parser.add_argument("--topic", action="append", help="topic filter, may be repeated (default: everything)")
        parser.add_argument("--client", default=session_name(), help="beginning of the client id")

    def handle(self, *args: Any, **options: Any) -> None:
        """Claim a slot, subscribe, work."""
        try:
            broker = Broker.from_url(settings.MQTT_URL)
        except ValueError as problem:
            raise CommandError(str(problem)) from problem
        told: list[int] = []

        def stop(number: int, _frame: FrameType | None) -> None:
            told.append(number)

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        group = settings.MQTT_SHARE_GROUP
        slot = claim_any(shared=bool(group), stopping=lambda: bool(told))
        if slot is None:
            return
        wanted = Wanted(
            topics=options["topic"] or ["#"],
            group=group,
            host=settings.SPARKPLUG_HOST if slot == 0 else "",
            # the messages of an edge node are a sequence: one worker hears them all
            besides=[f"{PREFIX}#"] if group and slot == 0 else [],
            without=PREFIX if group and slot else "",
        )
        hold()
        line = line_to(broker, client_id=f"{options['client']}-w{slot}", wanted=wanted)
        Worker(slot=slot, line=line, stopping=lambda: bool(told)).run()
