"""Points from readings, one after the other: pure, so that it can be run live, again and from a file alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from iot.charting.plan import Limits, Memory, Plan
from spc.streaming import START, State


@dataclass(frozen=True, slots=True)
class Value:
    """One reading on its way into a point."""

    t: datetime
    seq: int
    value: float
    lot: str = ""

    @property
    def key(self) -> tuple[datetime, int]:
        """The order of readings: measured time, then sequence number."""
        return self.t, self.seq


@dataclass(slots=True)
class Point:
    """One judged point of a chart."""

    n: int
    t: datetime
    first_t: datetime
    values: list[float]
    statistic: float
    spread: float | None
    limits: Limits | None
    mask: int
    lot: str
    memory: Memory | None = None


@dataclass(slots=True)
class Course:
    """Where a chart stands after its last point."""

    rules: State = START
    limits: int | None = None
    last_point: int = 0
    last_statistic: float | None = None
    memory: Memory | None = None
    last_t: datetime | None = None
    last_seq: int = 0
    pending: list[float] = field(default_factory=list)
    pending_from: datetime | None = None


def advance(plan: Plan, course: Course, values: Iterable[Value]) -> list[Point]:
    """Take readings in order; `course` moves on, the finished points come back.

    A change of limits starts the rules and the memory anew, and no moving range reaches over it.
    """
    points: list[Point] = []
    for one in values:
        if not course.pending:
            course.pending_from = one.t
        course.pending.append(one.value)
        course.last_t, course.last_seq = one.t, one.seq
        if len(course.pending) >= plan.per_point:
            points.append(_finish(plan, course, one))
    return points


def _finish(plan: Plan, course: Course, last: Value) -> Point:
    limits = plan.limits_at(last.t)
    identity = limits.id if limits else None
    if identity != course.limits:
        course.rules, course.limits, course.last_statistic, course.memory = START, identity, None, None
    values, course.pending = course.pending, []
    statistic = plan.statistic(values)
    spread = plan.spread(values, course.last_statistic)
    mask = 0
    if limits and plan.remembers:
        course.memory, mask = plan.remember(course.memory, statistic, limits)
    elif limits:
        course.rules, mask = plan.step(course.rules, statistic, limits.center, limits.sigma)
        mask |= plan.spread_bits(spread, limits)
    course.last_point, course.last_statistic = course.last_point + 1, statistic
    return Point(
        course.last_point, last.t, course.pending_from or last.t, values, statistic, spread, limits, mask, last.lot,
        course.memory if limits else None,
    )  # fmt: skip
