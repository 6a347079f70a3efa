"""Which chart fits: a proposal from the nature of the data, with the reason and what to watch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from spc.autocorrelation import lag_one, ljung_box, warns
from spc.capability import anderson_darling
from spc.charts.rare import laney
from spc.samples import counted
from spc.stuck import standstill
from spc.values import BadInput, Floats, numbers, present, said, table

Nature = Literal["readings", "items", "nonconformities", "between"]
_HUGE = 2000
_SLIGHT = 0.2  # below it limits are at most a tenth off


@dataclass(frozen=True)
class Advice:
    """The chart to draw (its name in the vocabulary), why, and warnings about assumptions that do not hold."""

    chart: str
    why: str
    warnings: tuple[str, ...] = ()


def advise(data: Any, *, nature: Nature = "readings", sizes: Any = None) -> Advice:
    """The chart for these data.

    In: readings as one column or as rows of subgroups; or counts of nonconforming items or of nonconformities with the
    sizes inspected (one for all, or one each); or cases or times between rare events. Out: Advice. Raises BadInput with
    the place of what is no number. Source: Montgomery, Introduction to SQC, 7.5; Laney 2002; Nelson 1994.
    """
    if nature == "readings":
        return _readings(data)
    if nature in ("items", "nonconformities"):
        return _counts(data, sizes, items=nature == "items")
    if nature != "between":
        raise BadInput("The nature of data is readings, items, nonconformities or between.")
    values = present(numbers(data))
    whole = bool(len(values)) and bool((values == np.rint(values)).all())
    if whole:
        return Advice("g", "Whole numbers of cases between rare events follow a geometric distribution.")
    return Advice("t", "Times between rare events are skewed: they are charted as a power that is nearly normal.")


def _readings(data: Any) -> Advice:
    nested, level = (isinstance(data, np.ndarray) and data.ndim == dimensions for dimensions in (2, 1))
    if level or not (nested or any(isinstance(row, (list, tuple, np.ndarray)) for row in data)):
        return _single(numbers(data))
    rows = table(data if nested else [row if isinstance(row, (list, tuple, np.ndarray)) else [row] for row in data])
    sizes = (~np.isnan(rows)).sum(axis=1)
    widest = int(sizes.max(initial=0))
    if widest < 1:
        raise BadInput("There are no values: give at least one.")
    if widest == 1:
        return _single(np.where(sizes > 0, np.nansum(rows, axis=1), np.nan))
    notes = ("Subgroups differ in size: limits differ from point to point.",) if len(set(sizes[sizes > 0])) > 1 else ()
    if widest > 8:
        return Advice("xbar-s", f"In subgroups of up to {widest} the range wastes information: use s.", notes)
    return Advice("xbar-r", f"Subgroups of up to {widest}: means show the level, ranges the spread within.", notes)


def _single(x: Floats) -> Advice:
    kept = present(x)
    if not len(kept):
        raise BadInput("There are no values: give at least one.")
    skew = anderson_darling(kept)[1]
    notes = ["The values are not normal: limits are rough, capability needs a fitted distribution."]
    notes = notes if skew is not None and skew < 0.005 else []
    if still := standstill(x):
        notes.append(
            f"{still.length} readings in a row, {still.first} to {still.last}, are exactly {still.value:g}: "
            "a value that stands still is often a stuck sensor. Check it before judging the process."
        )
        x = x.copy()
        x[still.first : still.last] = np.nan  # equal readings are alike whatever the process does: the first one counts
    p, r = ljung_box(x).p, lag_one(x)
    if r is None or not warns(x) or p is None or p >= 0.01:
        return Advice("i-mr", "Single readings in order of time.", tuple(notes))
    like, off = "are alike" if r > 0 else "alternate", f"{_off(r)} (correlation {said(r, '.2f')})"
    if abs(r) < _SLIGHT:
        slight = f"Neighbouring values {like} a little: limits from moving ranges are {off}."
        return Advice("i-mr", "Single readings in order of time.", (*notes, slight))
    return Advice(
        "residual",
        f"Neighbouring values {like}: limits from moving ranges would be {off}.",
        (*notes, "A chart of residuals or widened limits hides slow waves: look for their cause first."),
    )


def _off(r: float) -> str:
    """How far moving ranges miss sigma: neighbours of correlation r differ sqrt(1 - r) times as much as independent."""
    miss = 100 * abs(1 - math.sqrt(1 - r))
    return f"about {miss:.0f} % too {'narrow' if r > 0 else 'wide'}"


def _counts(data: Any, sizes: Any, *, items: bool) -> Advice:
    sample = counted(data, sizes, chart="p" if items else "u")
    known = present(sample.sizes)
    equal = len(known) > 0 and bool((known == known[0]).all())
    spread = laney(data, sizes, chart="p" if items else "u").sigma_z if len(known) > 2 else None
    if spread is not None and spread > 1.5 and float(np.mean(known)) >= _HUGE:
        why = f"Sizes are huge and the points spread {spread:.1f} times as widely as chance alone allows."
        return Advice("laney-p" if items else "laney-u", why)
    plain = ("np" if equal else "p") if items else ("c" if equal else "u")
    what = "nonconforming items" if items else "nonconformities"
    why = f"Counts of {what} over {'equal' if equal else 'unequal'} sizes."
    rate = float(np.nansum(sample.counts)) / len(known) if len(known) else 0.0
    rare = (f"On average {rate:.2g} a point: a g or t chart of what lies between them sees more.",) if rate < 1 else ()
    return Advice(plain, why, rare)
