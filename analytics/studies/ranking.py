"""What weighs most, by count or by cost, and what of it moved since the period before: Pareto."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from analytics.studies.anatomy import (
    Cell,
    Check,
    Grid,
    Inputs,
    Option,
    Result,
    Role,
    Study,
    Told,
    p_words,
    source_of,
    unit_of,
    with_unit,
)
from analytics.tables import Column
from qms.web.svg import pareto
from qms.web.words import significant
from spc import pareto as ranking
from spc import pareto_change
from spc.values import BadInput, Floats

MOST_CATEGORIES = 500
_BARS = 12
_NAMED = 4  # categories that the headline names
_LETTERS = 16  # below a bar


def weights_of(inputs: Inputs) -> dict[str, float]:
    """How much each category weighs in the newest period: the sum of its weights, or how often it occurs."""
    now, _ = _periods(inputs)
    weight = inputs.one("weight")
    return _summed(inputs, weight, _amounts(inputs, weight), now)


def _amounts(inputs: Inputs, weight: Column | None) -> Floats:
    return np.ones(len(inputs.column("category"))) if weight is None else weight.measured()


def _periods(inputs: Inputs) -> tuple[str | None, str | None]:
    """The newest period and the one before it, in the order they come; None where rows tell no period."""
    column = inputs.one("period")
    if column is None:
        return None, None
    found = list(dict.fromkeys(level for level in column.levels() if level))
    if not found:
        raise BadInput(f"Column {column.name} names no period.")
    return found[-1], found[-2] if len(found) > 1 else None


def _summed(inputs: Inputs, column: Column | None, amounts: Floats, period: str | None) -> dict[str, float]:
    """The amounts by category, of the rows of one period."""
    levels, when = inputs.column("category").levels(), inputs.one("period")
    periods = when.levels() if when else [""] * len(levels)
    if not len(amounts) == len(levels) == len(periods):
        raise BadInput("The columns must be equally long.")
    found: dict[str, float] = {}
    for place, (level, amount) in enumerate(zip(levels, amounts.tolist(), strict=True), start=1):
        if not level or amount != amount or (period is not None and periods[place - 1] != period):  # noqa: PLR0124
            continue
        if amount < 0:
            raise BadInput(f"Row {place}, column {column.name if column else ''}: {amount:g} is below 0.")
        found[level] = found.get(level, 0.0) + amount
    if len(found) > MOST_CATEGORIES:
        raise BadInput(f"There are {len(found):,} categories: choose a column with at most {MOST_CATEGORIES}.")
    return found


def before_of(inputs: Inputs) -> dict[str, float] | None:
    """The counts of the period before: of their own column, or of the rows of that period; None without either."""
    column = inputs.one("before")
    if column is not None:
        return _summed(inputs, column, column.measured(), _periods(inputs)[0])
    _, earlier = _periods(inputs)
    if earlier is None:
        return None
    weight = inputs.one("weight")
    return _summed(inputs, weight, _amounts(inputs, weight), earlier)


def _costs(inputs: Inputs, weights: Mapping[str, float]) -> dict[str, float] | None:
    """The cost of one of each category, weighted by count where rows differ."""
    column = inputs.one("cost")
    if column is None:
        return None
    amounts = _amounts(inputs, inputs.one("weight"))
    if len(amounts) != len(column):
        raise BadInput("The columns must be equally long.")
    spent = _summed(inputs, column, amounts * column.measured(), _periods(inputs)[0])
    return {name: spent.get(name, 0.0) / count if count else 0.0 for name, count in weights.items()}


def _case(inputs: Inputs) -> Mapping[str, Any]:
    counts, given = weights_of(inputs), inputs.options
    data: dict[str, Any] = {"counts": counts}
    if (costs := _costs(inputs, counts)) is not None:
        data["costs"] = costs
    if (before := before_of(inputs)) is not None:
        data["previous"] = before
    options = {name: given[name] for name in ("exposure", "previous_exposure") if given.get(name) is not None}
    return {"kind": "pareto", "input": data, "options": options}


def _told(inputs: Inputs, result: Result) -> Told:
    order, percent, running, values = (
        result["order"], result["percent"], result["cumulative_percent"], result["values"]
    )  # fmt: skip
    costly = inputs.one("cost")
    unit, headline = unit_of(costly or inputs.one("weight")), _headline(order, percent, running)
    bars = list(zip(order, values, strict=True))
    shown = [*bars[:_BARS], *([("Other", sum(v for _, v in bars[_BARS:]))] if len(bars) > _BARS else [])]
    rows = tuple(
        (name, values[i], round(percent[i], 1) if percent else None, round(running[i], 1) if running else None)
        for i, name in enumerate(order)
    )
    total = sum(values)
    drawn = pareto([(_short(name), value) for name, value in shown], unit=unit, name=headline, size=(640, 280))
    what = with_unit("Cost" if costly else "Weight", unit)
    moved = result.get("change") or ()
    return Told(
        headline=headline,
        lines=_moved_lines(moved),
        grids=(Grid("Categories", ("Category", what, "%", "Cumulative %"), rows), _moved_grid(moved)),
        checks=(Check("met" if total >= 30 else "broken", "At least 30 counted", f"n {significant(total)}"),),
        formulas=_formulas(moved=bool(moved)),
        reference=source_of(ranking.pareto, *((pareto_change.change,) if moved else ())),
        drawing=drawn.replace('class="ch"', 'class="ch ch-wide"', 1),
    )


def _short(name: str) -> str:
    """A name as it fits below a bar."""
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1].rstrip()}\u2026"


def _formulas(*, moved: bool) -> tuple[str, ...]:
    share = "share = weight of the category / sum of all weights, largest first"
    ratio = "ratio = (count now / exposure now) / (count before / exposure before), exact conditional test"
    return (share, ratio) if moved else (share,)


def _headline(order: list[str], percent: list[float] | None, running: list[float] | None) -> str:
    if percent is None or running is None:
        return "Nothing is counted: all weights are zero."
    few = next((i for i, share in enumerate(running, start=1) if share >= 80 - 1e-9), len(order))
    if few < len(order):
        made = "make" if few > 1 else "makes"
        more = f" and {few - _NAMED} more" if few > _NAMED else ""
        named = ", ".join(order[: min(few, _NAMED)])
        return f"{few} of {len(order)} categories {made} {running[few - 1]:.0f} %: {named}{more}."
    return f"No few categories dominate; the largest is {order[0]} with {percent[0]:.0f} %."


def _moved_lines(moved: Any) -> tuple[str, ...]:
    """What of the change is more than chance, in one sentence."""
    if not moved:
        return ()
    words = {"more": "more", "new": "new", "fewer": "fewer", "gone": "gone"}
    found = [
        f"{word}: {', '.join(one['category'] for one in moved if one['verdict'] == key)}"
        for key, word in words.items()
        if any(one["verdict"] == key for one in moved)
    ]
    text = "; ".join(found)
    return (f"Against the period before, {text}." if text else "Against the period before, no change is shown.",)


def _moved_grid(moved: Any) -> Grid:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one["category"], one["now"], one["before"], one["rank_now"], one["rank_before"], one["ratio"],
            p_words(one["adjusted_p"]), one["verdict"],
        )
        for one in moved
    )  # fmt: skip
    head = ("Category", "Now", "Before", "Rank", "Rank before", "Ratio of rates", "p, adjusted", "Shown")
    return Grid("Against the period before", head, rows)


PARETO_STUDY = Study(
    key="pareto",
    label="Pareto",
    question="What weighs most?",
    roles=(
        Role(name="category", label="Category", kind="any"),
        Role(
            name="weight", label="Weight", needed=False, eager=True, hint="Count or cost; empty: each row counts one."
        ),
        Role(name="cost", label="Cost of one", needed=False, hint="Ranks by count times cost."),
        Role(name="before", label="Count in the period before", needed=False),
        Role(name="period", label="Period", kind="any", needed=False, hint="The last one against the one before."),
    ),
    options=(
        Option(name="exposure", label="Made in this period", hint="Items or hours; empty: as before."),
        Option(name="previous_exposure", label="Made in the period before"),
    ),
    case=_case,
    tell=_told,
)
