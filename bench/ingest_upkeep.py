"""What roll-ups cost of all that a reading costs; a program with DJANGO_SETTINGS_MODULE set.

Its arguments: the code of a new area and how many seconds of a plant of one reading a second and parameter. It takes
them through the worker's own batch on a clock of its own, the hour's end, its writing and the merging of the day
included, and prints the share of the processor time, that of the database's process with it.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 - models need the settings

from bench.ingest_load import EACH, Load  # noqa: E402
from bench.ingest_plant import make  # noqa: E402
from bench.ingest_stages import payload_of  # noqa: E402
from iot.ingest import flush as whole  # noqa: E402
from iot.ingest.catalogue import load  # noqa: E402
from iot.ingest.intake import Message  # noqa: E402
from iot.rollups import batch, folding  # noqa: E402
from qms.core.trail import reading  # noqa: E402

EVERY = 5  # seconds: as many readings of each of twenty parameters make a message of a hundred
TOGETHER = 4  # rounds of the stations that make a batch
AFTER = 40  # empty-handed batches after the hour, each of which writes a piece of it
HOURS_AGO = 20
STATIONS = 10


class Clock:
    """The time that the batch and the folding see."""

    def __init__(self, start: datetime) -> None:
        self.time = start

    def now(self) -> datetime:
        """In place of django.utils.timezone.now."""
        return self.time


class Meter:
    """Processor seconds of this process and of its connection's process in the database."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            self.file = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
        self.spent = 0.0

    def read(self) -> float:
        """Seconds until now."""
        return time.process_time() + int(self.file.read_text().split()[0]) / 1e9

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function with what it uses added up."""

        def run(*args: Any, **options: Any) -> Any:
            began = self.read()
            try:
                return function(*args, **options)
            finally:
                self.spent += self.read() - began

        return run


class Plant:
    """Stations of which every parameter speaks once a second, by the clock."""

    def __init__(self, area: str, start: datetime) -> None:
        self.work = Load(area, 5, int(start.timestamp() * 1e6), stations=STATIONS)
        self.start, self.sent = start, 0

    def messages(self, at: int, count: int, heard: datetime) -> list[Message]:
        """So many messages from second `at` on, station by station."""
        found = []
        for turn in range(count):
            t = int((self.start.timestamp() + at + turn // STATIONS * EVERY + 1) * 1e6)
            found.append(Message(*payload_of(self.work.message(self.sent, 100, at=t)), heard))
            self.sent += 1
        return found


def measure(area: str, seconds: int, start: datetime, clock: Clock, meter: Meter) -> dict[str, float]:
    """Processor seconds of a stretch and of writing what it came to."""
    with reading(whole.INGEST):
        catalogue = load()
    plant, used, count = Plant(area, start), 0.0, 0
    while folding.fold(seconds=600.0):  # whatever else waits is not of this plant
        pass
    gc.freeze()
    for at in range(0, seconds, EVERY * TOGETHER):
        clock.time = start + timedelta(seconds=at + EVERY * TOGETHER)
        some, began = plant.messages(at, TOGETHER * STATIONS, clock.time), meter.read()
        whole.flush(some, catalogue)
        used, count = used + meter.read() - began, count + len(some) * 100
    for number in range(AFTER):  # batches of one message, there for the sake of what they write
        clock.time = start + timedelta(minutes=65, seconds=number * 6)
        inside = meter.spent
        whole.flush(plant.messages(3900 + number * 6, 1, clock.time), catalogue)
        used += meter.spent - inside
    clock.time = start + timedelta(days=2)
    folded = meter.around(folding.fold)()
    return {"used": used, "readings": count, "hours and days folded": folded}


def main(area: str, seconds: int) -> None:
    """Measure and print."""
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS_AGO)
    make(area, "xbar-r", 5, STATIONS, EACH)
    clock, meter = Clock(start + timedelta(days=2)), Meter()
    for module in (whole, folding):
        module.timezone = SimpleNamespace(now=clock.now)  # type: ignore[assignment]
    batch.hold()
    whole.roll_up = meter.around(whole.roll_up)
    confirm = "_confirm"  # what is done once a batch is committed
    setattr(batch.Held, confirm, meter.around(getattr(batch.Held, confirm)))
    found = measure(area, seconds, start, clock, meter)
    used, count = found.pop("used"), found["readings"]
    told = {"share": meter.spent / used, "µs a reading": meter.spent * 1e6 / count, "µs of all": used * 1e6 / count}
    print(json.dumps(told | found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
