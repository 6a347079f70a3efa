"""How much room closed days take, and how fast they are packed and read; a program with DJANGO_SETTINGS_MODULE set.

Its argument: how many parameters of a reading a second have a day of each kind. It stores the days as a worker would,
has them packed by the chore of the night, and prints bytes a reading with index before and after, and times.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import django

django.setup()

import numpy as np  # noqa: E402 - models need the settings
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from iot.copying import micros, moment  # noqa: E402
from iot.ingest.store import store  # noqa: E402
from iot.readings import Readings  # noqa: E402
from iot.services import make_partitions  # noqa: E402
from iot.storage.closing import close_days  # noqa: E402
from spc.values import Floats  # noqa: E402

PER_DAY = 86_400
FIRST = 2_000_000_000  # numbers of parameters that nobody else has
HOURS = 12  # looked into, for the time of one
_DAY = 86_400_000_000
_SIZES = """
select (select sum(pg_total_relation_size(inhrelid)) from pg_inherits
    where inhparent = 'iot_reading'::regclass)::bigint,
  pg_total_relation_size('iot_piece')
"""
_READ = "select count(*), sum(value) from iot_stored(%s, %s, %s)"


def doubles(random: np.random.Generator) -> tuple[Floats, int]:
    """Values of which every bit is noise, on a clock of microseconds that is some off."""
    return random.normal(8.6, 0.1, PER_DAY), 1


def sensors(random: np.random.Generator) -> tuple[Floats, int]:
    """A drifting quantity read in steps of a thousandth, on a clock of milliseconds that is some off."""
    noise = random.normal(0, 0.05, PER_DAY)
    drift = np.cumsum(random.normal(0, 0.002, PER_DAY))
    return np.round(60 + drift + noise, 3), 1_000


KINDS: dict[str, Callable[[np.random.Generator], tuple[Floats, int]]] = {"doubles": doubles, "sensors": sensors}


def day_of(parameter: int, start: int, made: tuple[Floats, int], random: np.random.Generator) -> Readings:
    """A day of one reading a second; each is some milliseconds early or late, and heard a fifth of a second later."""
    value, tick = made
    off = random.integers(-4_000, 4_000, PER_DAY) // tick * tick
    t = start + np.arange(PER_DAY, dtype=np.int64) * 1_000_000 + 5_000 + off
    heard = t + 200_000 + random.integers(0, 50_000, PER_DAY)
    same = np.full(PER_DAY, parameter, np.int32)
    none = np.zeros(PER_DAY, np.int32)
    return Readings(same, t, none, value, heard, none.astype(np.int16), none, none - 1)


def measure(kind: str, first: int, count: int) -> dict[str, float]:
    """Bytes a reading, readings a second, milliseconds."""
    now, random = timezone.now(), np.random.default_rng(first)
    start = micros(now) // _DAY * _DAY - 12 * _DAY
    rows_before, pieces_before = _sizes()
    for number in range(count):
        with transaction.atomic():
            store(day_of(first + number, start, KINDS[kind](random), random), now=now)
    rows, _ = _sizes()
    hot, slow = (rows - rows_before) / (count * PER_DAY), _read(first, start)
    began = time.monotonic()
    packed = close_days(now)
    took = time.monotonic() - began
    if packed.readings != count * PER_DAY:
        raise SystemExit(f"{packed.readings} readings were packed, {count * PER_DAY} are there: no figure holds.")
    _, pieces = _sizes()
    hour, day = _read(first, start), _read(first, start, 86_400)
    return {
        "bytes": (pieces - pieces_before) / packed.readings, "bytes of a row": hot, "packed/s": packed.readings / took,
        "hour ms": hour, "hour of rows ms": slow, "day ms": day,
    }  # fmt: skip


def _sizes() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_SIZES)
        rows, pieces = cursor.fetchone()
    return int(rows), int(pieces)


def _read(parameter: int, start: int, seconds: int = 3_600) -> float:
    """Milliseconds to read a span of a parameter, the median of some."""
    took = []
    with connection.cursor() as cursor:
        for number in range(HOURS if seconds < PER_DAY else 3):
            since = moment(start) + timedelta(seconds=number * seconds if seconds < PER_DAY else 0)
            began = time.perf_counter()
            cursor.execute(_READ, [parameter, since, since + timedelta(seconds=seconds)])
            took.append((time.perf_counter() - began) * 1e3)
    return statistics.median(took)


def main(count: int) -> None:
    """Measure and print."""
    day = (timezone.now() - timedelta(days=12)).date()
    make_partitions(since=day, until=day)
    print(json.dumps({kind: measure(kind, FIRST + at * 1_000, count) for at, kind in enumerate(KINDS)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
