"""The servers of the ingest bench: the embedded PostgreSQL as it ships, Mosquitto, NATS, and the worker as it runs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from bench import start
from bench.ingest_line import Line
from qms.embedded import broker, postgres, probes
from qms.embedded.home import Home
from qms.embedded.process import Unit
from qms.embedded.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0
EVERYTHING = ("acme/#",)
Topics = Sequence[Sequence[str]]
PLACES = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
# as deploy/mosquitto.conf, with one listener and no devices
MOSQUITTO = """listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 5
max_queued_messages 1000000
max_inflight_messages 1000
max_packet_size 1048576
log_type error
user {user}
"""


@dataclass
class Floor:
    """One database, two brokers, and the workers of one stage."""

    folder: Path
    supervisor: Supervisor
    cluster: postgres.Cluster
    urls: dict[str, str]
    environ: dict[str, str]
    database: Unit
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list, init=False)
    counting: Any = field(default=None, init=False)

    def link(self) -> Any:
        """A connection of the owner, each statement committed."""
        link = psycopg2.connect(self.cluster.url("qms_owner"))
        link.autocommit = True
        return link

    def ask(self, sql: str, *values: Any) -> Any:
        """The first value of a query."""
        link = self.link()
        with link.cursor() as cursor:
            cursor.execute(sql, values)
            found = cursor.fetchone()[0]
        link.close()
        return found

    @contextmanager
    def ingesting(self, url: str, *, topics: Topics = (EVERYTHING,), group: str = "") -> Iterator[None]:
        """`manage.py ingest` at a broker, from its subscription on until the end; one for each list of `topics`."""
        log, client = self.folder / "ingest.log", f"bench-{time.time_ns()}"
        log.unlink(missing_ok=True)
        environ = {**self.environ, "MQTT_URL": url, "MQTT_SHARE_GROUP": group}
        with log.open("ab") as out:
            for number, heard in enumerate(topics):
                words = ["--client", client, *(f"--topic={topic}" for topic in heard)]
                command = [sys.executable, "-m", "bench.ingest_worker", str(self._profile(number)), *words]
                self.workers.append(subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=out))
        try:
            there = lambda: log.read_text().count("connected to") >= len(topics)  # noqa: E731
            until(there, lambda: f"a worker did not start:\n{log.read_text()[-2000:]}")
            time.sleep(1.0)
            yield
        finally:
            self._end()
            for number in range(len(topics)):  # a session that is kept would go on gathering what nobody fetches
                Line(url, f"{client}-w{number}").close()

    def _end(self) -> None:
        gone, self.workers = self.workers, []
        for one in gone:
            one.terminate()
        for one in gone:
            try:
                one.wait(30)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()

    def _profile(self, number: int) -> Path:
        return self.folder / f"profile-{number}.json"

    def profile(self) -> dict[str, float]:
        """Where the first worker spent its processor time since it was asked last: function -> share of all."""
        file = self._profile(0)
        file.unlink(missing_ok=True)
        self.workers[0].send_signal(signal.SIGUSR1)
        until(file.exists, lambda: "the worker does not tell where its time went", 10)
        told = json.loads(file.read_text())
        return {name: seconds / told["all"] for name, seconds in told["functions"].items()}

    def stored(self) -> int:
        """Readings that the worker has counted as stored; asked many times a second, so on a line that is kept."""
        try:
            return self._count()
        except psycopg2.Error:  # the database was away
            self.counting = None
            return self._count()

    def _count(self) -> int:
        self.counting = self.counting or self.link()
        with self.counting.cursor() as cursor:
            cursor.execute("select coalesce(sum(count), 0) from iot_ingestcount where outcome = 'stored'")
            return int(cursor.fetchone()[0])

    def used(self) -> dict[str, float]:
        """Seconds of processor time until now: the worker and the servers."""
        known = {child.unit.name: child.pid for child in self.supervisor.children()}
        found = {name: sum(cpu(one) for one in [pid, *start.below(pid)]) for name, pid in known.items()}
        return {**found, "worker": sum(cpu(one.pid) for one in self.workers)}

    def new_table(self, name: str) -> None:
        """An empty table with the columns, the partitioning and the unique index of the readings."""
        with self.link() as link, link.cursor() as cursor:
            cursor.execute(
                f"drop table if exists {name};"
                f" create table {name} (like iot_reading including defaults) partition by range (t);"
                f" create unique index on {name} (parameter_id, t, seq) include (value);"
                f" create table {name}_all partition of {name} for values from (minvalue) to (maxvalue);"
            )


def cpu(pid: int) -> float:
    """Seconds of processor time of one process with all its threads; none of one that has just ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def until(come: Callable[[], bool], why: Callable[[], str], seconds: float = PATIENCE) -> None:
    """Wait for something that other processes bring about."""
    deadline = time.monotonic() + seconds
    while not come():
        if time.monotonic() > deadline:
            raise SystemExit(why())
        time.sleep(0.02)


