"""What goes wrong in the simulated plant, how it shows and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["shift", "drift", "spike", "spread", "stuck", "dropout"]


@dataclass(frozen=True)
class Fault:
    """One way a characteristic goes wrong: size in sigma of the plotted statistic, length in points of its chart."""

    name: str
    code: str
    kind: Kind
    size: float
    points: int
    cause: str
    remedy: str
    lot: str = ""


@dataclass(frozen=True)
class Incident:
    """A fault with its window, in epoch seconds."""

    fault: Fault
    start: float
    end: float

    def covers(self, t: NDArray[np.float64]) -> NDArray[np.bool_]:
        """True where a moment lies within the window."""
        return (t >= self.start) & (t < self.end)

    def level(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Offset of the process level in sigma of the plotted statistic at the moments `t`."""
        if self.fault.kind in ("shift", "spike"):
            return np.where(self.covers(t), self.fault.size, 0.0)
        if self.fault.kind == "drift":
            share = (t - self.start) / (self.end - self.start)
            return np.where(self.covers(t), self.fault.size * share, 0.0)
        return np.zeros_like(t)


FAULTS: tuple[Fault, ...] = (
    Fault("supply-spike", "C307", "spike", 5.2, 1, "Loose contact at the test adapter", "Adapter pins cleaned"),
    Fault(
        "bearing-lot",
        "C201",
        "shift",
        -3.4,
        16,
        "Bearing lot KB-90117 with small outer diameter",
        "Changed back to lot KB-90097",
        lot="KB-90117",
    ),
    Fault("tool-wear", "C105", "drift", 4.6, 26, "Grooving insert worn", "Insert changed"),
    Fault("stencil-clog", "C301", "drift", -5.0, 22, "Stencil apertures clogged", "Stencil washed"),
    Fault(
        "torque-offset",
        "C203",
        "shift",
        2.7,
        18,
        "Screwdriver torque offset after battery change",
        "Screwdriver calibrated",
    ),
    Fault("seal-nick", "C205", "spike", 6.0, 1, "Nicked seal ring", "Seal ring replaced"),
    Fault("fixture-chip", "C106", "shift", 3.6, 8, "Chip under the length stop", "Stop blown clean"),
    Fault("leak-burst", "C208", "shift", 4.5, 3, "Bearing seat scored by the press ram", "Ram polished"),
    Fault("oven-zone", "C303", "drift", 5.5, 24, "Heating zone 6 losing power", "Zone 6 heater changed"),
    Fault("paste-skips", "C308", "shift", 4.8, 3, "Solder paste past its floor life", "Fresh paste loaded"),
    Fault("spindle-bearing", "C108", "drift", 5.0, 30, "Spindle bearing dry", "Bearing greased"),
    Fault("probe-stuck", "C304", "stuck", 0.0, 14, "Thermocouple sticks at its last value", "Thermocouple reseated"),
    Fault("coating-silent", "C305", "dropout", 0.0, 60, "Coating gauge offline", "Gauge restarted"),
    Fault("play-spread", "C206", "spread", 2.6, 8, "Play gauge clamp loose", "Clamp tightened"),
)
BY_NAME = {fault.name: fault for fault in FAULTS}
OPENING = ("coating-silent", "bearing-lot", "supply-spike")
BETWEEN = 15.0
GAP = (150.0, 330.0)


def at_once(name: str, *, start: float, pace: float) -> Incident:
    """The named fault beginning at `start` (epoch seconds), its length counted in chart points of `pace` seconds.

    Raises KeyError with the known names when there is none of that name.
    """
    if name not in BY_NAME:
        raise KeyError(f"no incident is called {name!r}; there are {', '.join(sorted(BY_NAME))}")
    fault = BY_NAME[name]
    return Incident(fault, start, start + fault.points * pace)


def schedule(seed: int, *, start: float, paces: dict[str, float], speed: float = 1.0) -> Iterator[Incident]:
    """Incidents without end, in order of their start; the same seed and start give the same incidents.

    `paces` holds the seconds per chart point of each characteristic that runs; faults of others are left out.
    The opening ones begin at once and within the first minute, the rest follow every few minutes divided by `speed`.
    """
    known = [fault for fault in FAULTS if fault.code in paces]
    rng = np.random.default_rng([seed, 7])
    at = start
    for name in OPENING:
        if BY_NAME[name] in known:
            yield at_once(name, start=at, pace=paces[BY_NAME[name].code])
            at += BETWEEN / speed
    while known:
        for pick in rng.permutation(len(known)):
            at += float(rng.uniform(*GAP)) / speed
            fault = known[pick]
            yield at_once(fault.name, start=at, pace=paces[fault.code])


def running(incidents: Sequence[Incident], code: str) -> tuple[Incident, ...]:
    """Those of `incidents` that touch the characteristic `code`."""
    return tuple(incident for incident in incidents if incident.fault.code == code)
