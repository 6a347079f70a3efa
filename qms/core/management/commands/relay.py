"""`manage.py relay`: the process that hands events to their handlers and seals the trail."""

from __future__ import annotations

import signal
import threading
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand

from qms.core import relay
from qms.core.seal import sealer


class Command(BaseCommand):
    """Runs until it is told to stop; any number of them may run at once."""

    help = "Hand events to their handlers, in order and each once in effect; seal the trail."

    def handle(self, *_args: Any, **_options: Any) -> None:
        stop = threading.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: stop.set())
        # a slow mail server must not hold up what happens in the house, nor that what is sealed
        outside = partial(relay.run, relay.drain_leaving, stop, name="relay-outside")
        for beside in (outside, partial(sealer.run, stop)):
            threading.Thread(target=beside, daemon=True).start()
        relay.run(relay.drain, stop, name="relay")
