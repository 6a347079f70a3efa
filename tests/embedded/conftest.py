"""A door that tests may open, kick and close: the real launcher with a small stand-in platform behind it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
import pytest

from qms.embedded.home import socket_folder

ROOT = Path(__file__).resolve().parents[2]
PLANT = Path(__file__).parent / "plant"
DRIVER = """
import sys
from pathlib import Path
from qms.embedded import cli, errors
with errors.explained():
    cli.main(sys.argv[2:], root=Path(sys.argv[1]))
"""

CHILDREN = {
    "postgres": "bin/postgres",
    "valkey": "valkey-server",
    "nats": "nats-server",
    "web": "granian",
    "worker": "celery\0-A\0qms\0worker",
    "beat": "celery\0-A\0qms\0beat",
    "relay": "manage.py\0relay",
    "ingest": "manage.py\0ingest",
    "nursery": "forks.py",
}


def until(come: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for something that other processes bring about."""
    deadline = time.monotonic() + seconds
    while not come():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.05)


def parent_of(pid: int) -> int:
    """The parent of a process; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def descendants(pid: int) -> set[int]:
    """Every living process below `pid`."""
    parents = {int(folder.name): parent_of(int(folder.name)) for folder in Path("/proc").glob("[0-9]*")}
    found, front = set(), {pid}
    while front:
        front = {child for child, parent in parents.items() if parent in front}
        found |= front
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def child_of(launcher: int, name: str) -> int:
    """The process below a launcher whose command line holds `name`; 0 when there is none."""
    for pid in sorted(descendants(launcher)):  # a parent before what it forked, which has the same command line
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if name.encode() in words:
            return pid
    return 0


@dataclass
class Door:
    """One home and the launchers started on it."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)
    running: subprocess.Popen[str] | None = None

    def command(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the door to its end."""
        return subprocess.run(
            self._argv(arguments), cwd=ROOT, env=self._env(environ), capture_output=True, text=True, timeout=90
        )

    def begin(self, *arguments: str, **environ: str) -> None:
        """Start the door and do not wait."""
        with self.home.with_suffix(".out").open("w") as out:
            self.running = subprocess.Popen(
                self._argv(arguments), cwd=ROOT, env=self._env(environ), stdout=out, stderr=subprocess.STDOUT, text=True
            )

    def up(self, *arguments: str, **environ: str) -> dict[str, object]:
        """Start and wait until it is ready; gives what ready.json says."""
        self.begin("up", *arguments, **environ)
        until(lambda: "Plumbline runs at" in self.said or self.running.poll() is not None, 60)
        assert self.running.poll() is None, self.said
        return self.ready

    @property
    def ready(self) -> dict[str, object]:
        try:
            return json.loads((self.home / "ready.json").read_text())
        except (OSError, ValueError):
            return {}

    @property
    def said(self) -> str:
        return self.home.with_suffix(".out").read_text()

    def rows(self, who: str | None = None) -> int:
        """Rows the stand-in processes have written; -1 while the database is away."""
        try:
            with psycopg2.connect(str(self.ready["database_url"])) as database, database.cursor() as cursor:
                cursor.execute("select count(*) from ticks where who = coalesce(%s, who)", [who])
                return cursor.fetchone()[0]
        except psycopg2.Error:
            return -1

    def page(self) -> int:
        """Status of the page; 0 while the web process is away."""
        try:
            with urllib.request.urlopen(f"{self.ready['url']}/", timeout=5) as answer:
                return answer.status
        except OSError:
            return 0

    def pid(self, name: str) -> int:
        """The process that runs `name`, by its command line."""
        return child_of(self.running.pid, name)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to the launcher and wait for it."""
        self.running.send_signal(number)
        return self.running.wait(60)

    def close(self) -> None:
        if self.running and self.running.poll() is None:
            self.end()
        data = self.home / "postgres"
        if data.is_symlink():
            subprocess.run(["rm", "-rf", str(data.resolve())], check=True)

    def _argv(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-c", DRIVER, str(PLANT), *arguments, "--home", str(self.home)]

    def _env(self, more: dict[str, str]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return {**kept, **self.environ, **more}


@pytest.fixture
def door() -> Iterator[Door]:
    """A door on a home of its own."""
    with new_door() as door:
        yield door


@pytest.fixture(scope="module")
def open_door() -> Iterator[Door]:
    """A door that is open, for tests that leave it as it was."""
    with new_door() as door:
        door.up()
        yield door


@contextmanager
def new_door() -> Iterator[Door]:
    """A door on a new home; closed and cleared away at the end."""
    with tempfile.TemporaryDirectory(prefix="qms-door-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        door = Door(Path(folder) / "home")
        yield door
        door.close()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name."""
    with tempfile.TemporaryDirectory(prefix="qms-") as folder:
        yield socket_folder(Path(folder))
