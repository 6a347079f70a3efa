"""Charts point by point, for live data: what is drawn of each value, what is remembered, what it breaks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from spc.memory import CusumDesign, EwmaDesign, beyond, cusum_step, ewma_step
from spc.rules import NOISE, ROUNDING, RuleNames
from spc.streaming import START, State, stepper
from spc.values import BadInput

_STREAMS, _STEPS, _SEED = 2000, 1500, 20_26


@dataclass(frozen=True, slots=True)
class Trace:
    """What the next point needs of those before it; a stage begins with an empty one.

    rules: registers of the run rules; last: the value before (None after a gap); window: the values a moving average
    still holds (NaN = gap), newest last; up and down: an EWMA, or the two sums of a CUSUM.
    """

    rules: State = START
    last: float | None = None
    window: tuple[float, ...] = ()
    up: float | None = None
    down: float | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """One judged point: what is drawn (None where nothing is), its mask of run rules, and what lies beyond limits.

    second: the downward sum; ucl and lcl: limits of this point alone, None where the stage's hold.
    """

    value: float | None
    second: float | None = None
    mask: int = 0
    beyond: bool = False
    second_beyond: bool = False
    ucl: float | None = None
    lcl: float | None = None


Evaluator: TypeAlias = Callable[[Trace, float], "tuple[Trace, Drawn]"]


@dataclass(frozen=True)
class AverageDesign:
    """Span w of a moving average, 2 to 100 points, and width of its limits in sigmas of the average."""

    span: int = 5
    width: float = 3.0

    def __post_init__(self) -> None:
        if self.span != int(self.span) or not (2 <= self.span <= 100 and 0 < self.width <= 10):
            raise BadInput("A moving average needs a span w of 2 to 100 points, and a width above 0 and up to 10.")
        object.__setattr__(self, "span", int(self.span))

    def reach(self, sigma: float, count: int | None = None) -> float:
        """Distance of the limits from the target where the mean holds `count` values (default: all of the span)."""
        return self.width * sigma / math.sqrt(count or self.span)


@dataclass(frozen=True)
class TimeDesign:
    """The power that makes times between events nearly normal, above 1 and up to 10: x^(1/power) is judged."""

    power: float = 3.6

    def __post_init__(self) -> None:
        if not 1 <= self.power <= 10:
            raise BadInput("A t chart needs a power from 1 to 10, usually 3.6.")


def rooted(x: float, power: float) -> float:
    """A time between events as it is judged: x^(1/power); NaN for a negative one.

    In: x in any unit, power from 1. Out: a float. Source: Nelson, J. Quality Technology 26 (1994).
    """
    return float(x ** (1 / power)) if x >= 0 else math.nan


def by_rules(center: float, sigma: float, rules: RuleNames, *, power: float = 1.0) -> Evaluator:
    """Every chart whose points stand for themselves: values, means, proportions, counts, deviations, times.

    In: centre and sigma of what is judged (of x^(1/power) for times between events), rules. Out: an evaluator of
    (Trace, x), x NaN = gap. Source: spc.rules.evaluate; with the sigma of spc.charts.rare a Laney p', u', g or t chart,
    with that of spc.charts.residual.widened one with widened limits.
    """
    step = stepper(rules)

    def advance(trace: Trace, x: float) -> tuple[Trace, Drawn]:
        state, mask = step(trace.rules, x if power == 1 else rooted(x, power), center, sigma)
        there = None if math.isnan(x) else x
        return Trace(state, there), Drawn(there, mask=mask)

    return advance


def by_residuals(level: float, phi: float, center: float, sigma: float, rules: RuleNames) -> Evaluator:
    """Residuals of an AR(1) model: e = (x - level) - phi (last - level), none for the first value and after a gap.

    In: the model's level and phi, centre and sigma of the residuals in the same unit, rules. Out: an evaluator of
    (Trace, x). Source: Alwan and Roberts 1988; the same as spc.charts.residual.residual_chart.
    """
    step = stepper(rules)

    def advance(trace: Trace, x: float) -> tuple[Trace, Drawn]:
        there = None if math.isnan(x) else x
        known = there is not None and trace.last is not None
        left = (x - level) - phi * ((trace.last or 0.0) - level) if known else math.nan
        state, mask = step(trace.rules, left, center, sigma)
        return Trace(state, there), Drawn(left if known else None, mask=mask)

    return advance


def by_average(design: AverageDesign, center: float, sigma: float) -> Evaluator:
    """Moving average of the last w values, of those there are at the start, with limits as exact as their number.

    In: the design, target and sigma of one plotted value. Out: an evaluator of (Trace, x), x NaN = gap; limits of the
    point itself where it holds fewer than w values. Source: Montgomery 9.3; spc.charts.timeweighted.moving_average.
    """
    noise = NOISE * sigma + ROUNDING * abs(center)

    def advance(trace: Trace, x: float) -> tuple[Trace, Drawn]:
        window = (*trace.window, x)[-design.span :]
        after = Trace(last=x, window=window)
        if math.isnan(x):
            return after, Drawn(None)
        held = [value for value in window if not math.isnan(value)]
        mean, reach = math.fsum(held) / len(held), design.reach(sigma, len(held))
        out = sigma > 0 and abs(mean - center) > reach + noise
        if len(held) == design.span:
            return after, Drawn(mean, beyond=out)
        return after, Drawn(mean, beyond=out, ucl=center + reach, lcl=center - reach)

    return advance


def by_ewma(design: EwmaDesign, center: float, sigma: float) -> Evaluator:
    """EWMA with asymptotic limits, of values, means, proportions or rates; it stands still at a gap.

    In: the design, target and sigma of one plotted value. Out: an evaluator of (Trace, x).
    Source: Roberts 1959; for counts Borror, Champ and Rigdon, J. Quality Technology 30 (1998).
    """
    reach = design.reach(sigma)

    def advance(trace: Trace, x: float) -> tuple[Trace, Drawn]:
        if math.isnan(x):
            return trace, Drawn(None)
        z = ewma_step(trace.up, x, target=center, weight=design.weight)
        out = beyond(abs(z - center), reach, sigma=sigma, target=center)
        return Trace(last=x, up=z), Drawn(z, beyond=out)

    return advance


def by_cusum(design: CusumDesign, center: float, sigma: float) -> Evaluator:
    """Two-sided tabular CUSUM started at 0; the sums stand still at a gap.

    In: the design, target and sigma of one plotted value. Out: an evaluator of (Trace, x). Source: Page 1954.
    """

    def advance(trace: Trace, x: float) -> tuple[Trace, Drawn]:
        if math.isnan(x):
            return trace, Drawn(None)
        before = None if trace.up is None else (trace.up, trace.down or 0.0)
        up, down = cusum_step(before, x, target=center, k=design.k * sigma)
        high, low = (beyond(c, design.h * sigma, sigma=sigma, target=center) for c in (up, down))
        return Trace(last=x, up=up, down=down), Drawn(up, down, beyond=high, second_beyond=low)

    return advance


def deviation(x: float, nominal: float, sigma: float | None = None) -> float:
    """A value of a short run as it is drawn: x - nominal, in sigmas of its part where one is given.

    In: x, nominal and sigma in one unit. Out: unit of x, or sigmas; NaN for a sigma that is not above 0.
    Source: Montgomery, Introduction to SQC, 10.1; the same as spc.charts.shortrun.short_run.
    """
    if sigma is None:
        return x - nominal
    return (x - nominal) / sigma if sigma > 0 else math.nan


@lru_cache(maxsize=256)
def average_run_length(design: AverageDesign, *, shift: float = 0.0) -> float:
    """Average run length of a moving average whose window is full, by simulation with a fixed seed.

    In: the design, a shift of the mean in sigmas. Out: points to the first signal, each signal starting the window
    anew; 0 shift = between false alarms; infinite where none came in three million points.
    Source: simulation of the definition in by_average().
    """
    rng, reach = np.random.default_rng(_SEED), np.array([design.reach(1.0, n + 1) for n in range(design.span)])
    held, seen, alarms = np.zeros((design.span, _STREAMS)), np.zeros(_STREAMS, dtype=np.int64), 0
    for step in range(_STEPS):
        place = seen % design.span
        held[place, np.arange(_STREAMS)] = rng.standard_normal(_STREAMS) + shift
        seen += 1
        count = np.minimum(seen, design.span)
        hit = np.abs(held.sum(axis=0) / count) > reach[count - 1]
        held[:, hit], seen[hit] = 0.0, 0
        alarms += int(hit.sum()) if step >= _STEPS // 5 else 0
    points = _STREAMS * (_STEPS - _STEPS // 5)
    return points / alarms if alarms else math.inf
