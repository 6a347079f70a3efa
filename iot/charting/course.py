"""Points from readings, one after the other: pure, so that it can be run live, again and from a file alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from iot.charting.plan import Limits, Plan
from spc.live import Trace


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
    memory: tuple[float | None, float | None] = (None, None)  # drawn in the place of the statistic; downward sum
    own: tuple[float | None, float | None] = (None, None)  # upper and lower limit of this point alone
    words: str = ""  # what a signal says of it, where its rule alone does not

    @property
    def plotted(self) -> float:
        """The value drawn."""
        return self.statistic if self.memory[0] is None else self.memory[0]

    @property
    def kept(self) -> tuple[float | None, float | None]:
        """What is drawn in the place of the statistic, None where nothing is, and what is drawn below it."""
        up, down = self.memory
        return up, self.spread if down is None else down


@dataclass(slots=True)
class Course:
    """Where a chart stands after its last point."""

    trace: Trace = field(default_factory=Trace)
    limits: int | None = None
    last_point: int = 0
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
    values, course.pending = course.pending, []
    statistic, before = plan.statistic(values), _onto(course, limits).last
    spread = plan.spread(values, plan.entering(statistic, last.t), before)
    course.trace, drawn = plan.judge(course.trace, statistic, last.t, limits)
    course.last_point += 1
    return Point(
        course.last_point, last.t, course.pending_from or last.t, values, statistic, spread, limits,
        plan.bits(drawn, spread, limits), last.lot, plan.kept(drawn, limits), (drawn.ucl, drawn.lcl),
    )  # fmt: skip


def _onto(course: Course, limits: Limits | None) -> Trace:
    """What is remembered of the points before, nothing where other limits begin."""
    identity = limits.id if limits else None
    if identity != course.limits:
        course.trace, course.limits = Trace(), identity
    return course.trace


def replay(plan: Plan, course: Course, rows: Iterable[tuple[int | None, float, datetime]]) -> Course:
    """Bring a course up to points that were judged before: limits, statistic and time of each, oldest first."""
    known = {limits.id: limits for limits in plan.limits}
    for identity, statistic, t in rows:
        limits = known.get(identity or 0)
        _onto(course, limits)
        course.trace, _ = plan.judge(course.trace, statistic, t, limits)
    return course
