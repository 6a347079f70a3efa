"""Vectors to points, one after the other: what is remembered, what is drawn, and which variables drive a signal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from governance.models import Characteristic
from governance.queries import Pairing
from iot.charting.course import Point
from iot.charting.plan import REMEMBERED, Limits, Plan
from iot.multivariate.forming import Vector
from spc.joint import Distance, Learned, Smoothed, Together, joint_step, learn_step

_NAMED = 3  # variables a signal names


@dataclass(frozen=True)
class Group:
    """A multivariate characteristic as the judge reads it."""

    plan: Plan
    members: tuple[Characteristic, ...]
    pairing: Pairing

    @cached_property
    def known(self) -> Mapping[int, Together]:
        """What each version of limits judges by."""
        return {limits.id: together_of(limits.design, limits.ucl) for limits in self.plan.limits}

    @property
    def ids(self) -> list[int]:
        """The members' ids, in the order of the values."""
        return [row.pk for row in self.members]

    def words(self, distance: Distance) -> str:
        """A signal in words, with the variables that drive it."""
        drivers = distance.drivers()
        named = [
            f"{self.members[j].name} ({'high' if distance.deviations[j] >= 0 else 'low'})" for j in drivers[:_NAMED]
        ]
        named += [f"{len(drivers) - _NAMED} more"] if len(drivers) > _NAMED else []
        text = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
        words = f"{self.plan.words(REMEMBERED, high=True)}, driven by {text}"
        return words if len(words) <= 200 else f"{words[:199]}\u2026"


def together_of(design: Mapping[str, object], limit: float) -> Together:
    """What a version of limits judges by, from its design and its upper limit."""
    weight = design.get("weight")
    return Together(
        np.array(design["mean"], dtype=np.float64),
        np.array(design["cov"], dtype=np.float64),
        limit,
        float(weight) if isinstance(weight, (int, float)) else None,
    )


@dataclass
class Memory:
    """Where a chart of vectors stands: the limits of its newest point, what a MEWMA carries, what is learned."""

    limits: int | None = None
    smoothed: Smoothed = field(default_factory=Smoothed)
    learned: Learned = field(default_factory=Learned)

    def as_text(self, members: Sequence[int]) -> str:
        """The same for the row of the chart."""
        seen, known = self.smoothed, self.learned
        return json.dumps({
            "members": list(members), "smoothed": [seen.values, seen.count],
            "learned": [known.count, known.mean, known.scatter],
        })  # fmt: skip


def members_in(text: str) -> list[int] | None:
    """The members a stored memory is of; None without one."""
    return list(json.loads(text)["members"]) if text.startswith("{") else None


def memory_from(text: str, limits: int | None) -> Memory:
    """What `Memory.as_text` wrote."""
    if not text.startswith("{"):
        return Memory(limits)
    kept = json.loads(text)
    values, count = kept["smoothed"]
    seen, mean, scatter = kept["learned"]
    return Memory(limits, Smoothed(tuple(values), count), Learned(seen, tuple(mean), tuple(map(tuple, scatter))))


@dataclass(frozen=True)
class Judged:
    """A point with what belongs to its vector."""

    point: Point
    serial: str
    smoothed: Smoothed
    distance: Distance | None


def walk(group: Group, memory: Memory, vectors: Sequence[Vector], *, first: int) -> list[Judged]:
    """Judge vectors in order as points from number `first` on; `memory` moves on.

    A change of limits begins the memory anew. While nothing judges, each vector is compared with those before it.
    """
    found = []
    for n, vector in enumerate(vectors, start=first):
        limits = group.plan.limits_at(vector.t)
        if (limits.id if limits else None) != memory.limits:
            memory.limits, memory.smoothed = (limits.id if limits else None), Smoothed()
        found.append(_judged(group, memory, vector, limits, n))
    return found


def _judged(group: Group, memory: Memory, vector: Vector, limits: Limits | None, n: int) -> Judged:
    if limits is None:
        memory.learned, far = learn_step(memory.learned, vector.values)
        point = Point(n, vector.t, vector.first_t, vector.values, far or 0.0, None, None, 0, vector.lot)
        return Judged(point, vector.serial, memory.smoothed, None)
    memory.smoothed, distance = joint_step(group.known[limits.id], memory.smoothed, vector.values)
    point = Point(
        n, vector.t, vector.first_t, vector.values, distance.t2, None, limits, distance.beyond << REMEMBERED.bit,
        vector.lot, words=group.words(distance) if distance.beyond else "",
    )  # fmt: skip
    return Judged(point, vector.serial, memory.smoothed, distance)
