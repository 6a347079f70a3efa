"""Pareto of two periods: what grew, what shrank, and what of that is more than chance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spc.multiplicity import benjamini_hochberg
from spc.proportions import rate_two
from spc.values import BadInput, number


@dataclass(frozen=True)
class Moved:
    """One category: counts now and before, ranks (from 1, None = not there), ratio of the rates with its p and verdict.

    verdict: "more", "fewer", "not shown" (after control of false findings), "new" or "gone" where shown.
    """

    category: str
    now: float
    before: float
    rank_now: int | None
    rank_before: int | None
    ratio: float | None
    p: float | None
    adjusted_p: float | None
    verdict: str


def change(
    counts: Mapping[str, Any],
    previous: Mapping[str, Any],
    *,
    exposure: float = 1.0,
    previous_exposure: float = 1.0,
    level: float = 0.05,
) -> tuple[Moved, ...]:
    """Every category now against the period before.

    In: category -> count (whole, from 0) of both periods, the exposure of each (items, hours; default equal), the level
    of false findings. Out: Moved, the largest count of now first. Raises BadInput naming the category.
    Sources: Przyborowski and Wilenski 1940 (ratio of two counts); Benjamini and Hochberg 1995.
    """
    if not (exposure > 0 and previous_exposure > 0):
        raise BadInput("The exposure of both periods lies above 0.")
    now, before = ({name: _whole(name, value) for name, value in table.items()} for table in (counts, previous))
    names = sorted({**now, **before}, key=lambda name: -now.get(name, 0))
    tests = {name: rate_two((now.get(name, 0), exposure), (before.get(name, 0), previous_exposure)) for name in names}
    adjusted = benjamini_hochberg([test.p for test in tests.values()])
    first, second = _ranks(now), _ranks(before)
    return tuple(
        Moved(
            category=name,
            now=now.get(name, 0),
            before=before.get(name, 0),
            rank_now=first.get(name),
            rank_before=second.get(name),
            ratio=tests[name].estimate,
            p=tests[name].p,
            adjusted_p=None if math.isnan(q) else float(q),
            verdict=_verdict(now.get(name, 0) / exposure, before.get(name, 0) / previous_exposure, q <= level),
        )
        for name, q in zip(names, adjusted, strict=True)
    )


def _whole(name: str, value: Any) -> int:
    amount = number(value, where=f"The count of {name!r}")
    if not (amount >= 0 and amount == int(amount)):
        raise BadInput(f"The count of {name!r} must be a whole number from 0.")
    return int(amount)


def _ranks(counts: Mapping[str, int]) -> dict[str, int]:
    order = sorted((name for name in counts if counts[name]), key=lambda name: -counts[name])
    return {name: place for place, name in enumerate(order, start=1)}


def _verdict(now: float, before: float, shown: bool) -> str:
    if not shown:
        return "not shown"
    if before == 0 or now == 0:
        return "gone" if now == 0 else "new"
    return "more" if now > before else "fewer"
