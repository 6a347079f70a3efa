"""The embedded PostgreSQL: cluster, roles, start and stop, on a private socket and no port."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from qms.embedded import account as accounts
from qms.embedded import binaries, probes
from qms.embedded.account import Account
from qms.embedded.errors import CannotStart
from qms.embedded.home import SHARED, Home, socket_folder
from qms.embedded.process import Unit

ROLES = Path(__file__).with_name("roles.sql")
DATABASE = "qms"
LOGINS = ("postgres", "qms_owner", "qms_app")  # who signs in to it
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "80",
    "jit": "off",
    "max_wal_size": "1GB",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %u ",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
SMALL_SHARED_MEMORY = 256 * 1024 * 1024


@dataclass(frozen=True)
class Cluster:
    """One data folder with the programs and the account that serve it."""

    programs: Path
    folder: Path
    sockets: Path
    account: Account | None
    passwords: Mapping[str, str]

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    def url(self, role: str, database: str = DATABASE) -> str:
        """The address for `role` through the socket."""
        return f"postgresql://{role}:{self.passwords[role]}@/{database}?host={quote(str(self.sockets), safe='')}"

    def environment(self) -> dict[str, str]:
        """For the programs of PostgreSQL: nothing of the shell's PG* variables gets in."""
        return {"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC", "LANG": "C"}

    def unit(self, log: Path, extra: Mapping[str, str] | None = None) -> Unit:
        """The server as a unit of the supervisor; SIGINT is its fast shutdown."""
        settings = {**SETTINGS, **shared_memory(), **(extra or {})}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Unit(
            "postgres",
            [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.sockets), *options],
            self.environment(),
            Path("/"),
            log,
            account=self.account,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            grace=30.0,
            is_ready=lambda: probes.postgres_ready(self.data),
        )

    def initialise(self, *, durable: bool = True) -> bool:
        """Make the data folder once; it appears under its name only when it is whole. Whether it was made now.

        A durable one is on the disk before it is used, so that a power cut right after the first start loses nothing.
        """
        if self.data.exists():
            self._check_version()
            return False
        unfinished, words = self.folder / "data.tmp", self.folder / "superuser"
        shutil.rmtree(unfinished, ignore_errors=True)
        words.write_text(self.passwords["postgres"])
        words.chmod(0o600)
        if self.account:
            self.account.owns(words)
        command = [
            self.programs / "initdb",
            "-D",
            unfinished,
            "-U",
            "postgres",
            "--pwfile",
            words,
            *self._initdb_options(),
            *([] if durable else ["--no-sync"]),
        ]
        done = accounts.run_as(self.account, command, self.environment())
        words.unlink()
        if done.returncode != 0:
            raise CannotStart(f"PostgreSQL could not make its data folder {unfinished}:\n{done.stderr.strip()}")
        unfinished.rename(self.data)
        return True

    def _initdb_options(self) -> list[str]:
        """The same order of text everywhere: the builtin locale from version 17, plain C before."""
        common = ["--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"]
        if binaries.postgres_major(self.programs) >= 17:
            return [*common, "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return [*common, "--locale=C"]

    def _check_version(self) -> None:
        has, runs = (self.data / "PG_VERSION").read_text().strip(), binaries.postgres_major(self.programs)
        if has != str(runs):
            raise CannotStart(
                f"the data in {self.data} is of PostgreSQL {has}, the programs in {self.programs} are {runs}:"
                f" dump it with pg_dump of version {has} and restore into a new --home,"
                f" or name the programs of version {has} in QMS_PG_BIN."
            )

    def end_leftover(self) -> None:
        """A server of this folder that is still going down (its launcher was killed) is stopped first."""
        file = self.data / "postmaster.pid"
        deadline = time.monotonic() + 30
        while (pid := _server_in(file)) and time.monotonic() < deadline:
            os.kill(pid, signal.SIGINT)
            time.sleep(0.2)

    def apply_roles(self, database: str = DATABASE, *, also: str = "") -> None:
        """Make the database with its two roles (see roles.sql); the superuser is used for nothing else."""
        environment = {
            **self.environment(),
            "PGPASSWORD": self.passwords["postgres"],
            "QMS_OWNER_PASSWORD": self.passwords["qms_owner"],
            "QMS_APP_PASSWORD": self.passwords["qms_app"],
        }
        readable = self.folder / "roles.sql"
        shutil.copyfile(ROLES, readable)
        readable.chmod(0o644)
        login = ["-h", self.sockets, "-U", "postgres", "-d", "postgres"]
        psql = [self.programs / "psql", "-X", "-q", *login, "-v", f"database={database}", "-f", readable]
        done = accounts.run_as(self.account, [*psql, *(["-c", also] if also else [])], environment)
        if done.returncode != 0:
            raise CannotStart(f"the database roles could not be made:\n{done.stderr.strip()}")


def cluster_in(home: Home, environ: Mapping[str, str]) -> Cluster:
    """The cluster of `home`; under root its folder lies where the unprivileged account can reach it."""
    account = accounts.for_postgres(environ)
    programs = binaries.postgres_for(account, binaries.postgres(environ))
    folder = _folder_for(account, home)
    sockets = socket_folder(folder / "run")
    if account:
        account.owns(folder, sockets)
    own_data(folder / "data", account)
    return Cluster(programs, folder, sockets, account, _passwords(home, folder / "data"))


def roles_digest() -> str:
    """Tells when roles.sql has changed and has to run again."""
    return hashlib.sha256(ROLES.read_bytes()).hexdigest()


def _passwords(home: Home, data: Path) -> dict[str, str]:
    """The passwords of the roles, made with the database; those of a database that is there are never replaced."""
    kept: dict[str, str] = home.read("passwords.json")
    if not set(LOGINS) <= set(kept):
        if data.exists():
            raise CannotStart(
                f"{home.path / 'passwords.json'} is missing or not whole, and nothing else opens the data in {data}:"
                " put it back from your backup, or choose another --home."
            )
        kept = {role: secrets.token_urlsafe(24) for role in LOGINS}
        home.write("passwords.json", dict(kept))
    return kept


def _folder_for(account: Account | None, home: Home) -> Path:
    """`<home>/postgres`; a link to a folder under /var/lib/qms when `account` cannot reach the home."""
    folder = home.path / "postgres"
    if folder.is_symlink():
        return folder.resolve()
    if folder.exists() or account is None or accounts.can_enter(account, home.path):
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder
    SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
    # A random name: a home made anew under an old path must never meet the old data.
    apart = SHARED / f"data-{secrets.token_hex(6)}"
    apart.mkdir(mode=0o700)
    folder.symlink_to(apart)
    return apart


def own_data(data: Path, account: Account | None) -> None:
    """Refuse a data folder that another user made: PostgreSQL would, and less plainly."""
    wanted = account.uid if account else os.geteuid()
    if data.exists() and data.stat().st_uid != wanted:
        raise CannotStart(
            f"the data folder {data} belongs to user {data.stat().st_uid}, PostgreSQL would run as {wanted}:"
            " run as the user who made it, or name that user in QMS_PG_USER."
        )


def _server_in(pid_file: Path) -> int | None:
    """The living PostgreSQL that a pid file names; a number used by another program since is not one."""
    try:
        pid = int(pid_file.read_text().splitlines()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return None
    return pid if str(pid_file.parent).encode() in command else None


def shared_memory() -> dict[str, str]:
    """Containers often have a tiny /dev/shm: then parallel workers share through files instead."""
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108 - asked for its size only
    except OSError:
        return {"dynamic_shared_memory_type": "mmap"}
    return {"dynamic_shared_memory_type": "mmap"} if room.f_frsize * room.f_blocks < SMALL_SHARED_MEMORY else {}
