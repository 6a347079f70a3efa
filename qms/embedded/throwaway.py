"""A throw-away PostgreSQL for one test run: a process that makes it when asked and takes it away when it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qms.embedded import postgres
from qms.embedded.environment import is_libpq
from qms.embedded.errors import CannotStart
from qms.embedded.fate import die_with_parent
from qms.embedded.home import Home
from qms.embedded.packages import ROOT
from qms.embedded.supervisor import BEAT, Supervisor

TEMPLATE = "qms_template"
PREFIX = "qms-test-"
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of random name is made in it
ROOM = 8 << 30  # bytes; a whole run of the tests writes less than a fourth of it
PATIENCE = 180.0


@dataclass(frozen=True)
class ThrowAway:
    """The folder through which the test run and the process that serves it talk."""

    folder: Path

    @property
    def wanted(self) -> Path:
        """Made by the first test that needs a database."""
        return self.folder / "wanted"

    @property
    def outcome(self) -> Path:
        """Empty when the template is migrated, else why there is none."""
        return self.folder / "outcome"

    def wait(self) -> None:
        """Ask for the database and wait until the migrated template is there."""
        self.wanted.touch()
        deadline = time.monotonic() + PATIENCE
        while not self.outcome.exists():
            if time.monotonic() > deadline or not self.folder.exists():
                raise CannotStart(f"the test database in {self.folder} was not ready after {PATIENCE:.0f} s.")
            time.sleep(BEAT)
        if why := self.outcome.read_text():
            raise CannotStart(f"the test database could not be made: {why}")


def make_folder(*, quick: bool = False) -> Path:
    """A new folder that an unprivileged PostgreSQL can enter; those of runs that were killed are removed.

    A `quick` one lies in memory where the machine has plenty: on a disk the databases of single tests are slow.
    """
    usual = Path(tempfile.gettempdir())
    for old in [*usual.glob(f"{PREFIX}*"), *MEMORY.glob(f"{PREFIX}*")]:
        if old.stat().st_uid == os.geteuid() and not Path(f"/proc/{old.name.split('-')[2]}").exists():
            remove(old)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY if quick and _roomy() else usual))
    folder.chmod(0o711)
    return folder


def _roomy() -> bool:
    """Whether files in memory have room enough there, and leave enough to the programs."""
    try:
        files, said = os.statvfs(MEMORY), Path("/proc/meminfo").read_text()
        left = int(said.partition("MemAvailable:")[2].split()[0]) * 1024
        return os.access(MEMORY, os.W_OK) and min(left, files.f_bavail * files.f_frsize) > ROOM
    except (OSError, IndexError):
        return False


def remove(folder: Path) -> None:
    """Remove the folder, and the data that lies apart from it where root had to put it elsewhere."""
    data = folder / "postgres"
    if data.is_symlink():
        shutil.rmtree(data.resolve(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Start the serving process; it ends with the test run, however that ends."""
    command = [sys.executable, "-m", "qms.embedded.throwaway", str(folder)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - pytest has no threads yet
    )


def serve(folder: Path) -> None:
    """Wait until a database is wanted, make it, keep it until told to end, then remove everything."""
    state, supervisor = ThrowAway(folder), Supervisor(lambda _: None)

    def end(*_: object) -> None:
        supervisor.stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    try:
        _until(state.wanted.exists, supervisor)
        if not supervisor.stopping:
            _make(state, supervisor)
        _until(lambda: False, supervisor)
    finally:
        supervisor.stop()
        remove(folder)


def _until(come: Callable[[], bool], supervisor: Supervisor) -> None:
    while not supervisor.stopping and not come():
        time.sleep(BEAT)


def _make(state: ThrowAway, supervisor: Supervisor) -> None:
    try:
        home = Home(state.folder)
        cluster = postgres.cluster_in(home, os.environ)
        cluster.initialise(durable=False)
        supervisor.start([cluster.unit(home.logs / "postgres.log", postgres.THROW_AWAY)], seconds=60)
        cluster.apply_roles(TEMPLATE, also="alter role qms_owner createdb")
        why = _migrate(cluster.url("qms_owner", TEMPLATE))
    except CannotStart as refusal:
        why = str(refusal)
    unfinished = state.outcome.with_suffix(".new")
    unfinished.write_text(why)
    unfinished.rename(state.outcome)


def _migrate(owner_url: str) -> str:
    """Migrate the template by the same command as everywhere; empty, or why it failed."""
    environment = {name: value for name, value in os.environ.items() if not is_libpq(name)}
    environment |= {"DATABASE_URL": owner_url, "QMS_OWNER_DATABASE_URL": owner_url}
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--noinput", "--skip-checks", "--verbosity", "0"],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    return "" if done.returncode == 0 else f"migrate failed:\n{done.stderr.strip()}"


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
