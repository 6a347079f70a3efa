"""Trials of the ingest bench beside its rounds: a database that is away, two workers, a reading that comes late."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

from bench.ingest_floor import EVERYTHING, until
from bench.ingest_line import Line
from bench.ingest_load import Load
from bench.ingest_run import REPEATS, SIZES, Run, ours, row

AWAY = float(os.environ.get("QMS_BENCH_AWAY", "30"))  # seconds the database is away
TEN_MINUTES = 600.0
LEAD = 3.0  # seconds at half the rate before it goes
ENOUGH = 0.2  # seconds of what is sent: a backlog of no more is none
FULL = 0.85  # of the processors: from here on they are the limit
DRAINED = 0.8  # of the highest rate
MORE = 1.5  # times what one worker reaches


class Source(threading.Thread):
    """Sends messages of a hundred readings evenly until told to stop; the broker acknowledges each."""

    def __init__(self, url: str, load: Load, rate: float) -> None:
        """`rate`: readings a second."""
        super().__init__(daemon=True)
        self.line, self.load, self.pause = Line(url, "bench-even"), load, 100 / rate
        self.sent, self.stopping = 0, threading.Event()

    def run(self) -> None:
        """Send."""
        due = time.time()
        while not self.stopping.is_set():
            self.line.publish([self.load.message(self.sent, 100, at=int(time.time() * 1e6))], window=1)
            self.sent += 1
            due = max(due + self.pause, time.time() - 1.0)  # what a broker held up is made up for by a second at most
            time.sleep(max(0.0, due - time.time()))

    def end(self) -> int:
        """Stop; how many readings were sent."""
        self.stopping.set()
        self.join()
        self.line.close()
        return self.sent * 100


def memory(pid: int) -> int:
    """Bytes a process holds in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def away(one: Run, load: Load) -> list[dict[str, Any]]:
    """The database is stopped at half load and comes back; everything sent is stored, or the run fails."""
    floor = one.floor
    with floor.ingesting(one.broker):
        for _ in range(3):
            ours(one, "before away", load.messages(max(SIZES[100], 200), 100), 100)
        most = max(one.found["before away rate"])
        before, source = floor.stored(), Source(one.broker, load, most / 2)
        source.start()
        time.sleep(LEAD)
        held = memory(floor.workers[0].pid)
        floor.supervisor.stop(["postgres"])
        try:
            grown = _grown(floor.workers[0].pid, held)
        finally:
            floor.supervisor.start([floor.database], seconds=60)
        done, drained = _drain(one, source, before, most)
        sent = source.end()
        one.published += sent
        until(lambda: floor.stored() >= before + sent, lambda: f"{before + sent - floor.stored()} readings are lost")
    beside = {"seconds away": AWAY, "readings sent": sent, "lost": before + sent - floor.stored()}
    if AWAY < TEN_MINUTES:
        beside["note"] = "the goal is for ten minutes: QMS_BENCH_AWAY=600"
    rates = {"readings/s": drained, "highest": most, "backlog": done}
    return [
        row("ingest.database away, memory of the worker", grown / 1e6, "MB more", 64.0, beside),
        row("ingest.database back, backlog drained", drained / most, "of the highest", DRAINED, rates, most=False),
    ]


def _grown(pid: int, held: int) -> int:
    """The most memory that a process gained while the database is away."""
    until_when, most = time.monotonic() + AWAY, 0
    while time.monotonic() < until_when:
        time.sleep(0.25)
        most = max(most, memory(pid) - held)
    return most


def _drain(one: Run, source: Source, before: int, most: float) -> tuple[int, float]:
    """Readings behind when the database answers again, and readings a second until nothing is; more come meanwhile."""
    near = int(most / 2 * ENOUGH)
    began, first = time.monotonic(), one.floor.stored()
    behind = before + source.sent * 100 - first
    left = lambda: before + source.sent * 100 - one.floor.stored()  # noqa: E731
    until(lambda: left() <= near, lambda: f"{left()} readings still wait", max(120.0, AWAY * 3))
    return behind, (one.floor.stored() - first) / (time.monotonic() - began)


def two(one: Run, load: Load) -> list[dict[str, Any]]:
    """One worker and two that share a subscription, on the same load.

    Dealt out: each worker names the stations it hears, so that what belongs to one chart stays in its order. Mixed: any
    message may go to either, so readings of a chart cross each other, and its newest points are judged again.
    """
    stations = [f"acme/NV1/{load.area}/L1/S{number:02}/#" for number in range(load.stations)]
    kinds = {"one": [EVERYTHING], "two": [stations[::2], stations[1::2]], "mixed": [EVERYTHING, EVERYTHING]}
    for name, topics in kinds.items():
        with one.floor.ingesting(one.broker, topics=topics, group=f"bench{time.time_ns()}"):
            ours(one, "warm", load.messages(250, 100), 100)
            for _ in range(min(REPEATS, 3) if name != "mixed" else 1):
                for each in (1, 100) if name != "mixed" else (1,):
                    count = SIZES[each] // (1 if name != "mixed" else 6)
                    ours(one, f"{name} of {each}", load.messages(count, each), each)
    mixed = {"one": one.mid("one of 1 rate"), "two": one.mid("mixed of 1 rate"),
             "limit": "readings of a chart cross each other and are judged again: deal the topics out"}  # fmt: skip
    found = [_compared(one, each) for each in (1, 100)]
    name = "ingest.two workers, any message to either"
    return [*found, row(name, mixed["two"] / mixed["one"], "of one", None, mixed)]


def _compared(one: Run, each: int) -> dict[str, Any]:
    alone, both, busy = one.mid(f"one of {each} rate"), one.mid(f"two of {each} rate"), one.mid(f"two of {each} busy")
    told = {"one": alone, "two": both, "processors busy with one": one.mid(f"one of {each} busy"), "with two": busy}
    limited = both / alone < MORE and busy >= FULL
    if limited:
        told["limit"] = f"the {os.cpu_count()} processors, not the broker"
    name = f"ingest.two workers by shared subscriptions, {each} a message"
    return row(name, both / alone, "of one", None if limited else MORE, told, most=False)
