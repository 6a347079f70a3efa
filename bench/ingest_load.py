"""What the plant of the ingest bench sends: one point in a thousand beyond its limits, as messages and as rows."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

import numpy as np

from bench.ingest_line import packet
from spc.streaming import START, stepper

STATIONS, EACH = 25, 20
CENTER, SIGMA = 100.0, 1.0
POINTS = 1000  # of a stretch that repeats itself; its last point lies beyond its limits
WITHIN = (-1.0, -0.5, 0.0, 0.5, 1.0)  # the readings of a subgroup about their mean
_EPOCH = 946_684_800_000_000  # microseconds from 1970 to the epoch of PostgreSQL
_HEAD = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_ROW = np.dtype(
    [("fields", ">i2"), ("t_", ">i4"), ("t", ">i8"), ("value_", ">i4"), ("value", ">f8"), ("received_", ">i4"),
     ("received", ">i8"), ("parameter_", ">i4"), ("parameter", ">i4"), ("seq_", ">i4"), ("seq", ">i4"),
     ("flags_", ">i4"), ("flags", ">i2"), ("lot_", ">i4"), ("serial_", ">i4")]
)  # fmt: skip


@cache
def calm() -> tuple[float, ...]:
    """Points in sigmas that break none of the eight rules, then one that does; the same at every run."""
    chance, step = random.Random(2026), stepper()
    state, found = START, list[float]()
    while len(found) < POINTS - 1:
        x = chance.gauss(0, 1)
        after, mask = step(state, x, 0.0, 1.0)
        if mask or (found and abs(x - found[-1]) > 3.6):
            x = -found[-1] * 0.4 if found else 0.3  # to the other side and inside, so that no pattern grows on
            after, mask = step(state, x, 0.0, 1.0)
        if not mask:
            state = after
            found.append(x)
        elif len(found) > 20:
            del found[-10:]
            state = START
            for value in found:
                state, _ = step(state, value, 0.0, 1.0)
    return (*found, 4.0)


@dataclass
class Load:
    """The parameters of one area; every message goes on where the last one ended."""

    area: str
    size: int  # readings of one point
    clock: int  # microseconds of epoch of the next reading
    root: str = "acme"
    stations: int = STATIONS
    sent: dict[int, int] = field(default_factory=dict)  # parameter -> readings

    def messages(self, count: int, each: int) -> list[bytes]:
        """So many packets of `each` readings: 1 on a parameter's own topic, more as columns of a station."""
        return [self.message(number, each) for number in range(count)]

    def message(self, number: int, each: int, *, at: int | None = None) -> bytes:
        """One packet; `at`: microseconds of its newest reading, else the load's own clock."""
        station, turn = number % self.stations, number // self.stations
        topic = f"{self.root}/NV1/{self.area}/L1/S{station:02}"
        if each == 1:
            name = turn % EACH
            t = datetime.fromtimestamp(self._tick(at) / 1e6, UTC).isoformat().replace("+00:00", "Z")
            body = {"v": self._value(station, name), "t": t, "u": "kN"}
            return packet(f"{topic}/p{name:02}", json.dumps(body, separators=(",", ":")).encode(), number)
        places = list(self._places(each, turn))
        first = self._tick(at, len(places))
        body = {
            "ts": [first + i for i in range(len(places))],
            "p": [f"p{name:02}" for name in places],
            "v": [self._value(station, name) for name in places],
            "u": "kN",
        }
        return packet(topic, json.dumps(body, separators=(",", ":")).encode(), number)

    def _places(self, each: int, turn: int) -> Iterator[int]:
        """Which parameters of a station speak: all in turn, several times over, or one half and then the other."""
        wide = min(each, EACH)
        start = turn * wide % EACH
        yield from ((start + i % wide) % EACH for i in range(each))

    def _tick(self, at: int | None, count: int = 1) -> int:
        first = max(self.clock, (at or 0) - count)
        self.clock = first + count
        return first

    def _value(self, station: int, name: int) -> float:
        parameter = station * EACH + name
        number = self.sent.get(parameter, 0)
        self.sent[parameter] = number + 1
        point, inside = divmod(number, self.size)
        x = calm()[(point + 37 * parameter) % POINTS]
        return round(CENTER + SIGMA * (x + (WITHIN[inside] if self.size > 1 else 0.0)), 3)


def rows(count: int, clock: int, *, batch: int) -> list[bytes]:
    """The same kind of readings in PostgreSQL's binary format, one buffer a batch."""
    return [_buffer(start, min(batch, count - start), clock) for start in range(0, count, batch)]


def _buffer(start: int, count: int, clock: int) -> bytes:
    table, at = np.zeros(count, _ROW), start + np.arange(count)
    table["fields"], table["t_"], table["value_"], table["received_"] = 8, 8, 8, 8
    table["parameter_"], table["seq_"], table["flags_"], table["lot_"], table["serial_"] = 4, 4, 2, -1, -1
    table["t"] = table["received"] = clock - _EPOCH + at
    parameters = STATIONS * EACH
    table["parameter"] = at // 100 % STATIONS * EACH + at % EACH
    points: Sequence[float] = calm()
    table["value"] = np.round(CENTER + SIGMA * np.array(points)[(at // parameters) % POINTS], 3)
    return _HEAD + table.tobytes() + struct.pack(">h", -1)
