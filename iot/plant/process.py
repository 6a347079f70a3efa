"""How the simulated processes behave: small seeded parts that add up to the values a gauge would send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from iot.plant.incidents import Incident

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LOT_SECONDS = 6 * 3600.0
_LONGEST_RUN, _LONGEST_TREND = 6, 3  # points on a side, steps in a direction: rules 2 and 3 ask for nine and six points


@dataclass(frozen=True)
class Points:
    """Moments at which a characteristic is sampled: running point numbers and epoch seconds, equally long."""

    index: Ints
    t: Floats


class Effect(Protocol):
    """Something that moves the level of a process."""

    def level(self, points: Points, key: Sequence[int]) -> Floats:
        """Offset per point, in sigma of the plotted statistic."""
        ...


@dataclass(frozen=True)
class ToolWear:
    """A slow rise that falls back at every tool change."""

    rise: float
    every: int

    def level(self, points: Points, key: Sequence[int]) -> Floats:
        """Sawtooth from -rise/2 to +rise/2 over `every` points."""
        return self.rise * ((points.index % self.every) / self.every - 0.5)


@dataclass(frozen=True)
class LotEffect:
    """Each lot of material lies a little elsewhere; the same lot always at the same place."""

    sd: float

    def level(self, points: Points, key: Sequence[int]) -> Floats:
        """Offset of the lot in use at each point, drawn once per lot from its number."""
        lots, place = np.unique((points.t // LOT_SECONDS).astype(np.int64), return_inverse=True)
        offsets = [np.random.default_rng([*key, int(lot)]).standard_normal() for lot in lots]
        return self.sd * np.clip(np.array(offsets, dtype=np.float64), -1.6, 1.6)[place]


@dataclass(frozen=True)
class Season:
    """A slow wave over the points, as the temperature of a hall makes it."""

    rise: float
    every: int

    def level(self, points: Points, key: Sequence[int]) -> Floats:
        """Sine of amplitude `rise` with a period of `every` points."""
        return self.rise * np.sin(2 * np.pi * points.index / self.every)


@dataclass(frozen=True)
class Behaviour:
    """What a process does when nothing is wrong.

    mean, sigma: level and spread of single values, in the unit of the parameter; for counts the rate per
    inspected unit (sigma is then not used). phi: correlation from point to point of a process that wanders.
    skew: shape of the tail to the right, 0 for none.
    """

    mean: float
    sigma: float
    size: int = 1
    phi: float = 0.0
    skew: float = 0.0
    counts: Literal["", "binomial", "poisson"] = ""
    floor: float | None = None
    effects: tuple[Effect, ...] = ()


@dataclass
class Process:
    """A behaviour that is running: draws values point after point, the same for the same seed."""

    behaviour: Behaviour
    code: str
    seed: int
    boot: int = 0
    _last: float = 0.0
    _side: int = 0  # points in a row on the side of the last, below zero on the lower one
    _slope: int = 0  # steps in a row in one direction, below zero downwards
    _held: float | None = None
    _rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng([*self._key, self.boot])

    @property
    def _key(self) -> tuple[int, int]:
        return self.seed, crc32(self.code.encode())

    def sample(self, points: Points, incidents: Sequence[Incident] = ()) -> tuple[Floats, NDArray[np.bool_]]:
        """Values of shape (points, pieces) and whether the sensor sent each point at all."""
        level = np.zeros(len(points.t)) if self.behaviour.counts else self._noise(points.t, incidents)
        for effect in self.behaviour.effects:
            level = level + effect.level(points, self._key)
        for incident in incidents:
            level = level + incident.level(points.t)
        values = self._counts(level) if self.behaviour.counts else self._pieces(level, points.t, incidents)
        return self._sensor(values, points.t, incidents)

    def _noise(self, t: Floats, incidents: Sequence[Incident]) -> Floats:
        """Level from point to point in sigma of the plotted statistic.

        Tails are cut, and a long run on one side is ended, so that false alarms are rare and nearly every signal of
        the simulated plant has an incident behind it.
        """
        phi = self.behaviour.phi
        drawn = _cut_normal(self._rng, (len(t),), 1.6) * np.sqrt(1 - phi * phi) * self._calm
        noise = np.empty(len(t))
        step = 2.6 * np.sqrt(1 - phi) * self._calm
        for i, innovation in enumerate(drawn.tolist()):
            level = phi * self._last + innovation
            noise[i] = self._turned(min(max(level, self._last - step), self._last + step))
        return noise * _spread(t, incidents)

    def _turned(self, level: float) -> float:
        """The next level, mirrored when it would go on with a long run or trend; a process that wanders may."""
        if self.behaviour.phi == 0:
            if abs(_longer(self._side, up=level > 0)) > _LONGEST_RUN:
                level = -level
            if abs(_longer(self._slope, up=level > self._last)) > _LONGEST_TREND:
                level = 2 * self._last - level
        self._side = _longer(self._side, up=level > 0)
        self._slope = _longer(self._slope, up=level > self._last)
        self._last = level
        return level

    @property
    def _calm(self) -> float:
        return 1.0 if self.behaviour.size == 1 else 0.7

    def _pieces(self, level: Floats, t: Floats, incidents: Sequence[Incident]) -> Floats:
        """Single values of shape (points, pieces): the level, and the pieces of a point around it."""
        it = self.behaviour
        if it.skew:
            level = _skewed(level, it.skew)
        centre = (it.mean + it.sigma / np.sqrt(it.size) * level)[:, None]
        around = _cut_normal(self._rng, (len(level), it.size), 2.2)
        around = (around - around.mean(axis=1, keepdims=True)) * _spread(t, incidents)[:, None]
        values: Floats = centre + it.sigma * around
        return values if it.floor is None else np.maximum(values, it.floor)

    def _counts(self, level: Floats) -> Floats:
        """Number of nonconforming units or of nonconformities in each inspected group, shape (points, 1)."""
        it = self.behaviour
        rate = it.mean + np.sqrt(it.mean / it.size) * level
        rate = np.clip(rate, 0.0, 1.0 if it.counts == "binomial" else None)
        most = np.floor(rate * it.size + 2.85 * np.sqrt(rate * it.size))
        drawn = self._count(rate)
        while (far := drawn > most).any():
            drawn = np.where(far, self._count(rate), drawn)
        return drawn.astype(np.float64)[:, None]

    def _count(self, rate: Floats) -> Ints:
        if self.behaviour.counts == "binomial":
            return self._rng.binomial(self.behaviour.size, rate)
        return self._rng.poisson(rate * self.behaviour.size)

    def _sensor(self, values: Floats, t: Floats, incidents: Sequence[Incident]) -> tuple[Floats, NDArray[np.bool_]]:
        sent = np.ones(len(t), dtype=np.bool_)
        stuck = np.zeros(len(t), dtype=np.bool_)
        for incident in incidents:
            if incident.fault.kind == "dropout":
                sent &= ~incident.covers(t)
            if incident.fault.kind == "stuck":
                stuck |= incident.covers(t)
        if stuck.any():
            self._held = float(values[stuck][0, 0]) if self._held is None else self._held
            values[stuck] = self._held
        if len(stuck) and not stuck[-1]:
            self._held = None
        return values, sent


def _longer(run: int, *, up: bool) -> int:
    """A run with one more in its direction, or the first one of a run the other way."""
    step = 1 if up else -1
    return run + step if run * step > 0 else step


def _spread(t: Floats, incidents: Sequence[Incident]) -> Floats:
    factor = np.ones_like(t)
    for incident in incidents:
        if incident.fault.kind == "spread":
            factor = np.where(incident.covers(t), incident.fault.size, factor)
    return factor


def _skewed(level: Floats, skew: float) -> Floats:
    """Bend a level so that its upper side is longer, keeping its centre and about its spread."""
    return np.asarray((np.exp(skew * level) - np.exp(skew * skew / 2)) / skew, dtype=np.float64)


def _cut_normal(rng: np.random.Generator, shape: tuple[int, ...], cut: float) -> Floats:
    """Standard normal draws with the tails beyond `cut` drawn again."""
    drawn = rng.standard_normal(shape)
    while (far := np.abs(drawn) > cut).any():
        drawn[far] = rng.standard_normal(int(far.sum()))
    return drawn
