"""How long the door takes to open and close, and what the whole platform weighs when idle.

Run by itself (`python bench/start.py`) or by the bench command, which keeps the rows.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
IDLE_SECONDS = 20
GOALS = {"start.cold": 60.0, "start.second": 6.0, "start.stop": 10.0, "start.memory": 600.0}


def run() -> list[dict[str, Any]]:
    """Start a demo instance on a new home, weigh it, stop it, start it again. Rows of figures against their goals."""
    with tempfile.TemporaryDirectory(prefix="qms-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        home = Path(folder) / "home"
        try:
            launcher, cold, steps = up(home)
            time.sleep(IDLE_SECONDS)
            weight = memory(home, launcher.pid)
            stop = down(launcher)
            launcher, second, again = up(home)
            down(launcher)
        finally:
            if (home / "postgres").is_symlink():
                shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)
    return [
        row("start.cold", cold, "s", steps),
        row("start.second", second, "s", again),
        row("start.stop", stop, "s", {}),
        row("start.memory", sum(weight.values()), "MB", weight),
    ]


def row(name: str, value: float, unit: str, beside: dict[str, float]) -> dict[str, Any]:
    """One figure with what it is made of."""
    goal = GOALS[name]
    parts = {part: round(figure, 1) for part, figure in beside.items()}
    return {"id": name, "value": round(value, 1), "unit": unit, "goal": goal, "beside": parts, "met": value <= goal}


def up(home: Path) -> tuple[subprocess.Popen[str], float, dict[str, float]]:
    """Start and wait for the address; the launcher, the seconds, and the seconds at each progress line."""
    began = time.monotonic()
    command = [sys.executable, "manage.py", "up", "--demo", "--home", str(home)]
    # Addresses of another instance, as the bench command has them, would be taken for servers to use.
    shell = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    launcher = subprocess.Popen(
        command, cwd=ROOT, env=shell, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    steps: dict[str, float] = {}
    said = []
    for line in launcher.stdout or []:
        said.append(line)
        if found := re.match(r"\[\s*([\d.]+)s\] (.*)", line):
            steps[found[2]] = float(found[1])
        if line.startswith("Plumbline runs at"):
            return launcher, time.monotonic() - began, steps
    raise SystemExit("the platform did not start:\n" + "".join(said))


def down(launcher: subprocess.Popen[str]) -> float:
    """Stop it; the seconds until everything is down."""
    began = time.monotonic()
    launcher.send_signal(signal.SIGTERM)
    launcher.communicate()
    return time.monotonic() - began


def memory(home: Path, launcher: int) -> dict[str, float]:
    """Proportional set size of each process and all below it, in MB: shared pages count once in the sum."""
    children = json.loads((home / "children.json").read_text())
    weights = {name: sum(pss(pid) for pid in [top, *below(top)]) for name, (top, _) in children.items()}
    return {**weights, "launcher": pss(launcher)}


def pss(pid: int) -> float:
    """Proportional set size of one process in MB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def below(pid: int) -> list[int]:
    """The processes started by `pid`, and by those."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], check=False, capture_output=True, text=True)
    direct = [int(word) for word in listed.stdout.split()]
    return [*direct, *(deeper for child in direct for deeper in below(child))]


if __name__ == "__main__":
    os.chdir(ROOT)
    print(json.dumps(run(), indent=2))
