"""Devices at the embedded broker: those the platform names may sign in, those it names no longer are cut off."""

from __future__ import annotations

import json
from pathlib import Path

from qms.embedded import probes
from tests.embedded.conftest import Door, until

SECRET = "of-a-device"
HASH = "$2b$05$abcdefghijklmnopqrstuuJcSgFaJFHWXQoabd43UZz/OrGZ2ioNS"


def write(door: Door, *users: str) -> None:
    """As the platform does it: whole, in one step."""
    rights = {"publish": {"allow": ["*.nv1.>"], "deny": []}, "subscribe": {"allow": []}}
    named = [{"user": user, "password": HASH, "permissions": rights} for user in users]
    file = Path(door.home) / "broker" / "nats.json"
    fresh = file.with_name(".new")
    fresh.write_text(json.dumps({"users": named}))
    fresh.replace(file)


def test_the_broker_learns_of_devices_while_it_runs(open_door: Door) -> None:
    port = int(str(open_door.ready["mqtt_url"]).rpartition(":")[2])
    broker = open_door.pid("nats-server")
    assert not probes.mqtt_ready(port, "gw-1", SECRET)
    write(open_door, "gw-1", "gw-2")
    until(lambda: probes.mqtt_ready(port, "gw-1", SECRET))
    assert not probes.mqtt_ready(port, "gw-1", "wrong")
    write(open_door, "gw-2")
    until(lambda: not probes.mqtt_ready(port, "gw-1", SECRET))
    assert probes.mqtt_ready(port, "gw-2", SECRET)
    assert open_door.pid("nats-server") == broker
