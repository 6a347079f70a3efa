"""Remembers the children's process ids, so that a start after a killed launcher meets none of them still going down."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qms.embedded.home import Home

_FILE = "children.json"
_PATIENCE = 10.0


def record(home: Home, pids: Mapping[str, int]) -> None:
    """Write down the running children by name, with start times: a number alone may be given to another program."""
    home.write(_FILE, {name: [pid, _start_time(pid)] for name, pid in pids.items()})


def end(home: Home) -> None:
    """Wait for what a killed launcher left (the kernel has asked it to end); kill what stays."""
    left = dict(filter(None, map(_noted, home.read(_FILE).values())))
    deadline = time.monotonic() + _PATIENCE
    while left and time.monotonic() < deadline:
        left = {pid: started for pid, started in left.items() if started and _start_time(pid) == started}
        time.sleep(0.05 if left else 0)
    for pid in left:
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    (home.path / _FILE).unlink(missing_ok=True)


def _noted(entry: Any) -> tuple[int, str] | None:
    """Process id and start time of an entry; None for one that nobody here wrote."""
    match entry:
        case [int(pid), str(started)] if pid > 1:
            return pid, started
    return None


def _start_time(pid: int) -> str:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
