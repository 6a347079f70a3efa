"""Readings from a broker into the database, beside every limit of the same machine and beside other tools, in one run.

The worker is the one that runs in production, on the embedded PostgreSQL as it ships, with eight rules on every
parameter: means of five readings on 500 parameters, one point in a thousand beyond its limits. Rounds go in turn over
our worker, bare COPY into the same table, a bare subscriber on the same broker, the usual Python worker and Node-RED;
every figure is the median of QMS_BENCH_REPEATS (5) rounds. QMS_BENCH_SCALE (1) makes rounds longer. A run in which the
stored readings are not those published fails. QMS_BENCH_STAGES names those to run; a stage that is not done after
QMS_BENCH_LONGEST (900) seconds ends with what it measured, and the run says so.
"""

from __future__ import annotations

import io
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench import ingest_peers
from bench.ingest_floor import ROOT, Floor, cpu, floor, until
from bench.ingest_line import Line, pass_through
from bench.ingest_load import Load, rows

REPEATS = int(os.environ.get("QMS_BENCH_REPEATS", "5"))
SCALE = float(os.environ.get("QMS_BENCH_SCALE", "1"))
SIZES = {100: int(1500 * SCALE), 10: int(3000 * SCALE), 1: int(6000 * SCALE)}  # readings a message -> messages a round
BARE = 20_000  # readings of one COPY
PEERS = {"python": int(200 * SCALE), "nodered": int(300 * SCALE)}  # messages of 100 readings
PACED = 6.0  # seconds
LONGEST = float(os.environ.get("QMS_BENCH_LONGEST", "900")) * max(1.0, SCALE)  # seconds of one stage
STAGES = os.environ.get("QMS_BENCH_STAGES", "mosquitto python nodered nats stages storage").split()
COLUMNS = "t, value, received, parameter_id, seq, flags, lot, serial"
DELAYS = """
select percentile_cont(array[0.5, 0.99]) within group (order by d), count(*) from (
  select extract(epoch from pg_xact_commit_timestamp(xmin) - {t})::float8 * 1000 d from {table} where {t} >= %s) x
"""


@dataclass
class Run:
    """What was measured so far: name -> a figure for each round."""

    floor: Floor
    broker: str = ""
    found: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    published: int = 0
    cut: dict[str, str] = field(default_factory=dict)  # stages that did not end by themselves, and why

    def note(self, name: str, value: float) -> None:
        self.found[name].append(value)

    def mid(self, name: str) -> float:
        """The median of a figure; NaN when nothing was measured."""
        return statistics.median(self.found[name]) if self.found[name] else float("nan")


class Late(Exception):
    """A stage took longer than it may; what it measured until then stays."""


def run() -> list[dict[str, Any]]:
    """Rows of ratios, CPU-microseconds and milliseconds against their goals."""
    with floor() as plant:
        one, clock = Run(plant), int((time.time() - 7200) * 1e6)
        load, single = Load("XB", 5, clock), Load("IM", 1, clock, stations=5)
        _say("servers, stations and charts are there")
        told: list[dict[str, Any]] = []
        if "mosquitto" in plant.urls:
            one.broker = plant.urls["mosquitto"]
            _stage(one, "mosquitto", lambda: _on_mosquitto(one, load, single))
            _stage(one, "python", lambda: _peer(one, "python", ingest_peers.python))
            _stage(one, "nodered", lambda: _peer(one, "nodered", ingest_peers.node_red))
            told += _told(one)
        else:
            told.append(_skipped("ingest.100 a message", "Mosquitto is not installed"))
        _stage(one, "nats", lambda: told.extend(_on_nats(one, load)))
        _hold(one)
        _stage(one, "stages", lambda: _show_stages(one, told))
        _stage(one, "storage", lambda: told.extend(_storage(one)))
        told += [_skipped(f"ingest.{name}", why) for name, why in one.cut.items()]
    return told


def _stage(one: Run, name: str, do: Callable[[], object]) -> None:
    """Do a stage that is asked for; it ends by its deadline or by what goes wrong in it, and the others go on."""
    if name not in STAGES:
        return

    def late(*_: object) -> None:
        raise Late(f"not done after {LONGEST:.0f} s")

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    began = time.monotonic()
    try:
        do()
    except (Late, OSError, ValueError, SystemExit, subprocess.SubprocessError) as problem:
        one.cut[name] = str(problem)
        _say(f"{name}: {problem}")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    _say(f"{name} took {time.monotonic() - began:.0f} s")


def _storage(one: Run) -> list[dict[str, Any]]:
    """Closed days: bytes a reading with index, beside those of rows, and how fast they are packed and read."""
    found, told = _program(one, "bench.ingest_storage", str(max(1, int(2 * SCALE)))), []
    for kind, goal in (("doubles", 13.0), ("sensors", 5.0)):
        size = found[kind].pop("bytes")
        told.append(_row(f"ingest.closed days, {kind}", size, "bytes a reading", goal, found[kind]))
    return told


