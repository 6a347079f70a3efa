"""Whose account the servers run under: PostgreSQL refuses uid 0, so root starts it as an unprivileged user."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qms.embedded.errors import CannotStart
from qms.embedded.fate import die_with_parent


@dataclass(frozen=True)
class Account:
    """An unprivileged user that root starts a process as."""

    name: str
    uid: int
    gid: int

    def owns(self, *folders: Path) -> None:
        """Give the folders to this user."""
        for folder in folders:
            os.chown(folder, self.uid, self.gid)


def for_postgres(environ: Mapping[str, str]) -> Account | None:
    """None when we are an ordinary user already; else the user of QMS_PG_USER, or `nobody`."""
    if os.geteuid() != 0:
        return None
    name = environ.get("QMS_PG_USER", "nobody")
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise CannotStart(
            f"PostgreSQL does not run as root and there is no user `{name}`: name an ordinary user in QMS_PG_USER."
        ) from None
    if entry.pw_uid == 0:
        raise CannotStart(f"PostgreSQL does not run as root: `{name}` in QMS_PG_USER is root, name an ordinary user.")
    return Account(name, entry.pw_uid, entry.pw_gid)


def run_as(
    account: Account | None, command: Sequence[object], env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a short command to its end as `account`, from a folder everybody can enter."""
    return subprocess.run(
        [str(word) for word in command],
        check=False,
        capture_output=True,
        text=True,
        env=dict(env),
        cwd="/",
        stdin=subprocess.DEVNULL,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )


def can_run(account: Account | None, program: Path) -> bool:
    """Whether `account` reaches and starts the program."""
    try:
        return run_as(account, [program, "--version"], {"LC_ALL": "C"}).returncode == 0
    except OSError:
        return False


def can_enter(account: Account | None, folder: Path) -> bool:
    """Whether `account` reaches the folder through all its parents."""
    try:
        return run_as(account, ["/bin/sh", "-c", 'cd "$0"', folder], {"LC_ALL": "C"}).returncode == 0
    except OSError:
        return False
