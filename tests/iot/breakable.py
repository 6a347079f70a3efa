"""A database, a broker and an ingest worker that can be killed, and the account of what became of the readings."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from qms.embedded import postgres
from qms.embedded.errors import CannotStart
from qms.embedded.home import Home
from qms.embedded.nursery import Nursery
from qms.embedded.process import Process
from qms.embedded.testing import RunningServer
from tests import warm
from tests.iot.gateway import PARAMETERS, Cable, Gateway

ROOT = Path(__file__).parents[2]
SETTINGS = {"DJANGO_SETTINGS_MODULE": "qms.settings", "PYTHONPATH": str(ROOT)}
STATION = "acme/NV1/ASM/L2/S30"
A_KILL = 2_250  # readings that flow for each kill
_PASSING = 4  # kills after which the minutes between two requests for missing readings are made to pass
_ANSWER = 10.0  # seconds
_PASS = "update iot_readinggap set asked_at = asked_at - interval '6 minutes' where filled_at is null"
_TICK = "import django; django.setup(); from iot.tasks import judge_late; judge_late()"


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

    def tick(self) -> None:
        """What the clock does every twenty seconds: judge the charts that very late readings changed."""
        environ = {**os.environ, **SETTINGS, **self.settings}
        subprocess.run([sys.executable, "-c", _TICK], env=environ, check=True, cwd=ROOT)

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


@contextmanager
def cluster_in(folder: Path) -> Iterator[tuple[postgres.Cluster, RunningServer]]:
    """A PostgreSQL of its own, to be killed, with a migrated database that the plants are copied from."""
    made = postgres.cluster_in(Home(folder / "home"), os.environ)
    made.initialise()
    server = RunningServer(made.url("qms_app"), made.unit(folder / "postgres.log"))
    made.apply_roles(also="alter role qms_owner createdb")
    environ = {**os.environ, **SETTINGS, "DATABASE_URL": made.url("qms_owner")}
    for command in (["-m", "django", "migrate", "-v", "0"], [str(ROOT / "tests/iot/floor.py"), "NV1", "ASM", "GW1"]):
        subprocess.run([sys.executable, *command], env=environ, check=True, cwd=ROOT)
    try:
        yield made, server
    finally:
        server.stop()


@contextmanager
def plant_in(
    cluster: tuple[postgres.Cluster, RunningServer], broker: RunningServer, nursery: Nursery, log: Path
) -> Iterator[Plant]:
    """A plant on a copy of the database, its worker running."""
    made, server = cluster
    name = f"plant_{uuid.uuid4().hex[:12]}"
    # copied as files: a copy by way of the log leaves sequences behind their rows when the server dies soon after it
    as_owner(made, f"create database {name} template {postgres.DATABASE} strategy file_copy")
    settings = {"MQTT_URL": broker.url, "DATABASE_URL": made.url("qms_app", name)}
    plant = Plant(server, broker, made.url("qms_owner", name), nursery, settings, log)
    plant.start_worker()
    try:
        yield plant
    finally:
        plant.worker.send_signal(signal.SIGTERM)
        plant.worker.wait(20)
        as_owner(made, f"drop database {name} with (force)")


def as_owner(cluster: postgres.Cluster, statement: str) -> None:
    """Make or drop a database, outside any transaction."""
    connection = psycopg2.connect(cluster.url("qms_owner", "postgres"))
    connection.autocommit = True
    connection.cursor().execute(statement)
    connection.close()


def cabled(plant: Plant) -> Cable:
    """Put a line that can be cut between the worker and the broker."""
    where = urlsplit(plant.settings["MQTT_URL"])
    cable = Cable(where.port or 1883)
    cable.start()
    plant.settings["MQTT_URL"] = where._replace(netloc=f"{where.netloc.rpartition(':')[0]}:{cable.port}").geturl()
    plant.wait_connected()
    plant.kill_worker()
    return cable


def storm(plant: Plant, cable: Cable, *, kills: int, seed: int, told: Callable[[str], None] = print) -> Gateway:
    """Let readings flow while `kills` random faults happen, each kind at least once; then until nothing is asked for.

    `told` hears of each fault. The gateway that sent them knows what there must be.
    """
    readings, chance = A_KILL * kills, random.Random(seed)
    plant.wait_connected()
    gateway = Gateway(plant.broker.url, STATION, pause=0.02, fast=readings)
    gateway.start()
    faults = {
        "worker": plant.kill_worker, "broker": plant.kill_broker, "database": plant.kill_database, "network": cable.cut,
    }  # fmt: skip
    for number in range(kills):
        plant.wait_connected()
        waited = chance.uniform(0.3, 1.5)
        time.sleep(waited)
        name = [*faults][number % 4] if number < 4 else chance.choice([*faults])
        faults[name]()
        told(f"fault {number + 1} of {kills}: {name} after {waited:.1f} s, {PARAMETERS * gateway.sent} readings sent")
        if number % _PASSING == _PASSING - 1:
            plant.tell(_PASS)
    while PARAMETERS * gateway.sent < readings:
        time.sleep(0.2)
    gateway.stopping.set()
    gateway.join()
    plant.wait_connected()
    replay(plant, gateway)
    return gateway


def replay(plant: Plant, gateway: Gateway) -> None:
    """Until what is missing was asked for and came; the minutes between two requests are made to pass."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        plant.tell(_PASS)
        gateway.measure()
        gateway.wait_acknowledged()
        patience = time.monotonic() + _ANSWER  # a busy machine needs a while for what was measured now
        while time.monotonic() < patience:
            if plant.ask("select count(*) from iot_reading") == gateway.kept:
                return
            time.sleep(0.5)


def account(plant: Plant, gateway: Gateway) -> dict[str, tuple[int, int]]:
    """What there is and what there must be: readings, gaps, points, signals, refusals."""
    plant.tick()
    kept, true = gateway.kept, {(one, seq) for one in range(PARAMETERS) for seq in gateway.forgotten}
    told, stored = gaps_of(plant), "select count(*) from iot_reading"
    counted = "select coalesce(sum(count), 0)::int from iot_ingestcount where outcome = 'stored'"
    return {
        "readings stored": (plant.ask(stored), kept),
        "of them different": (plant.ask("select count(distinct (parameter_id, seq)) from iot_reading"), kept),
        "counted as stored": (plant.ask(counted), kept),
        "gaps reported": (len(told), len(true)),
        "of them true": (len(told & true), len(true)),
        "points of charts": (plant.ask("select count(*) from iot_subgroup"), kept),
        "readings beyond their limits": (plant.ask(f"{stored} where value = 9.5"), gateway.beyond),
        "signals": (plant.ask("select count(*) from iot_signal where state <> 'withdrawn'"), gateway.beyond),
        "signals told": (plant.ask("select count(*) from core_event where type = 'iot.SignalRaised'"), gateway.beyond),
        "payloads refused": (plant.ask("select count(*) from iot_quarantine"), 0),
    }


def gaps_of(plant: Plant) -> set[tuple[int, int]]:
    """What is still missing: number of the parameter and sequence number."""
    found = plant.ask(
        "select json_agg(json_build_array(right(p.path, 1)::int, n)) from iot_readinggap g"
        " join governance_parameter p on p.id = g.parameter_id"
        " cross join lateral generate_series(g.first_seq, g.last_seq) n where g.kind = 'lost' and not exists"
        " (select from iot_reading r where r.parameter_id = g.parameter_id and r.seq = n)"
    )
    return {(number, seq) for number, seq in found or []}
