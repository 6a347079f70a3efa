"""Processes killed while readings flow: nothing acknowledged is lost or doubled, signals come exactly once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
import psycopg2
import pytest

from iot.mqtt import Broker
from qms.embedded import postgres
from qms.embedded.errors import CannotStart
from qms.embedded.home import Home
from qms.embedded.nursery import Nursery
from qms.embedded.process import Process
from qms.embedded.testing import RunningServer
from tests import warm
from tests.iot.device import Device
from tests.iot.gateway import PARAMETERS, Cable, Gateway

pytestmark = pytest.mark.faults
ROOT = Path(__file__).parents[2]
SETTINGS = {"DJANGO_SETTINGS_MODULE": "qms.settings", "PYTHONPATH": str(ROOT)}
EACH = 1_500  # readings per parameter
AWAY = 25.0  # seconds
# kills of the long test and how often it runs: QMS_FAULT_KILLS=20 QMS_FAULT_ROUNDS=3 lets at least 45,000 readings flow
KILLS, ROUNDS = int(os.environ.get("QMS_FAULT_KILLS", "4")), int(os.environ.get("QMS_FAULT_ROUNDS", "1"))
READINGS = 2_250 * KILLS


@dataclass
class Plant:
    """A database, a broker and an ingest worker that can be killed."""

    database: RunningServer
    broker: RunningServer
    owner: str
    nursery: Nursery
    settings: dict[str, str]
    log: Path
    worker: Process = field(init=False)
    started: int = 0
    session: str = field(default_factory=lambda: f"test-{uuid.uuid4().hex}")  # no message of another test waits in it

    def start_worker(self) -> None:
        """Start it, as the launcher would after it died."""
        self.started = self.log.read_text().count("connected to") + 1 if self.log.exists() else 1
        words = ("manage.py", "ingest", "--client", self.session)
        self.worker = warm.start(self.nursery, self.log, self.settings, *words)

    def wait_connected(self, seconds: float = 60) -> None:
        """Until the worker that was started last has a session at the broker."""
        deadline = time.monotonic() + seconds
        while self.log.read_text().count("connected to") < self.started and time.monotonic() < deadline:
            time.sleep(0.1)

    def kill_worker(self) -> None:
        self.wait_connected()
        self.worker.kill()
        self.worker.wait()
        self.start_worker()

    def kill_broker(self) -> None:
        self.broker.kill()
        start(self.broker)

    def kill_database(self) -> None:
        self.database.kill()
        start(self.database)

    def ask(self, sql: str) -> Any:
        """The first value of a query, as the owner; waits for a database that is coming back."""
        return self.tell(sql)[0]

    def tell(self, sql: str) -> Any:
        """Do something as the owner; the first row, if there is any."""
        for _ in range(60):
            try:
                connection = psycopg2.connect(self.owner)
            except psycopg2.OperationalError:
                time.sleep(0.5)
                continue
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchone() if cursor.description else None
        raise AssertionError("the database did not come back")


def start(server: RunningServer, seconds: float = 40) -> None:
    """Start a killed server, again and again until what it left behind is gone, as the launcher does."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return server.start()
        except CannotStart:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[postgres.Cluster, RunningServer]]:
    """A PostgreSQL of this module alone, to be killed, with a migrated database that the plants are copied from."""
    folder = tmp_path_factory.mktemp("cluster")
    made = postgres.cluster_in(Home(folder / "home"), os.environ)
    made.initialise()
    server = RunningServer(made.url("qms_app"), made.unit(folder / "postgres.log"))
    made.apply_roles(also="alter role qms_owner createdb")
    environ = {**os.environ, **SETTINGS, "DATABASE_URL": made.url("qms_owner")}
    for command in (["-m", "django", "migrate", "-v", "0"], [str(ROOT / "tests/iot/floor.py"), "NV1", "ASM", "GW1"]):
        subprocess.run([sys.executable, *command], env=environ, check=True, cwd=ROOT)
    yield made, server
    server.stop()


@pytest.fixture
def plant(
    cluster: tuple[postgres.Cluster, RunningServer], tmp_path: Path, mqtt_broker: RunningServer, nursery: Nursery
) -> Iterator[Plant]:
    made, server = cluster
    name = f"plant_{uuid.uuid4().hex[:12]}"
    # copied as files: a copy by way of the log leaves sequences behind their rows when the server dies soon after it
    as_owner(made, f"create database {name} template {postgres.DATABASE} strategy file_copy")
    settings = {"MQTT_URL": mqtt_broker.url, "DATABASE_URL": made.url("qms_app", name)}
    plant = Plant(server, mqtt_broker, made.url("qms_owner", name), nursery, settings, tmp_path / "ingest.log")
    plant.start_worker()
    yield plant
    print(plant.log.read_text())
    plant.worker.send_signal(signal.SIGTERM)
    plant.worker.wait(20)
    as_owner(made, f"drop database {name} with (force)")


