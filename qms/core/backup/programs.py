"""PostgreSQL's own programs for dump and restore, told where and as whom without a password on their command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from qms.core.errors import Refused
from qms.embedded import binaries
from qms.embedded.environment import is_libpq
from qms.embedded.errors import CannotStart


def run(name: str, address: str, words: Sequence[str | Path]) -> None:
    """Run one of them against the database at this address. Raises Refused with its last words when it fails."""
    parts = urlsplit(address)
    bare = f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    environment = {key: value for key, value in os.environ.items() if not is_libpq(key)}
    user = {"PGUSER": unquote(parts.username)} if parts.username else {}
    password = {"PGPASSWORD": unquote(parts.password)} if parts.password else {}
    command = [str(_program(name)), f"--dbname={bare}", "--no-password", *map(str, words)]
    done = subprocess.run(  # noqa: S603 - the program is found below, its words are ours
        command, check=False, env={**environment, **user, **password}, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise Refused(f"{name} failed: {done.stderr.strip()[-800:] or 'it said nothing'}")


def _program(name: str) -> Path:
    """The program of the embedded PostgreSQL, or the one on the path."""
    try:
        found = binaries.postgres(os.environ) / name
    except (CannotStart, ImportError):
        found = Path()
    on_path = shutil.which(name)
    if found.is_file():
        return found
    if on_path is None:
        raise Refused(
            f"{name} is not on this machine: install PostgreSQL's client programs, or name them in QMS_PG_BIN."
        )
    return Path(on_path)
