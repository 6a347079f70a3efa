"""The pytest plugin (`-p qms.embedded.testing`): real servers for the tests, thrown away afterwards.

It must be loaded early: the addresses have to be in the environment before the settings are read. One PostgreSQL
serves the whole run, also under xdist; every worker has a folder and a database of its own, cloned from one migrated
template.
"""

from __future__ import annotations

import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql

from qms.embedded import broker, postgres, probes, throwaway, valkey
from qms.embedded.environment import is_libpq
from qms.embedded.garbage import keep_what_is_loaded
from qms.embedded.home import Home
from qms.embedded.postgres import Cluster
from qms.embedded.process import Child, Unit
from qms.embedded.supervisor import Supervisor
from qms.embedded.throwaway import TEMPLATE, ThrowAway

FOLDER = "QMS_TEST_FOLDER"
NEEDS_DATABASE = {"db", "transactional_db", "live_server", "fresh_database", "worker_database"}
_serving: list[subprocess.Popen[bytes]] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Put the addresses of the throw-away servers into the environment, before Django reads them."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the workers are as many as the cores; more threads only wait
    if "PYTEST_XDIST_WORKER" not in os.environ:
        for name in filter(is_libpq, list(os.environ)):
            del os.environ[name]
        folder = throwaway.make_folder(quick=True)
        os.environ[FOLDER] = str(folder)
        os.environ.setdefault("SECRET_KEY", "of-one-test-run-" + uuid.uuid4().hex)
        os.environ["QMS_HOME"] = str(folder)
        os.environ["DATABASE_POOL"] = "0"  # a kept connection would hold on to a database that is to be dropped
        _cluster()
        _serving.append(throwaway.start(folder))
    cluster = _cluster()
    os.environ["DATABASE_URL"] = cluster.url("qms_app", _worker_name())
    os.environ["QMS_OWNER_DATABASE_URL"] = cluster.url("qms_owner", _worker_name())
    home = _folder() / _worker_name()  # a test may count what lies in its folders
    home.mkdir(exist_ok=True)
    os.environ["QMS_HOME"] = str(home)
    os.environ["FILES_DIR"] = str(home / "files")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start making the database, when any test needs one, and run those that need none meanwhile."""
    items.sort(key=_needs_database)
    if items and _needs_database(items[-1]):
        ThrowAway(_folder()).wanted.touch()


def pytest_collection_finish() -> None:
    """Every test module is imported now, and the product with them."""
    keep_what_is_loaded()


def pytest_unconfigure() -> None:
    """Take everything away."""
    for process in _serving:
        process.send_signal(signal.SIGTERM)
        process.wait()
    _serving.clear()


@pytest.fixture(scope="session")
def worker_database() -> str:
    """The migrated database of this worker, at the address in DATABASE_URL."""
    ThrowAway(_folder()).wait()
    clone(_worker_name())
    return os.environ["DATABASE_URL"]


def clone(name: str) -> None:
    """A new database `name` from the migrated template, with the application's rights and no more."""
    cluster = _cluster()
    with _as_owner(cluster) as cursor:
        new, template = sql.Identifier(name), sql.Identifier(TEMPLATE)
        cursor.execute(sql.SQL("create database {} template {} strategy wal_log").format(new, template))
        cursor.execute(sql.SQL("revoke all on database {} from public").format(new))
        cursor.execute(sql.SQL("grant connect on database {} to qms_app").format(new))


def drop(name: str) -> None:
    """Remove a cloned database, closing what is still connected."""
    with _as_owner(_cluster()) as cursor:
        cursor.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def cloned_database(worker_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:  # noqa: ARG001 - order
    """The name of a database of this test alone, for real commits; new processes find it in DATABASE_URL."""
    name = f"qms_{uuid.uuid4().hex[:12]}"
    clone(name)
    monkeypatch.setenv("DATABASE_URL", _cluster().url("qms_app", name))
    monkeypatch.setenv("QMS_OWNER_DATABASE_URL", _cluster().url("qms_owner", name))
    yield name
    drop(name)


@dataclass
class RunningServer:
    """A real server that tests may kill and start again."""

    url: str
    unit: Unit
    child: Child = field(init=False)

    def __post_init__(self) -> None:
        """Start it at once."""
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        supervisor = Supervisor(lambda _: None)
        supervisor.start([self.unit], seconds=20)
        self.child = supervisor.children()[0]

    def kill(self) -> None:
        """`kill -9`."""
        self.child.popen.kill()
        self.child.popen.wait()

    def stop(self) -> None:
        """Stop it by its own signal."""
        self.child.ask_to_stop()
        self.child.wait_stopped()


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[RunningServer]:
    """A Valkey of this worker."""
    home = _own_home("valkey")
    server = RunningServer(valkey.url(valkey.socket_of(home)), valkey.unit(home, home.logs / "valkey.log", os.environ))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mqtt_broker() -> Iterator[RunningServer]:
    """An MQTT broker (NATS) of this worker."""
    home = _own_home("nats")
    nats = broker.Broker(home, probes.free_port(0), home.secret("mqtt_password"))
    server = RunningServer(nats.url, nats.unit(home.logs / "nats.log", os.environ))
    yield server
    server.stop()


def _needs_database(item: pytest.Item) -> bool:
    return (
        bool(NEEDS_DATABASE & set(getattr(item, "fixturenames", ())))
        or item.get_closest_marker("django_db") is not None
    )


def _as_owner(cluster: Cluster) -> _OwnerCursor:
    return _OwnerCursor(cluster.url("qms_owner", "postgres"))


class _OwnerCursor:
    """A cursor outside any transaction: databases cannot be made inside one."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True

    def __enter__(self) -> psycopg2.extensions.cursor:
        return self._connection.cursor()

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _folder() -> Path:
    return Path(os.environ[FOLDER])


@cache
def _cluster() -> Cluster:
    return postgres.cluster_in(Home(_folder()), os.environ)


def _own_home(kind: str) -> Home:
    return Home(_folder() / f"{kind}-{_worker_name()}")


def _worker_name() -> str:
    return f"qms_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
