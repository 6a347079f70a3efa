"""The line in MQTT 5, on Mosquitto."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from iot.mqtt import Broker, ClassicLine, Delivery, FiveLine, Line, Wanted, line_to
from qms.embedded import probes

MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(not MOSQUITTO, reason="Mosquitto is not installed")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    port, config = probes.free_port(0), tmp_path / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n")
    with subprocess.Popen([str(MOSQUITTO), "-c", str(config)], stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 20
        while not probes.mqtt_ready(port, "", "") and time.monotonic() < deadline:
            time.sleep(0.1)
        yield Broker.from_url(f"mqtt://127.0.0.1:{port}")
        process.terminate()


def publish(broker: Broker, *texts: str) -> None:
    """Say something at QoS 1, and wait until the broker has it."""
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.connect(broker.host, broker.port)
    client.loop_start()
    for text in texts:
        client.publish("t/x", text, qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


def opened(broker: Broker, session: str = "w0") -> Line:
    """A started line."""
    line = line_to(broker, client_id=session, wanted=Wanted(["t/#"]))
    line.start()
    assert line.ready.wait(20)
    return line


def taken(line: Line, count: int) -> list[Delivery]:
    """Messages until there are so many."""
    found, deadline = list[Delivery](), time.monotonic() + 20
    while len(found) < count and time.monotonic() < deadline:
        found += line.take(most=10, wait=0.2)
    return found


def test_a_broker_that_speaks_five_is_spoken_to_in_five(broker):
    assert isinstance(line_to(broker, client_id="w0", wanted=Wanted(["t/#"])), FiveLine)


def test_the_embedded_broker_is_spoken_to_in_three(mqtt_broker):
    line = line_to(Broker.from_url(mqtt_broker.url), client_id="w0", wanted=Wanted(["t/#"]))
    assert isinstance(line, ClassicLine)


def test_what_is_not_acknowledged_comes_again_and_what_is_does_not(broker):
    line = opened(broker)
    publish(broker, "1", "2", "3")
    first = taken(line, 3)
    line.acknowledge(first[:2])
    time.sleep(0.3)
    line.stop()
    after = opened(broker)
    [again] = taken(after, 1)
    assert (again.payload, again.redelivered) == (b"3", True)
    after.stop()


def test_what_is_published_while_nobody_listens_waits_for_the_session(broker):
    opened(broker).stop()
    publish(broker, "waiting")
    line = opened(broker)
    assert [one.payload for one in taken(line, 1)] == [b"waiting"]
    line.stop()


def test_a_cut_line_connects_anew_and_its_old_acknowledgements_are_not_sent(broker):
    line = opened(broker)
    publish(broker, "1")
    stale = taken(line, 1)
    line.drop()
    fresh = taken(line, 1)
    line.acknowledge(stale)
    assert fresh[0].connection > stale[0].connection
    line.acknowledge(fresh)
    line.stop()
