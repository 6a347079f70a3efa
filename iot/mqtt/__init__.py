"""The line to the broker: MQTT 5 by a compiled codec where the broker speaks it, else MQTT 3.1.1 by paho-mqtt."""

from __future__ import annotations

import time

from iot.mqtt.classic import ClassicLine
from iot.mqtt.five import FiveLine, speaks_five
from iot.mqtt.line import CANARY, HOST_STATE, MOST_TAKEOVERS, Broker, Delivery, Line, Wanted

__all__ = [
    "CANARY", "HOST_STATE", "MOST_TAKEOVERS", "Broker", "ClassicLine", "Delivery", "FiveLine", "Line", "Wanted",
    "line_to",
]  # fmt: skip

PATIENCE = 10.0  # seconds; a broker that does not answer by then is waited for in the protocol that all speak


def line_to(broker: Broker, *, client_id: str, wanted: Wanted) -> Line:
    """A line in the best protocol that the broker speaks; it is started by the caller."""
    deadline = time.monotonic() + PATIENCE
    while (answer := speaks_five(broker)) is None and time.monotonic() < deadline:
        time.sleep(0.5)
    kind = FiveLine if answer else ClassicLine
    return kind(broker, client_id=client_id, wanted=wanted)
