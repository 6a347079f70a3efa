"""Devices with credentials of their own, a real broker, the real worker: what may land lands, the rest does not."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from iot import services
from iot.models import Device, Quarantine, Reading
from qms.core import relay
from qms.core.actor import system
from qms.core.models import Site
from qms.core.trail import reading
from tests.iot import floor
from tests.iot.brokers import CLIENT, MOSQUITTO, Client, Mosquitto, Nats, Worker, until

BY = system("tests")
STATION = "nv1/asm/l2/s30"
pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(CLIENT is None, reason="needs mosquitto_pub: apt-get install mosquitto-clients"),
]


@dataclass
class Plant:
    """A database with three parameters at one station, a broker, a worker."""

    broker: Mosquitto | Nats
    worker: Worker

    def device(self, code: str, prefix: str) -> tuple[Device, Client]:
        """A device that the broker knows."""
        row = services.add_device(site=Site.objects.get(), code=code, name=code, topic_prefix=prefix, by=BY)
        client = Client(self.broker, row.user_name, services.issue_credential(row, by=BY))
        self.tell()
        until(client.is_known, what="the device at the broker")
        return row, client

    def tell(self) -> None:
        """What the relay does for the platform, and the launcher for the broker."""
        relay.drain()
        self.broker.look()


@pytest.fixture(params=["mosquitto", "nats"])
def plant(request, tmp_path: Path, settings, fresh_database, nursery) -> Iterator[Plant]:
    if request.param == "mosquitto" and MOSQUITTO is None:
        pytest.skip("needs mosquitto: apt-get install mosquitto")
    floor.make("NV1", "ASM")
    settings.BROKER_ACCESS_DIR = tmp_path / "broker"
    broker = (Mosquitto if request.param == "mosquitto" else Nats)(tmp_path, settings.BROKER_ACCESS_DIR)
    made = Plant(broker, Worker(nursery, broker.url, f"test-{uuid.uuid4().hex}", tmp_path / "ingest.log"))
    try:
        made.worker.start()
        yield made
    finally:
        made.worker.stop()
        broker.stop()


def said(value: float, second: int, **more: object) -> dict[str, object]:
    """A reading, so many seconds after ten minutes ago."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10) + timedelta(seconds=second)
    return {"v": value, "t": at.isoformat().replace("+00:00", "Z"), "u": "kN", **more}


def wire(value: float, second: int = 0, **more: object) -> bytes:
    return json.dumps(said(value, second, **more)).encode()


def values() -> list[float]:
    with reading(BY):
        return sorted(Reading.objects.values_list("value", flat=True))


def wait_for(wanted: list[float]) -> None:
    until(lambda: len(values()) >= len(wanted), what=f"{len(wanted)} readings")
    assert values() == wanted


def test_what_a_device_publishes_lands_alone_and_in_batches(plant: Plant) -> None:
    row, press = plant.device("gw-1", "nv1/asm/l2")
    batch = {"readings": [said(8.2, 1, p="force_1"), said(8.3, 2, p="force_2")]}
    assert press.publish(f"{STATION}/force_0", wire(8.1)) == 0
    assert press.publish(f"acme/{STATION.upper()}", json.dumps(batch).encode()) == 0
    wait_for([8.1, 8.2, 8.3])
    row.refresh_from_db()
    assert row.activity.readings == 3


def test_what_a_device_may_not_say_lands_nowhere(plant: Plant) -> None:
    _, press = plant.device("gw-1", f"{STATION}/force_0")
    _, other = plant.device("gw-2", "nv1/asm/l3")
    other.publish(f"{STATION}/force_1", wire(1.0))
    other.publish(f"acme/{STATION.upper()}/force_1", wire(2.0))
    assert Client(plant.broker, press.user, other.secret).publish(f"{STATION}/force_0", wire(3.0)) != 0
    assert Client(plant.broker, "nobody", "x").publish(f"{STATION}/force_0", wire(4.0)) != 0
    press.publish(STATION, json.dumps({"readings": [said(5.0, 0, p="force_0")]}).encode())
    assert press.publish(f"{STATION}/force_0", wire(8.1)) == 0
    wait_for([8.1])
    assert not Quarantine.objects.exists()


def test_a_device_does_not_speak_for_one_below_it(plant: Plant) -> None:
    _, line = plant.device("gw-1", "nv1/asm/l2")
    plant.device("gw-2", f"{STATION}/force_0")
    until(lambda: line.publish(f"{STATION}/force_0", wire(1.0)) == 0)
    assert line.publish(f"{STATION}/force_1", wire(8.1)) == 0
    wait_for([8.1])


def test_a_blocked_device_is_cut_off_and_refused(plant: Plant, tmp_path: Path) -> None:
    row, press = plant.device("gw-1", STATION)
    with press.listening(tmp_path / "commands") as said:
        services.edit_device(row, state="blocked", by=BY)
        plant.tell()
        until(lambda: "not authorised" in said.read_text(), what="the cut")
    assert press.publish(f"{STATION}/force_0", wire(8.1)) != 0


def test_a_revoked_credential_opens_nothing_and_a_new_one_does(plant: Plant) -> None:
    row, press = plant.device("gw-1", STATION)
    services.revoke_credential(row, by=BY)
    plant.tell()
    until(lambda: not press.is_known(), what="the refusal")
    press.secret = services.issue_credential(row, by=BY)
    plant.tell()
    until(press.is_known, what="the device at the broker")
    assert press.publish(f"{STATION}/force_0", wire(8.1)) == 0
    wait_for([8.1])


def test_the_platform_stays_connected_while_devices_come_and_go(plant: Plant) -> None:
    row, _ = plant.device("gw-1", STATION)
    services.edit_device(row, state="retired", by=BY)
    plant.tell()
    plant.device("gw-2", STATION)
    assert "lost the broker" not in plant.worker.log.read_text()


def test_what_the_broker_acknowledged_outlives_its_kill(plant: Plant) -> None:
    _, press = plant.device("gw-1", STATION)
    plant.worker.stop()
    wanted = [8.0 + at / 1000 for at in range(500)]
    assert press.publish(f"{STATION}/force_0", *(wire(value, at) for at, value in enumerate(wanted))) == 0
    time.sleep(plant.broker.settle)
    plant.broker.kill()
    plant.broker.start()
    plant.worker.start()
    wait_for(wanted)
