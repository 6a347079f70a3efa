"""The plant in motion: gauges that take piece after piece and the messages their stations send."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from iot.plant.incidents import Incident
from iot.plant.plant import Plant, Spec
from iot.plant.process import LOT_SECONDS, Floats, Points, Process
from iot.plant.wire import Message, Value, batch, single

DIGITS = 3  # a gauge resolves this many digits more than the drawing asks for
TO_WIRE: dict[tuple[str, str], Callable[[float], float]] = {
    ("mm", "in"): lambda v: v / 25.4,
    ("°C", "degF"): lambda v: v * 9 / 5 + 32,
}


@dataclass
class Gauge:
    """Measures one characteristic piece by piece; a point of its chart is drawn when its first piece comes."""

    spec: Spec
    process: Process
    boot: int
    seq: int = 0
    _index: int = 0
    _pieces: list[float] = field(default_factory=list)

    def measure(self, t: float, incidents: Sequence[Incident]) -> float | None:
        """The next piece at epoch second `t`, in the unit of the wire; None when the sensor is silent."""
        if not self._pieces:
            self._pieces = self._point(t, incidents)
        self.seq += 1
        value = self._pieces.pop(0)
        return None if np.isnan(value) else self._wire(value)

    def _point(self, t: float, incidents: Sequence[Incident]) -> list[float]:
        mine = [incident for incident in incidents if incident.fault.code == self.spec.code]
        points = Points(np.array([self._index], dtype=np.int64), np.array([t], dtype=np.float64))
        values, sent = self.process.sample(points, mine)
        self._index += 1
        row: Floats = np.where(sent[:, None], values, np.nan)[0]
        return [float(value) for value in row]

    def _wire(self, value: float) -> float:
        unit = self.spec.wire_unit
        if unit:
            value = TO_WIRE[self.spec.unit, unit](value)
        return round(value, 0 if self.spec.behaviour.counts else self.spec.decimals + DIGITS - (self.spec.decimals > 3))


@dataclass(frozen=True)
class Unknown:
    """A value a station sends that nobody has described in the master data."""

    line: str
    station: str
    parameter: str
    unit: str
    mean: float
    sigma: float
    every: float


UNKNOWN = (
    Unknown("L2", "S30", "press_speed", "mm/s", 42.0, 0.6, 9.0),
    Unknown("L3", "S30", "oven_oxygen", "ppm", 480.0, 22.0, 20.0),
)


@dataclass
class Floor:
    """All gauges with the time of their next piece; `messages` gives what the stations send, in order of time."""

    plant: Plant
    specs: Sequence[Spec]
    seed: int
    boot: int
    start: float
    speed: float = 1.0
    incidents: list[Incident] = field(default_factory=list)
    _gauges: dict[str, Gauge] = field(init=False)
    _unknown: np.random.Generator = field(init=False)
    _unknown_seq: int = 0

    def __post_init__(self) -> None:
        self._gauges = {
            spec.code: Gauge(spec, Process(spec.behaviour, spec.code, self.seed, self.boot), self.boot)
            for spec in self.specs
        }
        self._unknown = np.random.default_rng([self.seed, self.boot, 3])

    def messages(self) -> Iterator[tuple[float, list[Message]]]:
        """Moments (epoch seconds, rising) with the messages that fall due then, without end."""
        due: list[tuple[float, int, tuple[Spec, ...] | Unknown, float]] = []
        for number, (what, every) in enumerate(self._feeds()):
            heapq.heappush(due, (self.start + every * (number % 7 + 1) / 7, number, what, every))
        while due:
            t, number, what, every = heapq.heappop(due)
            yield t, self._unmapped(what, t) if isinstance(what, Unknown) else self._piece(what, t)
            heapq.heappush(due, (t + every, number, what, every))

    def _feeds(self) -> Iterator[tuple[tuple[Spec, ...] | Unknown, float]]:
        """Characteristics measured on the same piece together, each with the seconds from piece to piece."""
        together: dict[tuple[str, str, float], list[Spec]] = {}
        for spec in self.specs:
            together.setdefault((spec.line, spec.station, spec.pace / spec.pieces), []).append(spec)
        for (_, _, every), specs in together.items():
            yield tuple(specs), every / self.speed
        running = {spec.line for spec in self.specs}
        for unknown in UNKNOWN:
            if unknown.line in running:
                yield unknown, unknown.every / self.speed

    def _piece(self, specs: tuple[Spec, ...], t: float) -> list[Message]:
        values = [value for spec in specs if (value := self._value(spec, t)) is not None]
        topic = self.plant.station_topic(specs[0].line, specs[0].station)
        if not values:
            return []
        if self.plant.station(specs[0]).batches:
            return [batch(topic, values)]
        return [single(topic, value) for value in values]

    def _value(self, spec: Spec, t: float) -> Value | None:
        gauge = self._gauges[spec.code]
        measured = gauge.measure(t, self.incidents)
        if measured is None:
            return None
        lot = self._lot(spec, t)
        serial = "" if spec.behaviour.counts else f"{lot}-{int(t % LOT_SECONDS * 10):06d}"
        return Value(spec.parameter, measured, t, spec.wire_unit or spec.unit, gauge.seq, self.boot, lot, serial)

    def _lot(self, spec: Spec, t: float) -> str:
        for incident in self.incidents:
            if incident.fault.code == spec.code and incident.fault.lot and incident.start <= t < incident.end:
                return incident.fault.lot
        return self.plant.line[spec.line].lot(t)

    def _unmapped(self, what: Unknown, t: float) -> list[Message]:
        self._unknown_seq += 1
        value = round(float(self._unknown.normal(what.mean, what.sigma)), 2)
        lot = self.plant.line[what.line].lot(t)
        heard = Value(what.parameter, value, t, what.unit, self._unknown_seq, self.boot, lot, "")
        return [single(self.plant.station_topic(what.line, what.station), heard)]
