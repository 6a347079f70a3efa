"""What the stages of the ingest bench share: settings, what was measured so far, and a round of our worker."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.ingest_floor import Floor, until
from bench.ingest_line import Line

REPEATS = int(os.environ.get("QMS_BENCH_REPEATS", "5"))
SCALE = float(os.environ.get("QMS_BENCH_SCALE", "1"))
SIZES = {100: int(1500 * SCALE), 10: int(3000 * SCALE), 1: int(6000 * SCALE)}  # readings a message -> messages a round
_MOST_FUNCTIONS = 8


@dataclass
class Run:
    """What was measured so far: name -> a figure for each round."""

    floor: Floor
    broker: str = ""
    found: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    profiles: dict[str, dict[str, float]] = field(default_factory=dict)  # readings a message -> function -> share
    published: int = 0
    cut: dict[str, str] = field(default_factory=dict)  # stages that did not end by themselves, and why

    def note(self, name: str, value: float) -> None:
        self.found[name].append(value)

    def mid(self, name: str) -> float:
        """The median of a figure; NaN when nothing was measured."""
        return statistics.median(self.found[name]) if self.found[name] else float("nan")

    def keep_profile(self, name: str) -> None:
        """Add where the worker spent its time since it was asked last to what is known of such rounds."""
        known = self.profiles.setdefault(name, {})
        for function, share in self.floor.profile().items():
            known[function] = known.get(function, 0.0) + share

    def profile(self, name: str) -> dict[str, float]:
        """Parts in a hundred of the worker's processor time, the most expensive functions first."""
        found = sorted(self.profiles.get(name, {}).items(), key=lambda one: -one[1])[:_MOST_FUNCTIONS]
        whole = len(self.found[f"{name} rate"]) or 1
        return {function: round(share / whole * 100, 1) for function, share in found}


def ours(one: Run, name: str, packets: Sequence[bytes], each: int) -> None:
    """A round of our worker: from the first byte out to the last reading committed."""
    readings = len(packets) * each
    before, wanted, busy = one.floor.used(), one.floor.stored() + readings, _busy()
    one.published += readings
    began = time.monotonic()
    line = Line(one.broker, "bench-source")
    line.publish(packets)
    until(lambda: one.floor.stored() >= wanted, lambda: f"{wanted - one.floor.stored()} readings of {name} are missing")
    took = time.monotonic() - began
    line.close()
    one.note(f"{name} rate", readings / took)
    one.note(f"{name} busy", (_busy() - busy) / took / (os.cpu_count() or 1))
    for part, seconds in one.floor.used().items():
        one.note(f"{name} {part}", (seconds - before[part]) * 1e6 / readings)


def _busy() -> float:
    """Seconds that the processors of this machine have worked, whoever for."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split(maxsplit=9)[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def split(one: Run, name: str) -> dict[str, float]:
    """CPU-microseconds a reading of each process."""
    return {f"{part} µs": one.mid(f"{name} {part}") for part in ("worker", "postgres", "mosquitto", "nats")
            if one.found[f"{name} {part}"] and one.mid(f"{name} {part}") > 0.005}  # fmt: skip


def row(
    name: str, value: float, unit: str, goal: float | None, beside: Mapping[str, Any], *, most: bool = True
) -> dict[str, Any]:
    """One figure; `most`: the goal is an upper bound. A NaN meets none."""
    parts = {part: _short(figure) if isinstance(figure, float) else figure for part, figure in beside.items()}
    met = None if goal is None else (value <= goal if most else value >= goal)
    found = {"id": name, "value": float(f"{value:.4g}"), "unit": unit, "goal": goal, "met": met}
    return {**found, "beside": {**parts, "load": round(os.getloadavg()[0], 1)}}


def _short(figure: float) -> float:
    return round(figure) if abs(figure) >= 1000 else float(f"{figure:.3g}")


def skipped(name: str, why: str) -> dict[str, Any]:
    """A figure that could not be had."""
    return {"id": name, "value": None, "unit": "", "goal": None, "met": None, "beside": {"skipped": why}}


def say(text: str) -> None:
    """Tell the person at the terminal how far it is."""
    print(text, file=sys.stderr, flush=True)
