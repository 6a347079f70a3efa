"""Other libraries on the same data in the same run: a virtualenv made for the bench alone, and R where it is installed.

Each question has QMS_BENCH_PEER_SECONDS (40) for all its sizes: ever larger data are asked while they still fit in,
and what does not end by then is stopped and said so; of three runs at a size those count that ended. The
ratio is taken at the largest size it finished, both on one core. QMS_BENCH_PEERS names a virtualenv to use or to make
and keep.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
PEERS = ("mfgqc==0.3.1", "pyspc==0.4", "pyshewhart==1.1.0", "ruptures==1.1.10", "pymannkendall==1.4.3")
LIMIT = float(os.environ.get("QMS_BENCH_PEER_SECONDS", "40"))
INSTALL = 150.0
REPEATS = 3
Data = Callable[[int], Any]
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Duel:
    """One question put to both sides: sizes to try, the data of a size, our work, and how the two answers differ.

    `apart` takes our answer and the other's figures and tells the largest relative difference, or None where there is
    nothing that both define alike; `lacks` says in words what the other side leaves out of the comparison.
    """

    name: str
    question: str
    sizes: Sequence[int]
    data: Data
    ours: Callable[[Any], Any]
    apart: Callable[[Any, Answers], float] | None
    goal: float
    unit: str
    lacks: str = ""


@dataclass(frozen=True)
class Asked:
    """What came back from the other side at one size."""

    seconds: tuple[float, ...]
    figures: Answers


def duel(one: Duel, command: Sequence[str], folder: Path, seconds: Callable[[Callable[[], Any]], float]) -> Answers:
    """A row: how many times longer the other side takes at the largest size it finished, and both times."""
    size, best, stopped, end = 0, None, "", time.monotonic() + LIMIT
    for wanted in one.sizes:
        took = statistics.median(best.seconds) * wanted / size if best else 0.0
        left = end - time.monotonic()
        if took > left:
            stopped = f"{wanted:,} would take about {took:,.0f} s a run"
            break
        found = _asked(one, wanted, command, folder, left=left)
        if isinstance(found, str):
            stopped = f"{wanted:,}: {found}"
            break
        size, best = wanted, found
    if best is None:
        return skipped(one.name, one.goal, stopped)
    data = one.data(size)
    theirs, mine = statistics.median(best.seconds), seconds(lambda: one.ours(data))
    beside: dict[str, Any] = {f"{one.unit}": size, "theirs, s": theirs, "ours, s": mine}
    if one.apart:
        beside["largest difference"] = one.apart(one.ours(data), best.figures)
    beside |= {"stopped": stopped} if stopped else {}
    beside |= {"lacks": one.lacks} if one.lacks else {}
    ratio = theirs / mine
    return {
        "id": one.name,
        "value": ratio,
        "unit": "times",
        "goal": one.goal,
        "beside": beside,
        "met": ratio >= one.goal,
    }


def skipped(name: str, goal: float, why: str) -> Answers:
    """A row that says why there is no figure."""
    return {"id": name, "value": None, "unit": "times", "goal": goal, "beside": {"skipped": why}, "met": None}


def _asked(one: Duel, size: int, command: Sequence[str], folder: Path, *, left: float) -> Asked | str:
    """The times of the runs that end at one size in the seconds that are left, or why there are none."""
    path = folder / "data.npy"
    data = one.data(size)
    np.save(path, data)
    if command[0].endswith("Rscript"):
        path = folder / "data.bin"
        np.ascontiguousarray(data, dtype="<f8").tofile(path)
    asked = [*command, one.question, str(path), str(REPEATS)]
    try:
        done = subprocess.run(asked, capture_output=True, timeout=left, check=False)
    except subprocess.TimeoutExpired as late:
        return _answer(late.stdout) or f"not finished in {left:,.0f} s"
    if done.returncode:
        return (done.stderr.decode(errors="replace").strip().splitlines() or [f"ended with {done.returncode}"])[-1][
            :200
        ]
    return _answer(done.stdout) or "no answer"


def _answer(printed: bytes | None) -> Asked | None:
    """What the last whole line says, if one was written."""
    lines = (printed or b"").decode(errors="replace").split("\n")[:-1]
    told = next((line for line in reversed(lines) if line.startswith("{")), None)
    if told is None:
        return None
    answer = json.loads(told)
    return Asked(tuple(answer["seconds"]), answer["figures"])


@contextmanager
def virtualenv() -> Iterator[str]:
    """The Python that has the other libraries; made with pip, thrown away afterwards. Empty where it cannot be made."""
    kept = os.environ.get("QMS_BENCH_PEERS", "")
    folder = Path(kept) if kept else Path(tempfile.mkdtemp(prefix="qms-peers-"))
    python = folder / "bin" / "python"
    try:
        if not python.exists():
            print("peers: a virtualenv is made and filled, about a minute", file=sys.stderr, flush=True)
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *PEERS]
        subprocess.run(install, check=True, capture_output=True, timeout=INSTALL)
        yield str(python)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as problem:
        print(f"peers: {problem}\n{(problem.stderr or b'')[-500:]!r}", file=sys.stderr, flush=True)
        yield ""
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def worker(python: str) -> list[str]:
    """The command that answers for the Python libraries."""
    return [python, str(HERE / "spc_worker.py")]


def qcc() -> tuple[list[str], str]:
    """The command that answers for R's qcc, and why there is none: a reason that is shown."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return [], "R is not installed (Debian: r-base-core)"
    asked = 'cat(as.character(packageVersion("qcc")))'
    done = subprocess.run([rscript, "-e", asked], capture_output=True, text=True, check=False)
    if done.returncode:
        return [], 'R has no qcc: install.packages("qcc"), Debian has no package of it'
    return [rscript, str(HERE / "spc_worker.R")], ""
