"""What the processes of the platform are told: addresses, folders, secrets."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from qms.embedded.home import Home, read_json

# What the shell may tell `up` about its own servers, for docs/reference; the other settings are those of the processes.
GIVEN = {
    "QMS_OWNER_DATABASE_URL": "beside a given DATABASE_URL: the same database as the role that migrates",
    "QMS_PG_BIN": "folder of PostgreSQL's programs to use instead of the wheel's",
    "QMS_PG_USER": "started by root: the ordinary user PostgreSQL runs as, `nobody` otherwise",
    "QMS_VALKEY_BIN": "Valkey or Redis server to use instead of the wheel's",
    "QMS_NATS_BIN": "NATS server to use instead of the wheel's",
}
OWNER = "QMS_OWNER_DATABASE_URL"  # for the migration alone: the application's processes never read it
_OWNERS = {"backup", "drill"}  # commands that read every row, whatever site it is of
_TOOLS = {"celery", "granian"}


@dataclass(frozen=True)
class Addresses:
    """Where the servers are; `owner` is the database address of the owning role."""

    database: str
    owner: str
    redis: str
    mqtt: str


def application_environment(
    home: Home, addresses: Addresses, environ: Mapping[str, str], *, port: int, demo: bool, empty: bool
) -> dict[str, str]:
    """The environment of every application process; the shell's PG* variables and the owner's address stay outside."""
    kept = {name: value for name, value in environ.items() if not is_libpq(name) and name != OWNER}
    home.secret("secret")
    own_broker = {} if "MQTT_URL" in environ else {"BROKER_ACCESS_DIR": str(home.access)}
    modes = {"QMS_DEMO": "1" if demo else "", "QMS_EMPTY": "1" if empty else ""}
    return {
        **kept,
        **own_broker,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), environ.get("PATH", os.defpath)]),
        "DATABASE_URL": addresses.database,
        "REDIS_URL": addresses.redis,
        "MQTT_URL": addresses.mqtt,
        "SECRET_KEY_FILE": str(home.path / "secret"),
        "QMS_HOME": str(home.path),
        "FILES_DIR": str(home.files),
        "PUBLIC_URL": environ.get("PUBLIC_URL", f"http://127.0.0.1:{port}"),
        "GRANIAN_HOST": "127.0.0.1",
        "GRANIAN_PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        # One arena pair and no thread pool of the linear algebra library: several small processes, not one large.
        "MALLOC_ARENA_MAX": "2",
        "OPENBLAS_NUM_THREADS": "1",
        **{name: value for name, value in modes.items() if value},
    }


def command_environment(home: Path, command: str) -> dict[str, str]:
    """What a single command needs to work on the instance of `home`, running or not; `migrate` acts as the owner.

    Without an instance the addresses name where it would be, so that commands without a database run all the same.
    """
    ready, owner = read_json(home / "ready.json"), read_json(home / "owner.json")
    sockets = quote(str(home / "postgres" / "run"), safe="")
    database = ready.get("database_url", f"postgresql://qms_app@/qms?host={sockets}")
    chosen = {
        "QMS_HOME": str(home),
        "FILES_DIR": str(home / "files"),
        "DATABASE_URL": owner.get("database_url", database) if command == "migrate" else database,
        "REDIS_URL": ready.get("redis_url", f"unix://{home / 'run' / 'valkey.sock'}"),
        "MQTT_URL": ready.get("mqtt_url", ""),
    }
    if command in _OWNERS and "database_url" in owner:
        chosen[OWNER] = owner["database_url"]
    if (home / "secret").exists():
        return {**chosen, "SECRET_KEY_FILE": str(home / "secret")}
    return {**chosen, "SECRET_KEY": secrets.token_urlsafe(48)}


def is_libpq(name: str) -> bool:
    """Whether the PostgreSQL client library would take an address or a password from this variable."""
    return name.startswith("PG") and name[2:].isalpha() and name.isupper()


def argv_of(command: str) -> list[str]:
    """The command of the table with this very Python."""
    first, *rest = command.split()
    if first == "python":
        return [sys.executable, *rest]
    return [sys.executable, "-m", first, *rest] if first in _TOOLS else [first, *rest]
