"""Processes killed while readings flow: nothing acknowledged is lost or doubled, signals come exactly once."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from iot.mqtt import Broker
from qms.embedded import postgres
from qms.embedded.nursery import Nursery
from qms.embedded.testing import RunningServer
from tests.iot.breakable import STATION, Plant, account, cabled, cluster_in, plant_in, start, storm
from tests.iot.device import Device

pytestmark = pytest.mark.faults
EACH = 1_500  # readings per parameter
AWAY = 25.0  # seconds
# `python3 -m bench.soak` goes on for as long as one likes
KILLS = int(os.environ.get("QMS_FAULT_KILLS", "20"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[postgres.Cluster, RunningServer]]:
    with cluster_in(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture
def plant(
    cluster: tuple[postgres.Cluster, RunningServer], tmp_path: Path, mqtt_broker: RunningServer, nursery: Nursery
) -> Iterator[Plant]:
    with plant_in(cluster, mqtt_broker, nursery, tmp_path / "ingest.log") as made:
        yield made
        print(made.log.read_text())


def wait_for(plant: Plant, sql: str, wanted: int, seconds: float = 90) -> int:
    """The value once it is as wanted, or what it was at the end."""
    deadline, found = time.monotonic() + seconds, -1
    while time.monotonic() < deadline and found != wanted:
        found = plant.ask(sql)
        time.sleep(0.5)
    return found


@pytest.mark.parametrize("victim", ["worker", "broker", "database"])
def test_nothing_is_lost_or_doubled_when_it_is_killed(plant: Plant, victim: str) -> None:
    plant.wait_connected()  # the first subscription makes the session that keeps what comes while nobody listens
    kills = {"worker": plant.kill_worker, "broker": plant.kill_broker, "database": plant.kill_database}
    chance = random.Random(7)
    device = Device(plant.broker.url, STATION, pause=0.006, most=EACH)
    device.start()
    for _ in range(4):  # in this thread: what a thread starts dies with it
        time.sleep(chance.uniform(0.5, 2.0))
        kills[victim]()
    device.join()
    device.wait_acknowledged()
    assert wait_for(plant, "select count(*) from iot_reading", 3 * EACH) == 3 * EACH
    assert plant.ask("select count(*) from iot_subgroup") == 3 * EACH
    assert plant.ask("select max(n) from iot_subgroup") == EACH
    assert plant.ask("select count(*) from iot_signal") == device.beyond
    assert plant.ask("select count(*) from core_event where type = 'iot.SignalRaised'") == device.beyond
    assert plant.ask("select count(*) from iot_quarantine") == 0


def test_what_waits_for_a_database_that_is_away_waits_once(plant: Plant) -> None:
    plant.wait_connected()
    device = Device(plant.broker.url, STATION, pause=0.015)  # 200 readings a second
    device.start()
    assert wait_for(plant, "select (count(*) > 300)::int from iot_reading", 1) == 1
    plant.database.kill()
    time.sleep(10)  # what the client's library itself needs is in memory by now
    before = memory(plant.worker.pid)
    time.sleep(AWAY - 10)
    grown = memory(plant.worker.pid) - before
    start(plant.database)
    device.stopping.set()
    device.join()
    device.wait_acknowledged()
    assert wait_for(plant, "select count(*) from iot_reading", 3 * device.sent) == 3 * device.sent
    twice = plant.ask("select coalesce(sum(count), 0)::int from iot_ingestcount where outcome = 'duplicate'")
    assert twice < device.sent / 2  # what crossed its acknowledgement, though the broker sent all of it again and again
    assert grown < 40_000_000


def memory(pid: int) -> int:
    """Bytes a process holds in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_whatever_dies_every_reading_a_gateway_still_has_is_stored_once(plant: Plant) -> None:
    gateway = storm(plant, cabled(plant), kills=KILLS, seed=1)
    found = account(plant, gateway)
    missing = plant.ask("select json_agg(g) from iot_readinggap g where filled_at is null")
    assert {name: there for name, (there, _) in found.items()} == {name: due for name, (_, due) in found.items()}, (
        missing
    )
    gateway.close()


def take_over(url: str, session: str) -> None:
    """Sign in as a worker left over from before, which acknowledges nothing, and be thrown out again."""
    stale = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=session, clean_session=False, manual_ack=True)
    broker = Broker.from_url(url)
    broker.prepare(stale)
    stale.connect(broker.host, broker.port)
    stale.loop_start()
    time.sleep(1.5)
    stale.disconnect()
    stale.loop_stop()


def test_another_client_with_the_session_of_a_worker_is_noticed(plant: Plant) -> None:
    plant.wait_connected()
    device = Device(plant.broker.url, STATION, pause=0.02, most=200)
    device.start()
    for _ in range(4):
        take_over(plant.broker.url, f"{plant.session}-w0")
    device.join()
    device.wait_acknowledged()
    assert wait_for(plant, "select count(*) from iot_reading", 600) == 600
    assert "end the other client" in plant.log.read_text()


def test_a_second_worker_with_the_same_session_stands_by(plant: Plant) -> None:
    plant.wait_connected()
    first, connections = plant.worker, plant.log.read_text().count("connected to")
    plant.start_worker()
    try:
        deadline = time.monotonic() + 60
        while "another worker is at work" not in plant.log.read_text() and time.monotonic() < deadline:
            time.sleep(0.2)
        assert "another worker is at work" in plant.log.read_text()
        assert plant.log.read_text().count("connected to") == connections
        first.kill()
        first.wait()
        plant.wait_connected()
        assert plant.log.read_text().count("connected to") == connections + 1
    finally:
        first.kill()
        first.wait()
