"""A backup brought back: into an empty database, or into a home that is made for it."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import psycopg2

from qms.core.backup import programs
from qms.core.backup.making import CHECKPOINTS, DUMP, FILES, manifest_of
from qms.core.errors import Refused
from qms.embedded import postgres
from qms.embedded.home import Home
from qms.embedded.postgres import THROW_AWAY, Cluster
from qms.embedded.supervisor import Supervisor

_EMPTY = "select count(*) from pg_class where relnamespace = 'public'::regnamespace"


@dataclass(frozen=True)
class Places:
    """Where the parts of a backup go."""

    owner: str  # address of the database as its owner
    files: Path
    checkpoints: Path


def restore(backup: Path, into: Places) -> None:
    """Bring a backup back. Raises Refused when it is not whole, or when something is there already."""
    manifest_of(backup)
    for folder in (into.files, into.checkpoints):
        if folder.exists() and any(folder.iterdir()):
            raise Refused(f"{folder} is not empty: a backup is restored into an empty place, nothing is overwritten.")
    _refuse_full_database(into.owner)
    words: list[str | Path] = ["--exit-on-error", "--single-transaction", "--no-owner", backup / DUMP]
    programs.run("pg_restore", into.owner, words)
    into.files.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tarfile.open(backup / FILES) as pack:
        pack.extractall(into.files, members=_within(pack))  # noqa: S202 - looked at; `filter` came with Python 3.11.4
    shutil.copytree(backup / CHECKPOINTS, into.checkpoints, dirs_exist_ok=True)


def _within(pack: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Files and folders that stay below the place; a backup holds nothing else."""
    for member in pack:
        path = PurePosixPath(member.name)
        if not (member.isfile() or member.isdir()) or path.is_absolute() or ".." in path.parts:
            raise Refused(f"The backup holds {member.name}, which is no stored file: it is not restored.")
        yield member


@contextmanager
def server_in(home: Home, *, durable: bool) -> Iterator[Cluster]:
    """A new PostgreSQL of a home that has none yet, running until the block ends. Raises Refused when it has one."""
    cluster = postgres.cluster_in(home, os.environ)
    if not cluster.initialise(durable=durable):
        raise Refused(f"{home.path} holds a database already: restore into another --home.")
    supervisor = Supervisor(lambda _: None)
    try:
        settings = None if durable else THROW_AWAY
        supervisor.start([cluster.unit(home.logs / "postgres.log", settings)], seconds=60)
        cluster.apply_roles()
        yield cluster
    finally:
        supervisor.stop()


def restore_home(backup: Path, folder: Path) -> None:
    """Make a home from a backup; `up --home` starts it. Raises Refused."""
    manifest_of(backup)
    home = Home(folder)
    with server_in(home, durable=True) as cluster:
        restore(backup, Places(cluster.url("qms_owner"), home.files, home.path / "trail" / "checkpoints"))


def _refuse_full_database(owner: str) -> None:
    try:
        raw = psycopg2.connect(owner)
    except psycopg2.OperationalError as problem:
        raise Refused(f"The database does not answer: {str(problem).strip()}") from None
    with raw, raw.cursor() as cursor:
        cursor.execute(_EMPTY)
        tables = cursor.fetchone()
    raw.close()
    if tables and tables[0]:
        raise Refused("The database is not empty: a backup is restored into an empty one, nothing is overwritten.")
