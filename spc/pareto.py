"""Pareto table: categories by count or cost, largest first, with their running share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spc.values import BadInput, number


@dataclass(frozen=True)
class Pareto:
    """Categories largest first: order, values, percent, cumulative_percent of the same length; total of all values.

    percent and cumulative_percent are None when the total is zero.
    """

    order: tuple[str, ...]
    values: tuple[float, ...]
    percent: tuple[float, ...] | None
    cumulative_percent: tuple[float, ...] | None
    total: float


def pareto(counts: Mapping[str, Any], costs: Mapping[str, Any] | None = None, *, other: str = "other") -> Pareto:
    """Order categories by count, or by cost (count times cost of one) when costs are given.

    In: category -> count >= 0 and optionally category -> cost of one >= 0. Out: Pareto; ties keep the order given, the
    category called `other` or `others` stands last whatever its size. Raises BadInput naming the category.
    Source: Juran, Quality Control Handbook; ISO 9004 vocabulary of the Pareto diagram.
    """
    if not isinstance(counts, Mapping) or not counts:
        raise BadInput("There are no categories: give category -> count.")
    values = {name: _amount(value, name, "count") for name, value in counts.items()}
    if costs is not None:
        missing = [name for name in values if name not in costs]
        if missing:
            raise BadInput(f"The cost of {missing[0]!r} is missing.")
        values = {name: value * _amount(costs[name], name, "cost") for name, value in values.items()}
    order = sorted(values, key=lambda name: (name.strip().lower() in (other, f"{other}s"), -values[name]))
    amounts, total = tuple(values[name] for name in order), sum(values.values())
    if total == 0:
        return Pareto(tuple(order), amounts, None, None, 0.0)
    running, shares = 0.0, []
    for amount in amounts:
        running += amount
        shares.append(100.0 * running / total)
    return Pareto(tuple(order), amounts, tuple(100.0 * a / total for a in amounts), tuple(shares), total)


def _amount(value: Any, name: str, what: str) -> float:
    amount = number(value, where=f"The {what} of {name!r}")
    if not amount >= 0:
        raise BadInput(f"The {what} of {name!r} must be a number from 0.")
    return amount