def _program(one: Run, *arguments: str) -> Any:
    """What a program of the bench prints last."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, env=one.floor.environ, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{arguments[0]} ended: {done.stderr[-300:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _show_stages(one: Run, told: Sequence[dict[str, Any]]) -> None:
    """Beside what the worker costs, where it goes: CPU-microseconds a reading of each stage of its own batch."""
    found = _program(one, "bench.ingest_stages", "XB", "3")
    for row in told:
        if row["id"].startswith("ingest.worker at "):
            row["stages"] = found[row["id"].split()[2]]


def _on_mosquitto(one: Run, load: Load, single: Load) -> None:
    with one.floor.ingesting(one.broker):
        _ours(one, "warm", load.messages(200, 10), 10)
        for number in range(REPEATS):
            _bare(one)
            for each, count in SIZES.items():
                _ours(one, str(each), load.messages(count, each), each)
            one.note("ceiling", pass_through(one.broker, _others("raw", SIZES[1], 1), "raw/#"))
            _ours(one, "points", single.messages(SIZES[100] // 5, 100), 100)
            _say(f"round {number + 1}: {one.found['100 rate'][-1]:,.0f} readings/s, {one.found['bare'][-1]:,.0f} bare")
        _paced(one, load)


def _on_nats(one: Run, load: Load) -> list[dict[str, Any]]:
    """The embedded default: messages of one reading beside what the broker itself passes, and columns of a hundred."""
    one.broker = one.floor.urls["nats"]
    with one.floor.ingesting(one.broker):
        for _ in range(REPEATS):
            _ours(one, "nats 1", load.messages(SIZES[1], 1), 1)
            one.note("nats ceiling", pass_through(one.broker, _others("raw", SIZES[1], 1), "raw/#"))
            _ours(one, "nats 100", load.messages(SIZES[100] // 2, 100), 100)
    passed, ceiling = one.mid("nats 1 rate"), one.mid("nats ceiling")
    hundred = one.mid("nats 100 rate")
    return [
        _row("ingest.embedded, 1 a message", passed / ceiling, "of the broker's own", 0.9,
             {"readings/s": passed, "broker messages/s": ceiling}, most=False),
        _row("ingest.embedded, 100 a message", hundred, "readings/s", 100_000, _split(one, "nats 100"), most=False),
    ]  # fmt: skip


def _ours(one: Run, name: str, packets: Sequence[bytes], each: int) -> None:
    """A round of our worker: from the first byte out to the last reading committed."""
    readings = len(packets) * each
    before, wanted = one.floor.used(), one.floor.stored() + readings
    one.published += readings
    began = time.monotonic()
    Line(one.broker, "bench-source").publish(packets)
    until(lambda: one.floor.stored() >= wanted, lambda: f"{wanted - one.floor.stored()} readings of {name} are missing")
    took = time.monotonic() - began
    one.note(f"{name} rate", readings / took)
    for part, seconds in one.floor.used().items():
        one.note(f"{name} {part}", (seconds - before[part]) * 1e6 / readings)


def _bare(one: Run) -> None:
    """The limit: buffers built before, sent by COPY into an empty table of the same kind, each committed."""
    one.floor.new_table("bench_bare")
    buffers = rows(SIZES[100] * 100, int(time.time() * 1e6), batch=BARE)
    link = one.floor.link()
    began = time.monotonic()
    with link.cursor() as cursor:
        for buffer in buffers:
            cursor.copy_expert(f"copy bench_bare ({COLUMNS}) from stdin (format binary)", io.BytesIO(buffer))
    one.note("bare", SIZES[100] * 100 / (time.monotonic() - began))
    link.close()


def _others(root: str, count: int, each: int) -> list[bytes]:
    return Load("XB", 5, int((time.time() - 3600) * 1e6), root=root).messages(count, each)


def _paced(one: Run, load: Load) -> None:
    """Half of the highest rate, each message made when it is sent: how long until its readings are committed."""
    pause = 100 / (one.mid("100 rate") / 2)
    began, line = time.time(), Line(one.broker, "bench-paced")
    wanted, number = one.floor.stored(), 0
    while (now := time.time()) < began + PACED:
        line.publish([load.message(number, 100, at=int(now * 1e6))], window=1)
        number += 1
        time.sleep(max(0.0, began + number * pause - time.time()))
    wanted += number * 100
    one.published += number * 100
    until(lambda: one.floor.stored() >= wanted, lambda: "paced readings are missing")
    one.note("paced", number * 100 / PACED)
    for name, t, table in (("reading", "t", "iot_reading"), ("signal", "first_at", "iot_signal")):
        link = one.floor.link()
        with link.cursor() as cursor:
            cursor.execute(DELAYS.format(t=t, table=table), [_moment(began + 1.0)])
            middles, count = cursor.fetchone()
        link.close()
        for part, value in zip(("p50", "p99"), middles or (float("nan"),) * 2, strict=True):
            one.note(f"{name} {part}", value)
        one.note(f"{name} count", count)


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S+00", time.gmtime(seconds))


def _peer(one: Run, name: str, peer: Callable[..., Any]) -> None:
    """Rounds of another tool at the same broker with messages of 100; what it stored must be what was sent."""
    table = f"bench_{name}"
    one.floor.new_table(table)
    load, wanted = Load("XB", 5, int((time.time() - 3600) * 1e6), root=name), 0
    with peer(one.floor, one.broker, table) as pid:
        for _ in range(REPEATS):
            packets = load.messages(PEERS[name], 100)
            wanted += len(packets) * 100
            used, began = cpu(pid), time.monotonic()
            Line(one.broker, "bench-source").publish(packets)
            missing = lambda: f"{name} stored {one.floor.ask(f'select count(*) from {table}')} of {wanted}"  # noqa: E731, B023
            until(lambda: one.floor.ask(f"select count(*) from {table}") >= wanted, missing)  # noqa: B023
            one.note(f"{name} rate", len(packets) * 100 / (time.monotonic() - began))
            one.note(f"{name} cost", (cpu(pid) - used) * 1e6 / (len(packets) * 100))


def _hold(one: Run) -> None:
    """Whatever was published is stored, once."""
    stored = one.floor.ask("select count(*) from (select distinct parameter_id, t, seq from iot_reading) x")
    if stored != one.published and not one.cut.keys() & {"mosquitto", "nats"}:
        raise SystemExit(f"{stored} distinct readings are stored, {one.published} were published: no figure holds.")


def _told(one: Run) -> list[dict[str, Any]]:
    hundred, bare = one.mid("100 rate"), one.mid("bare")
    single, ceiling = one.mid("1 rate"), one.mid("ceiling")
    found = [
        _row("ingest.100 a message", hundred / bare, "of bare COPY", 0.6,
             {"readings/s": hundred, "bare COPY": bare, **_split(one, "100")}, most=False),
        _row("ingest.1 a message", single / ceiling, "of a bare subscriber", 0.9,
             {"readings/s": single, "bare subscriber": ceiling, **_split(one, "1")}, most=False),
    ]  # fmt: skip
    for each, goal in ((100, 1.0), (10, 2.0), (1, 6.0)):
        beside = {"readings/s": one.mid(f"{each} rate"), **_split(one, str(each))}
        found.append(_row(f"ingest.worker at {each} a message", one.mid(f"{each} worker"), "CPU µs", goal, beside))
    points = _split(one, "points")
    found.append(_row("ingest.every reading a point", one.mid("points rate"), "readings/s", None, points))
    for name, words, times in (("nodered", "Node-RED", 10.0), ("python", "paho, json, execute_values", 5.0)):
        found.append(_beside(one, name, words, times))
    paced = {"readings/s": one.mid("paced"), "counted": one.mid("reading count")}
    for name, part, goal in (("reading", "p50", 10.0), ("reading", "p99", 30.0), ("signal", "p99", 50.0)):
        also = {**paced, "counted": one.mid(f"{name} count")}
        found.append(_row(f"ingest.{name} committed, {part}", one.mid(f"{name} {part}"), "ms", goal, also))
    return found


def _split(one: Run, name: str) -> dict[str, float]:
    """CPU-microseconds a reading of each process."""
    return {f"{part} µs": one.mid(f"{name} {part}") for part in ("worker", "postgres", "mosquitto", "nats")
            if one.found[f"{name} {part}"] and one.mid(f"{name} {part}") > 0.005}  # fmt: skip


def _beside(one: Run, name: str, words: str, goal: float) -> dict[str, Any]:
    title = f"ingest.100 a message, beside {words}"
    if not one.found[f"{name} cost"]:
        return _skipped(title, f"{words} could not be run")
    beside = {"its CPU µs": one.mid(f"{name} cost"), "its readings/s": one.mid(f"{name} rate")}
    return _row(title, one.mid(f"{name} cost") / one.mid("100 worker"), "x", goal, beside, most=False)


def _row(
    name: str, value: float, unit: str, goal: float | None, beside: Mapping[str, float], *, most: bool = True
) -> dict[str, Any]:
    """One figure; `most`: the goal is an upper bound. A NaN meets none."""
    parts = {part: float(f"{figure:.3g}") if figure < 1000 else round(figure) for part, figure in beside.items()}
    met = None if goal is None else (value <= goal if most else value >= goal)
    row = {"id": name, "value": float(f"{value:.4g}"), "unit": unit, "goal": goal, "met": met}
    return {**row, "beside": {**parts, "load": round(os.getloadavg()[0], 1)}}


def _skipped(name: str, why: str) -> dict[str, Any]:
    return {"id": name, "value": None, "unit": "", "goal": None, "met": None, "beside": {"skipped": why}}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
