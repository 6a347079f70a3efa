"""Eighteen months of values: points in time, eras, troubles, and the pieces of every point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from capa.demo.eras import ERAS, Era
from capa.demo.findings import findings
from capa.demo.troubles import BY_CODE
from iot.plant.incidents import Fault, Incident, Kind
from iot.plant.norrvik import PLANT
from iot.plant.plant import Line, Spec
from iot.plant.process import Floats, Points, Process

DAY = 86_400.0
STEPS = ((MONTHS := 548.0, 6.0), (120.0, 2.0), (30.0, 1.0), (5.0, 1 / 3))  # from days before now: hours between points
PIECE = 12.0  # seconds from piece to piece of one point
LEARNING = 18  # points of the characteristic that has no limits yet
SILENT = 14 * 60.0  # the coating gauge has been silent so long
SHOWN = 6  # points that show a finding on its chart
LAST_TROUBLE = 0.6  # days before now without troubles but those placed on purpose

Times = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """The history of one characteristic; `t`: epoch seconds of the last piece of each point."""

    spec: Spec
    eras: tuple[Era, ...]
    t: Times
    values: Floats
    lots: tuple[str, ...]
    incidents: tuple[Incident, ...]
    now: float

    def piece_times(self) -> Times:
        """Epoch seconds of every piece, shape of `values`."""
        back = PIECE * np.arange(self.values.shape[1] - 1, -1, -1)
        return self.t[:, None] - back[None, :]

    def era_starts(self) -> list[int]:
        """Index of the first point of each era."""
        return [int(np.searchsorted(self.t, self.now - era.since * DAY)) for era in self.eras]


def grid(now: float, phase: float) -> Times:
    """Moments of points over 18 months: sparse long ago, dense lately; the last `phase` seconds before now."""
    parts = []
    for (start, hours), end in zip(STEPS, [*(start for start, _ in STEPS[1:]), 0.0], strict=True):
        parts.append(np.arange(now - start * DAY, now - end * DAY, hours * 3600.0))
    return np.concatenate(parts) - phase


def make(spec: Spec, line: Line, *, seed: int, now: float) -> Series:
    """The history of a characteristic; the same for the same seed and now."""
    key = crc32(spec.code.encode())
    rng = np.random.default_rng([seed, key, 1])
    t = _moments(spec, now, phase=30.0 + crc32(PLANT.clock(spec.code).encode()) % 240)
    eras = ERAS[spec.code]
    incidents = _placed(spec.code, now) + _found(spec.code, t, now) + _troubles(spec.code, t, rng, now)
    values, sent = _sampled(spec, eras, t, incidents, seed=seed, now=now)
    lots = tuple(_lot(line, moment, incidents) for moment in t[sent])
    rounded = np.round(values[sent], 0 if spec.behaviour.counts else spec.decimals + 2)
    return Series(spec, eras, t[sent], rounded, lots, incidents, now)


def _moments(spec: Spec, now: float, phase: float) -> Times:
    t = grid(now, phase)
    if spec.code == "C207":
        return t[-LEARNING:]
    if spec.code == "C305":
        return t[t < now - SILENT]
    return t


def _sampled(
    spec: Spec, eras: Sequence[Era], t: Times, incidents: Sequence[Incident], *, seed: int, now: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Values and presence of all points, era after era."""
    starts = [*np.searchsorted(t, [now - era.since * DAY for era in eras]), len(t)]
    starts[0] = 0
    parts = []
    for number, (era, first, last) in enumerate(zip(eras, starts[:-1], starts[1:], strict=True)):
        process = Process(era.behaviour(spec), spec.code, seed, boot=1_000_000 + number)
        parts.append(process.sample(Points(np.arange(first, last, dtype=np.int64), t[first:last]), incidents))
    return np.concatenate([values for values, _ in parts]), np.concatenate([sent for _, sent in parts])


def _troubles(code: str, t: Times, rng: np.random.Generator, now: float) -> tuple[Incident, ...]:
    """Troubles every few weeks, spread over the points at hand so that each lasts its number of points."""
    found, at, known = [], 40, BY_CODE[code]
    while (at := at + int(rng.integers(160, 420))) < len(t) - 45:
        kind, size, points, cause, remedy = known[int(rng.integers(len(known)))]
        if t[at] > now - LAST_TROUBLE * DAY:
            break
        fault = Fault(kind, code, kind, size, points, cause, remedy)
        found.append(Incident(fault, float(t[at]) - 1.0, float(t[at + points]) - 1.0))
    return tuple(found)


def _found(code: str, t: Times, now: float) -> tuple[Incident, ...]:
    """What the chart showed before each nonconformity that was opened from it: the last points before its report."""
    made = []
    for finding in findings():
        if finding.code == code and finding.cause:
            last = int(np.searchsorted(t, now - finding.days * DAY - 1800)) - 1
            fault = Fault("found", code, "shift", finding.size, SHOWN, finding.cause, "Nonconformity opened")
            made.append(Incident(fault, float(t[last - SHOWN + 1]) - 1.0, float(t[last]) + 1.0))
    return tuple(made)


def _placed(code: str, now: float) -> tuple[Incident, ...]:
    """What is going on in the plant right now and waits for a person: a slow trend and a high value."""
    if code == "C105":
        rising: tuple[tuple[str, Kind, float], ...] = (
            ("trend", "drift", 2.4),
            ("from below", "shift", -1.0),
            ("steady", "spread", 0.1),
        )
        faults = [Fault(name, code, kind, size, 7, "Grooving insert wearing", "") for name, kind, size in rising]
        return tuple(Incident(fault, now - 2.15 * 3600, now + 60.0) for fault in faults)
    if code == "C303":
        fault = Fault("zone", code, "spike", 5.2, 1, "Heating zone overshoot after a stop", "")
        return (Incident(fault, now - 3000.0, now - 1800.0),)
    return ()


def _lot(line: Line, t: float, incidents: Sequence[Incident]) -> str:
    for incident in incidents:
        if incident.fault.lot and incident.start <= t < incident.end:
            return incident.fault.lot
    return line.lot(t)
