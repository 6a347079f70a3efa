"""What is known of vectors: the variables of a multivariate chart, their part in a point, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from governance.models import Characteristic
from governance.queries import characteristics_visible_to, members_of
from iot.models import ControlLimits, Subgroup, VectorGap
from qms.core.actor import Actor

_LATELY = 200  # newest vectors of which the share that is missing is told


@dataclass(frozen=True)
class Variable:
    """One variable at one point: its value, how far it lies from its mean, and its part in T squared.

    drives: whether the signal names it.
    """

    row: Characteristic
    value: float | None
    mean: float | None
    sigma: float | None
    deviation: float | None
    contribution: float | None
    drives: bool = False


def gaps_visible(row: Characteristic, *, actor: Actor) -> QuerySet[VectorGap]:
    """The vectors of a characteristic that did not become whole."""
    return VectorGap.objects.filter(characteristic__in=characteristics_visible_to(actor).filter(pk=row.pk))


def variables_at(row: Characteristic, point: Subgroup | None, limits: ControlLimits | None = None) -> list[Variable]:
    """The variables of a multivariate chart as they are at a point; without one only what the limits know."""
    members = members_of(row)
    limits = point.limits if point and point.limits else limits
    design = limits.design if limits and list(limits.design.get("members", ())) == [m.pk for m in members] else {}
    means, spread = design.get("mean", ()), [math.sqrt(line[at]) for at, line in enumerate(design.get("cov", ()))]
    vector = getattr(point, "vector", None) if point else None
    added, moved = (vector.contributions, vector.deviations) if vector else ((), ())
    whole = point is not None and len(point.values) == len(members)
    driving = _drivers(added) if point and point.mask else set[int]()
    return [
        Variable(
            member,
            point.values[at] if point and whole else None,
            _at(means, at),
            _at(spread, at),
            _at(moved, at),
            _at(added, at),
            at in driving,
        )
        for at, member in enumerate(members)
    ]


def variables_json(row: Characteristic, point: Subgroup | None) -> list[dict[str, Any]]:
    """The same as plain data: what is kept of a point when its chart is frozen."""
    figures = ("value", "mean", "sigma", "deviation", "contribution", "drives")
    return [
        {
            "code": one.row.code,
            "name": one.row.name,
            "unit": one.row.parameter.unit,
            "decimals": one.row.decimals,
            **{name: getattr(one, name) for name in figures},
        }
        for one in variables_at(row, point)
    ]


def _at(values: Sequence[float], place: int) -> float | None:
    return values[place] if place < len(values) else None


def _drivers(contributions: Sequence[float], least: float = 9.0) -> set[int]:
    strong = {at for at, value in enumerate(contributions) if value >= least}
    return strong or ({max(range(len(contributions)), key=lambda at: contributions[at])} if contributions else set())


def vectors_said(row: Characteristic) -> tuple[str, str]:
    """How many of the newest vectors were whole, and what speaks against the chart."""
    newest = Subgroup.objects.filter(characteristic=row).order_by("-n").values_list("first_t", flat=True)[:_LATELY]
    times = list(newest)
    if not times:
        return "No vector is whole yet.", ""
    missed = VectorGap.objects.filter(characteristic=row, first_t__gte=times[-1]).count()
    found = f"{len(times)} of the newest {len(times) + missed} vectors were whole."
    if missed > len(times) / 4:
        return found, "Many vectors lack a value: compare the serial numbers and clocks of the stations, or the wait."
    return found, ""
