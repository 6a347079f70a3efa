"""Readings from a broker into the database, beside every limit of the same machine and beside other tools, in one run.

The worker is the one that runs in production, on the embedded PostgreSQL as it ships, with eight rules on every
parameter: means of five readings on 500 parameters, one point in a thousand beyond its limits. Rounds go in turn over
our worker, bare COPY into the same table, a bare subscriber on the same broker, the usual Python worker and Node-RED;
every figure is the median of QMS_BENCH_REPEATS (5) rounds. QMS_BENCH_SCALE (1) makes rounds longer. A run in which the
stored readings are not those published fails. QMS_BENCH_STAGES names those to run; a stage that is not done after
QMS_BENCH_LONGEST (300) seconds ends with what it measured, and the run says so. QMS_BENCH_AWAY (30): how many seconds
the database is away; QMS_BENCH_READINGS (50,000,000): over how many readings the charts are drawn.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg2

from bench import ingest_peers
from bench.ingest_floor import ROOT, cpu, floor, until
from bench.ingest_line import Line, pass_through
from bench.ingest_load import Load, rows
from bench.ingest_run import REPEATS, SCALE, SIZES, Run, ours, row, say, skipped, split
from bench.ingest_trials import AWAY, away, two

BARE = 20_000  # readings of one COPY
PEERS = {"python": int(200 * SCALE), "nodered": int(300 * SCALE)}  # messages of 100 readings
PACED = 6.0  # seconds
LONGEST = float(os.environ.get("QMS_BENCH_LONGEST", "300")) * max(1.0, SCALE)  # seconds of one stage
CHARTED = int(os.environ.get("QMS_BENCH_READINGS", "50000000"))
ALL = "mosquitto python nodered two away nats stages upkeep late storage charts"
STAGES = os.environ.get("QMS_BENCH_STAGES", ALL).split()
COLUMNS = "t, value, received, parameter_id, seq, flags, lot, serial"
DELAYS = """
select percentile_cont(array[0.5, 0.99]) within group (order by d), count(*) from (
  select extract(epoch from pg_xact_commit_timestamp(xmin) - {t})::float8 * 1000 d from {table} where {t} >= %s) x
