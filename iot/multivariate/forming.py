"""Vectors from readings: what belongs together by serial number, by time or within a wait. Pure, nothing is made up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from governance.queries import Pairing


@dataclass(frozen=True, slots=True)
class Heard:
    """One reading of a member, by its place in the vector."""

    t: datetime
    member: int
    seq: int
    value: float
    serial: str = ""
    lot: str = ""

    @property
    def key(self) -> tuple[datetime, int, int]:
        """The order in which readings are taken."""
        return self.t, self.member, self.seq


@dataclass(frozen=True, slots=True)
class Vector:
    """One complete vector: the values in the order of the members, from the first to the last of its readings."""

    t: datetime
    first_t: datetime
    values: list[float]
    serial: str = ""
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Missed:
    """A vector that did not become whole: which members were there, and why it was given up."""

    first_t: datetime
    until: datetime
    serial: str
    have: tuple[int, ...]
    again: bool  # a member was measured again before the rest came


@dataclass(frozen=True)
class Formed:
    """What a stretch of readings came to; open_from: the first reading that still waits for others."""

    vectors: list[Vector]
    missed: list[Missed]
    open_from: datetime | None


@dataclass(slots=True)
class _Open:
    """A vector being filled."""

    first: Heard
    held: dict[int, Heard] = field(default_factory=dict)

    def missed(self, until: datetime, *, again: bool = False) -> Missed:
        return Missed(self.first.t, until, self.first.serial, tuple(sorted(self.held)), again)

    def vector(self, last: Heard, size: int) -> Vector:
        lots = [one.lot for one in self.held.values() if one.lot]
        values = [self.held[at].value for at in range(size)]
        return Vector(last.t, self.first.t, values, self.first.serial, lots[-1] if lots else "")


def form(readings: Iterable[Heard], *, size: int, pairing: Pairing) -> Formed:
    """Put the readings of `size` members together, in order of measured time.

    Readings with a serial number meet under it, unless time alone is to count. Others meet at exactly one time, where
    several of one time are taken in order of their sequence; or, with pair `window`, within the wait from the first of
    them, and a member measured again meanwhile begins the next vector. What is not whole after the wait, in measured
    time, is missed.
    """
    waiting: list[_Open] = []
    done, missed = list[Vector](), list[Missed]()
    wait = timedelta(seconds=pairing.wait)
    for one in sorted(readings, key=lambda heard: heard.key):
        while waiting and one.t - waiting[0].first.t > wait:
            late = waiting.pop(0)
            missed.append(late.missed(late.first.t + wait))
        place = _place(waiting, one, pairing)
        if place is not None and one.member in place.held:  # only within a window: the next vector begins
            waiting.remove(place)
            missed.append(place.missed(one.t, again=True))
            place = None
        if place is None:
            place = _Open(one)
            waiting.append(place)
        place.held[one.member] = one
        if len(place.held) == size:
            waiting.remove(place)
            done.append(place.vector(one, size))
    missed.sort(key=lambda gap: gap.first_t)
    return Formed(done, missed, waiting[0].first.t if waiting else None)


def _place(waiting: list[_Open], one: Heard, pairing: Pairing) -> _Open | None:
    """The vector a reading belongs to: by serial number, else by time, else the one that is being filled."""
    if one.serial and pairing.pair != "time":
        return next((w for w in waiting if w.first.serial == one.serial and one.member not in w.held), None)
    bare = (w for w in waiting if pairing.pair == "time" or not w.first.serial)
    if pairing.pair == "window":
        return next(bare, None)
    return next((w for w in bare if w.first.t == one.t and one.member not in w.held), None)
