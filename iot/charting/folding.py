"""Signals from masks: violations close to each other are one event, so that one cause asks once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from iot.charting.course import Point

QUIET = 5  # points without a violation that end an event


@dataclass(slots=True)
class Event:
    """A run of violations under one version of limits; `signal` is the row that already stands for it."""

    first: Point | None  # None for an event carried over from its row
    first_n: int
    last_n: int
    first_at: datetime
    last_at: datetime
    limits: int
    mask: int
    points: int
    signal: int | None = None

    def takes(self, point: Point) -> bool:
        """Whether a violation belongs to this event."""
        return point.n - self.last_n <= QUIET and point.limits is not None and point.limits.id == self.limits

    def add(self, point: Point) -> None:
        """Fold one more violation in."""
        self.last_n, self.last_at = point.n, point.t
        self.mask |= point.mask
        self.points += 1


def fold(points: Iterable[Point], *, seed: Event | None = None) -> list[Event]:
    """The events of a stretch of points, in order; a seed is the event before it and comes back only if it grew."""
    events: list[Event] = []
    current = seed
    for point in points:
        if not point.mask or point.limits is None:
            continue
        if current is not None and current.takes(point):
            current.add(point)
            if current is seed and not events:
                events.append(current)
            continue
        current = Event(point, point.n, point.n, point.t, point.t, point.limits.id, point.mask, 1)
        events.append(current)
    return events