def as_owner(cluster: postgres.Cluster, statement: str) -> None:
    """Make or drop a database, outside any transaction."""
    connection = psycopg2.connect(cluster.url("qms_owner", "postgres"))
    connection.autocommit = True
    connection.cursor().execute(statement)
    connection.close()


def wait_for(plant: Plant, sql: str, wanted: int, seconds: float = 90) -> int:
    """The value once it is as wanted, or what it was at the end."""
    deadline, found = time.monotonic() + seconds, -1
    while time.monotonic() < deadline and found != wanted:
        found = plant.ask(sql)
        time.sleep(0.5)
    return found


@pytest.mark.parametrize("victim", ["worker", "broker", "database", "any"])
def test_nothing_is_lost_or_doubled_when_it_is_killed(plant: Plant, victim: str) -> None:
    plant.wait_connected()  # the first subscription makes the session that keeps what comes while nobody listens
    kills = {"worker": plant.kill_worker, "broker": plant.kill_broker, "database": plant.kill_database}
    chance = random.Random(7)
    device = Device(plant.broker.url, "acme/NV1/ASM/L2/S30", pause=0.006, most=EACH)
    device.start()
    for _ in range(5):  # in this thread: what a thread starts dies with it
        time.sleep(chance.uniform(1.0, 3.0))
        kills[victim if victim != "any" else chance.choice(list(kills))]()
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
    device = Device(plant.broker.url, "acme/NV1/ASM/L2/S30", pause=0.015)  # 200 readings a second
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


@pytest.fixture
def cable(plant: Plant) -> Cable:
    """The worker's line to the broker, which can be cut."""
    where = urlsplit(plant.settings["MQTT_URL"])
    cable = Cable(where.port or 1883)
    cable.start()
    plant.settings["MQTT_URL"] = where._replace(netloc=f"{where.netloc.rpartition(':')[0]}:{cable.port}").geturl()
    plant.wait_connected()
    plant.kill_worker()
    return cable


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_whatever_dies_every_reading_a_gateway_still_has_is_stored_once(plant: Plant, cable: Cable, seed: int) -> None:
    gateway, chance = Gateway(plant.broker.url, "acme/NV1/ASM/L2/S30", pause=0.03, fast=READINGS), random.Random(seed)
    gateway.start()
    victims = [plant.kill_worker, plant.kill_broker, plant.kill_database, cable.cut]
    for number in range(KILLS):
        plant.wait_connected()
        time.sleep(chance.uniform(0.3, 1.5))
        victims[number % 4 if number < 4 else chance.randrange(4)]()
    while PARAMETERS * gateway.sent < READINGS:
        time.sleep(0.2)
    gateway.stopping.set()
    gateway.join()
    plant.wait_connected()
    replay(plant, gateway)
    wanted = gateway.kept
    missing = plant.ask("select json_agg(g) from iot_readinggap g where filled_at is null")
    assert plant.ask("select count(*) from iot_reading") == wanted, missing
    assert gaps_of(plant) == {(number, seq) for number in range(PARAMETERS) for seq in gateway.forgotten}
    # what comes more than 5,000 points late is stored and judges nothing
    assert plant.ask("select count(*) from iot_subgroup") == plant.ask(
        "select count(*) from iot_reading where flags & 8 = 0"
    )
    assert plant.ask("select count(*) from iot_signal where state <> 'withdrawn'") == gateway.beyond
    assert plant.ask("select count(*) from core_event where type = 'iot.SignalRaised'") == gateway.beyond
    assert plant.ask("select coalesce(sum(count), 0)::int from iot_ingestcount where outcome = 'stored'") == wanted
    assert plant.ask("select count(*) from iot_quarantine") == 0
    gateway.close()


def replay(plant: Plant, gateway: Gateway) -> None:
    """Until what is missing was asked for and came; the minutes between two requests are made to pass."""
    deadline = time.monotonic() + 120
    while plant.ask("select count(*) from iot_reading") != gateway.kept and time.monotonic() < deadline:
        plant.tell("update iot_readinggap set asked_at = asked_at - interval '6 minutes' where filled_at is null")
        gateway.measure()
        gateway.wait_acknowledged()
        time.sleep(2.5)


def gaps_of(plant: Plant) -> set[tuple[int, int]]:
    """What is still missing: number of the parameter and sequence number."""
    found = plant.ask(
        "select json_agg(json_build_array(right(p.path, 1)::int, n)) from iot_readinggap g"
        " join governance_parameter p on p.id = g.parameter_id"
        " cross join lateral generate_series(g.first_seq, g.last_seq) n where g.kind = 'lost' and not exists"
        " (select from iot_reading r where r.parameter_id = g.parameter_id and r.seq = n)"
    )
    return {(number, seq) for number, seq in found or []}


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
    device = Device(plant.broker.url, "acme/NV1/ASM/L2/S30", pause=0.02, most=200)
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
