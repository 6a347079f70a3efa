"""A backup: the database, the files of records, the checkpoints of the trail, and a list of it all with digests."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from qms.core.backup import programs
from qms.core.errors import Refused
from qms.core.models import Checkpoint
from qms.core.seal import shelf
from qms.embedded.environment import OWNER

DUMP, FILES, MANIFEST, CHECKPOINTS = "database.dump", "files.tar", "manifest.json", "checkpoints"
_LEFT_OUT = {"made", "mail"}  # sheets that can be made again, messages that were sent
_PIECE = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    at: str  # when the database was read
    seconds: float
    server: int
    sealed: int  # entries that were sealed before it began: at least so many are in it
    digests: dict[str, str]


def make(into: Path) -> Path:
    """Make a backup below `into`; returns its folder. It bears its name only when it is whole. Raises Refused."""
    began, at = time.monotonic(), timezone.now()
    fresh = into / f".{at:%Y-%m-%dT%H%M%SZ}"
    fresh.mkdir(mode=0o700, parents=True)
    try:
        newest = Checkpoint.objects.order_by("-number").first()
        # before the database, so that none of them speaks of more than the dump has
        shutil.copytree(shelf.folder(), fresh / CHECKPOINTS, ignore=shutil.ignore_patterns(".lock"))
        programs.run("pg_dump", owner_address(), ["--format=custom", f"--file={fresh / DUMP}"])
        _pack_files(fresh / FILES)
        digests = {str(file.relative_to(fresh)): digest_of(file) for file in sorted(fresh.rglob("*")) if file.is_file()}
        seconds = round(time.monotonic() - began, 1)
        said = Manifest(at.isoformat(timespec="seconds"), seconds, _server(), newest.size if newest else 0, digests)
        (fresh / MANIFEST).write_text(json.dumps(asdict(said), indent=1) + "\n")
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return fresh.rename(into / fresh.name.removeprefix("."))


def manifest_of(backup: Path) -> Manifest:
    """The list of a backup, after every file was found to be what it says. Raises Refused otherwise."""
    try:
        said: dict[str, Any] = json.loads((backup / MANIFEST).read_text())
        found = Manifest(**said)
    except (OSError, ValueError, TypeError):
        raise Refused(f"{backup} is no backup: it has no {MANIFEST} that can be read.") from None
    for name, digest in found.digests.items():
        file = backup / name
        if not file.is_file() or digest_of(file) != digest:
            raise Refused(f"{file} is missing or not what was backed up: take another backup.")
    return found


def backups_in(folder: Path) -> list[Path]:
    """The whole backups below a folder, oldest first."""
    return sorted(file.parent for file in folder.glob(f"[0-9]*/{MANIFEST}"))


def owner_address() -> str:
    """The database as the role that may read every row."""
    return os.environ.get(OWNER) or os.environ["DATABASE_URL"]


def digest_of(file: Path) -> str:
    """SHA-256 of a file, in hex."""
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _pack_files(into: Path) -> None:
    folder = Path(settings.FILES_DIR)
    with tarfile.open(into, "w") as pack:
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if file.name not in _LEFT_OUT:
                pack.add(file, arcname=file.name)


def _server() -> int:
    with connection.cursor() as cursor:
        cursor.execute("show server_version_num")
        return int(cursor.fetchone()[0]) // 10000
