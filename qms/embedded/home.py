"""The home folder: everything one instance keeps, its lock, its secrets and the file that says it is ready."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qms.embedded.errors import CannotStart

SOCKET_PATH_LIMIT = 90  # sun_path holds 107 bytes, the server's own file name included
SHARED = Path("/var/lib/qms")


def default_home(root: Path) -> Path:
    """`.qms` in the checkout; for root a folder per checkout that an unprivileged user can reach."""
    if os.geteuid() != 0:
        return root / ".qms"
    return SHARED / hashlib.sha256(str(root).encode()).hexdigest()[:12]


@dataclass
class Home:
    """The folder of one instance and the names in it."""

    path: Path
    _lock: int = field(default=-1, repr=False)

    def __post_init__(self) -> None:
        """Make the folders; refuse one that another user made."""
        self.path = self.path.expanduser().absolute()
        try:
            if os.geteuid() == 0 and self.path.parent == SHARED:
                SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
            # Root's PostgreSQL runs as somebody else, who must pass through to its own folder and read nothing here.
            self.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        except OSError as refusal:
            why = f"the home {self.path} cannot be made ({refusal.strerror}): choose another with --home."
            raise CannotStart(why) from None
        self._check_owner()
        for folder in (self.logs, self.files, self.valkey, self.nats, self.access):
            folder.mkdir(mode=0o700, exist_ok=True)

    def _check_owner(self) -> None:
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            raise CannotStart(
                f"the home {self.path} belongs to user {owner}, you are {os.geteuid()}:"
                " run as the user who made it, or choose another with --home."
            )

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.path / "logs"

    @property
    def files(self) -> Path:
        """What people attach to records."""
        return self.path / "files"

    @property
    def valkey(self) -> Path:
        """Valkey's append-only file."""
        return self.path / "valkey"

    @property
    def nats(self) -> Path:
        """The broker's store and configuration."""
        return self.path / "nats"

    @property
    def access(self) -> Path:
        """Who may sign in to the broker, written by the platform."""
        return self.path / "broker"

    @property
    def ready(self) -> Path:
        """Addresses of the running instance; there only while it runs."""
        return self.path / "ready.json"

    def lock(self) -> None:
        """Take the home for this process; a second launcher is told who has it."""
        self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(self._who_has_it()) from None
        os.ftruncate(self._lock, 0)
        os.write(self._lock, str(os.getpid()).encode())
        self.ready.unlink(missing_ok=True)

    def _who_has_it(self) -> str:
        address = self.read("ready.json").get("url", "still starting")
        return f"already running on {self.path}: process {self.holder()}, {address}. Stop it with `manage.py stop`."

    def holder(self) -> int | None:
        """The process that holds the lock, if any; 0 while it has not yet said which one it is."""
        try:
            probe = os.open(self.path / "lock", os.O_RDWR)
        except OSError:
            return None
        try:
            fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            words = os.read(probe, 32)
            return int(words) if words.isdigit() else 0
        finally:
            os.close(probe)
        return None

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file of the home; empty when it is not there or not whole."""
        return read_json(self.path / name)

    def port(self, name: str, standard: int) -> int:
        """The port a server had last time, else the standard one."""
        kept = self.read("ports.json").get(name)
        return kept if isinstance(kept, int) and 0 < kept < 65536 else standard

    def write(self, name: str, content: str | dict[str, Any]) -> Path:
        """A private file, replaced in one step."""
        text = content if isinstance(content, str) else json.dumps(content, indent=2) + "\n"
        fresh = self.path / f".{name}.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        fresh.rename(self.path / name)
        return self.path / name

    def forget(self, *names: str) -> None:
        """Remove files of the home."""
        for name in names:
            (self.path / name).unlink(missing_ok=True)

    def secret(self, name: str) -> str:
        """A random secret, made once and kept in a private file."""
        file = self.path / name
        if not file.exists():
            self.write(name, secrets.token_urlsafe(48))
        return file.read_text()


def read_json(file: Path) -> dict[str, Any]:
    """The object in a JSON file; empty when it is not there or not whole."""
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def socket_folder(folder: Path) -> Path:
    """`folder` for sockets, or a short private one when its path is too long for a socket; the choice is kept."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if len(os.fsencode(folder)) <= SOCKET_PATH_LIMIT:
        return folder
    note = folder / "moved-to"
    if note.exists():
        kept = Path(note.read_text())
        if kept.is_dir() and not kept.is_symlink() and kept.stat().st_uid == os.geteuid():
            return kept
    short = Path(tempfile.mkdtemp(prefix="qms-"))
    note.write_text(str(short))
    return short
