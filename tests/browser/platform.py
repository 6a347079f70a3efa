"""The whole platform as a newcomer starts it: `up --demo` in a folder of its own, on a free port."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240.0  # a busy machine; what a start may take is measured elsewhere
OURS = ("DATABASE_", "QMS_", "REDIS_URL", "MQTT_URL", "FILES_DIR", "SECRET_KEY", "DJANGO_", "PYTEST_", "STATIC_ROOT")


@dataclass(frozen=True)
class Plant:
    """A running demo plant: its address, its people by role, and what else `ready.json` tells."""

    url: str
    people: list[dict[str, Any]]
    home: Path
    ready: dict[str, Any]

    def person(self, name: str) -> dict[str, Any]:
        """The entry of somebody in `ready.json`: name, e-mail, password, roles, token."""
        return next(person for person in self.people if person["name"] == name)


def start(home: Path) -> tuple[Plant, subprocess.Popen[bytes]]:
    """Start the platform and wait until it says that it is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "manage.py", "up", "--demo", "--home", str(home), "--port", str(port)]
    with (home.parent / "up.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    until = time.monotonic() + PATIENCE
    while not (home / "ready.json").exists():
        if process.poll() is not None or time.monotonic() > until:
            stop(process)
            raise AssertionError((home.parent / "up.log").read_text())
        time.sleep(0.2)
    return running(home), process


def running(home: Path) -> Plant:
    """The plant that runs on a home."""
    ready = json.loads((home / "ready.json").read_text())
    return Plant(ready["url"], ready["people"], home, ready)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End it as Ctrl-C would, and wait until everything is down."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(90)