@contextmanager
def floor() -> Iterator[Floor]:
    """Servers in a new folder, a migrated database, stations; all taken away afterwards."""
    with tempfile.TemporaryDirectory(prefix="qms-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        home, supervisor = Home(folder / "home"), Supervisor(lambda _: None)
        try:
            yield _made(folder, home, supervisor)
        finally:
            supervisor.stop()
            if (home.path / "postgres").is_symlink():
                shutil.rmtree((home.path / "postgres").resolve(), ignore_errors=True)


def _made(folder: Path, home: Home, supervisor: Supervisor) -> Floor:
    cluster = postgres.cluster_in(home, os.environ)
    cluster.initialise()
    nats = broker.Broker(home, probes.free_port(0), home.secret("mqtt_password"))
    urls = {"nats": nats.url}
    # the moment of each commit is kept, so that the bench can ask for it
    database = cluster.unit(folder / "postgres.log", {"track_commit_timestamp": "on"})
    units = [
        database,
        nats.unit(folder / "nats.log", os.environ),
    ]
    if program := shutil.which("mosquitto", path=PLACES):
        units.append(_mosquitto(program, folder, urls))
    supervisor.start(units, seconds=60)
    cluster.apply_roles()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environ = {**kept, "DJANGO_SETTINGS_MODULE": "qms.settings", "PYTHONPATH": str(ROOT), "SECRET_KEY": "of-one-bench",
               "QMS_HOME": str(home.path), "DATABASE_URL": cluster.url("qms_owner")}  # fmt: skip
    for command in (["-m", "django", "migrate", "-v", "0"], *_stations()):
        subprocess.run([sys.executable, *command], env=environ, cwd=ROOT, check=True)
    environ["DATABASE_URL"] = cluster.url("qms_app")
    return Floor(folder, supervisor, cluster, urls, environ, database)


def _stations() -> list[list[str]]:
    """Means of five readings, and a smaller area where every reading is a point of its own."""
    return [["-m", "bench.ingest_plant", "XB", "xbar-r", "5", "25", "20"],
            ["-m", "bench.ingest_plant", "IM", "i-mr", "1", "5", "20"]]  # fmt: skip


def _mosquitto(program: str, folder: Path, urls: dict[str, str]) -> Unit:
    port, place = probes.free_port(0), folder / "mosquitto"
    place.mkdir()
    config = folder / "mosquitto.conf"
    config.write_text(MOSQUITTO.format(port=port, folder=place, user=os.environ.get("USER") or "root"))
    urls["mosquitto"] = f"mqtt://127.0.0.1:{port}"
    return Unit(
        "mosquitto",
        [program, "-c", str(config)],
        {"LC_ALL": "C"},
        Path("/"),
        folder / "mosquitto.log",
        is_ready=lambda: probes.mqtt_ready(port, "", ""),
    )
