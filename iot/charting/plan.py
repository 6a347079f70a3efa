"""What it takes to judge a characteristic: its chart, its rules and the versions of its limits."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from governance.models import MEMORY, Chart, ValueKind
from governance.queries import design_of
from spc.memory import CusumDesign, EwmaDesign, beyond, cusum_step, ewma_step
from spc.rules import RULES, Rule
from spc.streaming import Step, stepper

SPREAD_HIGH = Rule("spread_high", 1, "Spread above its upper limit", "beyond", 1, 1, 3, 12, "The spread has grown.")
SPREAD_LOW = Rule("spread_low", 1, "Spread below its lower limit", "beyond", 1, 1, 3, 13, "The spread has shrunk.")
REMEMBERED = Rule("remembered", 1, "Beyond its limits", "beyond", 1, 1, 3, 14, "The level has moved a little.")
KNOWN: dict[str, Rule] = {
    **RULES, SPREAD_HIGH.name: SPREAD_HIGH, SPREAD_LOW.name: SPREAD_LOW, REMEMBERED.name: REMEMBERED,
}  # fmt: skip
WATCH_ONLY = frozenset({"nelson_3", "nelson_4", "nelson_7", "nelson_8"})  # early signs, not yet a shift

_AVERAGED = {Chart.XBAR_R.value, Chart.XBAR_S.value, *MEMORY}
_SPREAD_NAMES = {
    Chart.I_MR.value: "Moving range",
    Chart.XBAR_R.value: "Range",
    Chart.XBAR_S.value: "Standard deviation",
    Chart.CUSUM.value: "Downward sum",
}
_REMEMBERED = {Chart.EWMA.value: "Weighted average", Chart.CUSUM.value: "Upward sum"}
Memory = tuple[float, float | None]  # an EWMA, or the sums of a CUSUM: upward and downward


@dataclass(frozen=True)
class Limits:
    """One version of limits, as the judge reads it."""

    id: int
    effective_from: datetime
    revision: int
    center: float
    sigma: float
    ucl: float
    lcl: float | None
    spread_ucl: float | None
    spread_lcl: float | None
    design: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Plan:
    """One characteristic, as the judge reads it; limits in order of time."""

    id: int
    site: int
    parameter: int
    code: str
    name: str
    chart: str
    size: int
    kind: str
    decimals: int
    rules: tuple[str, ...]
    limits: tuple[Limits, ...] = ()
    step: Step = field(init=False, repr=False, compare=False)
    starts: tuple[datetime, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "step", stepper(self.rules))
        object.__setattr__(self, "starts", tuple(limits.effective_from for limits in self.limits))

    @property
    def remembers(self) -> bool:
        """Whether its points carry what came before, so that run rules do not apply to them."""
        return self.chart in MEMORY

    @property
    def per_point(self) -> int:
        """How many readings make one point: a counted value is a whole point, a yes-or-no one is not."""
        return self.size if self.chart in _AVERAGED or self.kind == ValueKind.BOOL else 1

    def limits_at(self, t: datetime) -> Limits | None:
        """The limits that judge a point measured at `t`; None while learning."""
        at = bisect_right(self.starts, t)
        return self.limits[at - 1] if at else None

    def statistic(self, values: list[float]) -> float:
        """What is plotted: the value, the mean, the proportion or the count."""
        if self.chart in (Chart.P, Chart.U):
            return math.fsum(values) / self.size
        if self.chart in (Chart.NP, Chart.C):
            return math.fsum(values)
        return math.fsum(values) / len(values)

    def spread(self, values: list[float], before: float | None) -> float | None:
        """Moving range against the point before, range or standard deviation; None where there is none."""
        if self.chart == Chart.I_MR:
            return None if before is None else abs(values[0] - before)
        if self.chart == Chart.XBAR_R:
            return max(values) - min(values)
        if self.chart == Chart.XBAR_S:
            mean = math.fsum(values) / len(values)
            return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
        return None

    def spread_bits(self, spread: float | None, limits: Limits) -> int:
        """The bits of a spread outside its own limits."""
        if spread is None:
            return 0
        if limits.spread_ucl is not None and spread > limits.spread_ucl:
            return 1 << SPREAD_HIGH.bit
        if limits.spread_lcl is not None and spread < limits.spread_lcl:
            return 1 << SPREAD_LOW.bit
        return 0

    def remember(self, before: Memory | None, statistic: float, limits: Limits) -> tuple[Memory | None, int]:
        """What a chart with a memory has come to, and the bits of what lies beyond its limits."""
        design = design_of(self.chart, limits.design)
        target, sigma = limits.center, limits.sigma
        if isinstance(design, EwmaDesign):
            z = ewma_step(before[0] if before else None, statistic, target=target, weight=design.weight)
            out = beyond(abs(z - target), design.reach(sigma), sigma=sigma, target=target)
            return (z, None), out << REMEMBERED.bit
        if isinstance(design, CusumDesign):
            sums = (before[0], before[1] or 0.0) if before else None
            up, down = cusum_step(sums, statistic, target=target, k=design.k * sigma)
            high, low = (beyond(c, design.h * sigma, sigma=sigma, target=target) for c in (up, down))
            return (up, down), high << REMEMBERED.bit | low << SPREAD_HIGH.bit
        return None, 0

    def distance(self, statistic: float, memory: Memory | None, limits: Limits) -> float:
        """How far a point lies from its centre line, in sigmas of what is plotted; below it negative."""
        if limits.sigma <= 0:
            return 0.0
        design = design_of(self.chart, limits.design)
        if memory is None or design is None:
            return (statistic - limits.center) / limits.sigma
        if isinstance(design, EwmaDesign):
            return (memory[0] - limits.center) * design.width / design.reach(limits.sigma)
        up, down = memory[0], memory[1] or 0.0
        return (up if up >= down else -down) / limits.sigma

    def plotted(self, statistic: float, memory: Memory | None) -> tuple[float, bool]:
        """The value a person sees, and whether it counts from 0: of two sums the larger."""
        if memory is None:
            return statistic, False
        return (max(memory[0], memory[1]), True) if memory[1] is not None else (memory[0], False)

    def broken(self, mask: int) -> list[str]:
        """Names of the rules a mask holds: the plotted value's first, in the order of their bits."""
        return [rule.name for rule in sorted(KNOWN.values(), key=lambda rule: rule.bit) if mask >> rule.bit & 1]

    def words(self, name: str, *, high: bool) -> str:
        """A broken rule as a sentence about this chart: "2 of 3 means beyond 2σ, low side"."""
        rule = KNOWN[name]
        if rule is REMEMBERED:
            below = self.chart == Chart.EWMA and not high
            what = _REMEMBERED.get(self.chart, "Average")
            return f"{what} below its lower limit" if below else f"{what} above its upper limit"
        if rule in (SPREAD_HIGH, SPREAD_LOW):
            return rule.words.replace("Spread", _SPREAD_NAMES.get(self.chart, "Spread"))
        text = rule.words.replace("point", "mean") if self.chart in _AVERAGED else rule.words
        text = text.replace("on one side of the centre line", f"{'above' if high else 'below'} the centre line")
        side = f", {'high' if high else 'low'} side"
        return f"{text.removesuffix(' on one side')}{side}" if rule.test == "beyond" else text


def watch_only(rules: list[str]) -> bool:
    """Whether a signal is an early sign (a drift, a pattern) rather than a shift."""
    return all(rule in WATCH_ONLY for rule in rules)


_LOCATION = sorted((rule for rule in KNOWN.values() if rule not in (SPREAD_HIGH, SPREAD_LOW)), key=lambda r: r.number)
_SPREAD_BITS = 1 << SPREAD_HIGH.bit | 1 << SPREAD_LOW.bit


def rule_marks(mask: int) -> tuple[int | str, ...]:
    """The rule numbers a mask shows beside its point; R stands for the spread chart."""
    numbers: dict[int | str, None] = {rule.number: None for rule in _LOCATION if mask >> rule.bit & 1}
    return (*numbers, "R") if mask & _SPREAD_BITS else tuple(numbers)