"""


class Late(Exception):
    """A stage took longer than it may; what it measured until then stays."""


def run() -> list[dict[str, Any]]:
    """Rows of ratios, CPU-microseconds and milliseconds against their goals."""
    if unknown := set(STAGES) - set(ALL.split()):
        raise SystemExit(f"There is no stage {', '.join(sorted(unknown))}; there are: {ALL}.")
    told: list[dict[str, Any]] = []
    with floor() as plant:
        one, clock = Run(plant), int((time.time() - 7200) * 1e6)
        load = Load("XB", 5, clock)
        say("servers, stations and charts are there")
        if "mosquitto" in plant.urls:
            one.broker = plant.urls["mosquitto"]
            _beside_the_limits(one, load, Load("IM", 1, clock, stations=5), told)
        else:
            told.append(skipped("ingest.100 a message", "Mosquitto is not installed"))
        _stage(one, "nats", lambda: told.extend(_on_nats(one, load)))
        _hold(one)
        _alone(one, told)
        told += [skipped(f"ingest.{name}", why) for name, why in one.cut.items()]
    return told


def _beside_the_limits(one: Run, load: Load, single: Load, told: list[dict[str, Any]]) -> None:
    """Stages that publish to Mosquitto and count what is stored."""
    _stage(one, "mosquitto", lambda: _on_mosquitto(one, load, single))
    _stage(one, "python", lambda: _peer(one, "python", ingest_peers.python))
    _stage(one, "nodered", lambda: _peer(one, "nodered", ingest_peers.node_red))
    if "mosquitto" in STAGES:
        told += _told(one)
    _stage(one, "two", lambda: told.extend(two(one, load)))
    _stage(one, "away", lambda: told.extend(away(one, load)), longer=AWAY * 4)


def _alone(one: Run, told: list[dict[str, Any]]) -> None:
    """Stages that fill the tables by themselves, after the readings published are counted."""
    _stage(one, "stages", lambda: _show_stages(one, told))
    _stage(one, "upkeep", lambda: told.append(_upkeep(one)))
    _stage(one, "late", lambda: told.append(_late(one)))
    _stage(one, "storage", lambda: told.extend(_storage(one)))
    _stage(one, "charts", lambda: told.extend(_charts(one)), longer=CHARTED / 100_000)


def _stage(one: Run, name: str, do: Callable[[], object], *, longer: float = 0.0) -> None:
    """Do a stage that is asked for; it ends by its deadline or by what goes wrong in it, and the others go on."""
    if name not in STAGES:
        return

    def late(*_: object) -> None:
        raise Late(f"not done after {LONGEST + longer:.0f} s")

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, LONGEST + longer)
    began = time.monotonic()
    try:
        do()
    except (Late, OSError, ValueError, KeyError, SystemExit, subprocess.SubprocessError, psycopg2.Error) as problem:
        one.cut[name] = str(problem)
        say(f"{name}: {problem}")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    say(f"{name} took {time.monotonic() - began:.0f} s")


def _upkeep(one: Run) -> dict[str, Any]:
    """What roll-ups cost of all that a reading costs, the end of an hour and of a day included."""
    found = _program(one, "bench.ingest_upkeep", "UP", "3600")
    return row("ingest.roll-ups kept", found.pop("share"), "of the CPU of a reading", 0.05, found)


def _late(one: Run) -> dict[str, Any]:
    """From sending a reading of hours ago until every width of chart counts it."""
    with one.floor.ingesting(one.broker or one.floor.urls["nats"]):
        found = _program(one, "bench.ingest_late", one.broker or one.floor.urls["nats"])
    return row("ingest.late reading in every chart, longest", found.pop("longest"), "ms", 1000.0, found)


def _charts(one: Run) -> list[dict[str, Any]]:
    """Any span of many readings in 2,000 points, and thirty days of subgroups."""
    found = _program(one, "bench.ingest_charts", str(CHARTED), one.floor.cluster.url("qms_owner"))
    told = []
    for name, words, goal in (
        ("sql", "chart of any span, SQL p95", 20.0),
        ("page", "chart of any span, page data p95", 60.0),
        ("subgroups", "chart of 30 days of subgroups, SQL p95", 30.0),
    ):
        value = found[name].pop("p95")
        told.append(row(f"ingest.{words}", value, "ms", goal, {"readings": found["readings"], **found[name]}))
    return told


def _storage(one: Run) -> list[dict[str, Any]]:
    """Closed days: bytes a reading with index, beside those of rows, and how fast they are packed and read."""
    found, told = _program(one, "bench.ingest_storage", str(max(1, int(2 * SCALE)))), []
    for kind, goal in (("doubles", 13.0), ("sensors", 5.0)):
        size = found[kind].pop("bytes")
        told.append(row(f"ingest.closed days, {kind}", size, "bytes a reading", goal, found[kind]))
    return told


def _program(one: Run, *arguments: str) -> Any:
    """What a program of the bench prints last; it ends with its stage."""
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(
        command, env=one.floor.environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            out, problem = process.communicate()
        finally:
            process.kill()
    if process.returncode:
        raise OSError(f"{arguments[0]} ended: {problem[-600:]}")
    return json.loads(out.splitlines()[-1])


def _show_stages(one: Run, told: Sequence[dict[str, Any]]) -> None:
    """Beside what the worker costs, where it goes: CPU-microseconds a reading of each stage of its own batch."""
    found = _program(one, "bench.ingest_stages", "ST", "3")
    for one_row in told:
        if one_row["id"].startswith("ingest.worker at "):
            one_row["stages"] = found[one_row["id"].split()[2]]


def _on_mosquitto(one: Run, load: Load, single: Load) -> None:
    with one.floor.ingesting(one.broker):
        ours(one, "warm", load.messages(250, 100), 100)
        for number in range(REPEATS):
            _bare(one)
            for each, count in SIZES.items():
                one.floor.profile()
                ours(one, str(each), load.messages(count, each), each)
                one.keep_profile(str(each))
            one.note("ceiling", pass_through(one.broker, _others("raw", SIZES[1], 1), "raw/#"))
            ours(one, "points", single.messages(SIZES[100] // 5, 100), 100)
            say(f"round {number + 1}: {one.found['100 rate'][-1]:,.0f} readings/s, {one.found['bare'][-1]:,.0f} bare")
        _paced(one, load)


def _on_nats(one: Run, load: Load) -> list[dict[str, Any]]:
    """The embedded default: messages of one reading beside what the broker itself passes, and columns of a hundred."""
    one.broker = one.floor.urls["nats"]
    with one.floor.ingesting(one.broker):
        for _ in range(REPEATS):
            ours(one, "nats 1", load.messages(SIZES[1], 1), 1)
            one.note("nats ceiling", pass_through(one.broker, _others("raw", SIZES[1], 1), "raw/#"))
            ours(one, "nats 100", load.messages(SIZES[100] // 2, 100), 100)
    passed, ceiling = one.mid("nats 1 rate"), one.mid("nats ceiling")
    hundred = one.mid("nats 100 rate")
    return [
        row("ingest.embedded, 1 a message", passed / ceiling, "of the broker's own", 0.9,
             {"readings/s": passed, "broker messages/s": ceiling}, most=False),
        row("ingest.embedded, 100 a message", hundred, "readings/s", 100_000, split(one, "nats 100"), most=False),
    ]  # fmt: skip


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
    if stored != one.published and not one.cut.keys() & {"mosquitto", "two", "away", "nats"}:
        raise SystemExit(f"{stored} distinct readings are stored, {one.published} were published: no figure holds.")


def _told(one: Run) -> list[dict[str, Any]]:
    hundred, bare = one.mid("100 rate"), one.mid("bare")
    single, ceiling = one.mid("1 rate"), one.mid("ceiling")
    found = [
        row("ingest.100 a message", hundred / bare, "of bare COPY", 0.6,
             {"readings/s": hundred, "bare COPY": bare, **split(one, "100")}, most=False),
        row("ingest.1 a message", single / ceiling, "of a bare subscriber", 0.9,
             {"readings/s": single, "bare subscriber": ceiling, **split(one, "1")}, most=False),
    ]  # fmt: skip
    for each, goal in ((100, 1.0), (10, 2.0), (1, 6.0)):
        beside = {"readings/s": one.mid(f"{each} rate"), **split(one, str(each))}
        worker = row(f"ingest.worker at {each} a message", one.mid(f"{each} worker"), "CPU µs", goal, beside)
        found.append({**worker, "profile": one.profile(str(each))})
    points = split(one, "points")
    found.append(row("ingest.every reading a point", one.mid("points rate"), "readings/s", None, points))
    for name, words, times in (("nodered", "Node-RED", 10.0), ("python", "paho, json, execute_values", 5.0)):
        found.append(_beside(one, name, words, times))
    paced = {"readings/s": one.mid("paced"), "counted": one.mid("reading count")}
    for name, part, goal in (("reading", "p50", 10.0), ("reading", "p99", 30.0), ("signal", "p99", 50.0)):
        also = {**paced, "counted": one.mid(f"{name} count")}
        found.append(row(f"ingest.{name} committed, {part}", one.mid(f"{name} {part}"), "ms", goal, also))
    return found


def _beside(one: Run, name: str, words: str, goal: float) -> dict[str, Any]:
    title = f"ingest.100 a message, beside {words}"
    if not one.found[f"{name} cost"]:
        return skipped(title, f"{words} could not be run")
    beside = {"its CPU µs": one.mid(f"{name} cost"), "its readings/s": one.mid(f"{name} rate")}
    return row(title, one.mid(f"{name} cost") / one.mid("100 worker"), "x", goal, beside, most=False)
