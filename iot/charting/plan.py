"""What it takes to judge a characteristic: its chart, its rules and the versions of its limits."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from governance.models import AVERAGED, COUNTED, MULTIVARIATE, SHORT_RUNS, Chart, ValueKind
from governance.queries import MOST_OWN, OWN_BIT, kept_design
from iot.charting.evaluators import evaluator
from spc.live import AverageDesign, Drawn, Evaluator, TimeDesign, Trace, by_rules, deviation, rooted
from spc.memory import CusumDesign, EwmaDesign
from spc.rules import RULES, Rule

SPREAD_HIGH = Rule("spread_high", 1, "Spread above its upper limit", "beyond", 1, 1, 3, 12, "The spread has grown.")
SPREAD_LOW = Rule("spread_low", 1, "Spread below its lower limit", "beyond", 1, 1, 3, 13, "The spread has shrunk.")
REMEMBERED = Rule("remembered", 1, "Beyond its limits", "beyond", 1, 1, 3, 14, "The level has moved a little.")
KNOWN: dict[str, Rule] = {
    **RULES, SPREAD_HIGH.name: SPREAD_HIGH, SPREAD_LOW.name: SPREAD_LOW, REMEMBERED.name: REMEMBERED,
}  # fmt: skip
WATCH_ONLY = frozenset({"nelson_3", "nelson_4", "nelson_7", "nelson_8"})  # early signs, not yet a shift

_RATES = frozenset(one.value for one in (Chart.P, Chart.U, Chart.LANEY_P, Chart.LANEY_U, Chart.EWMA_P, Chart.EWMA_U))
_SPREAD_NAMES = {
    Chart.I_MR.value: "Moving range",
    Chart.SHORT_RUN.value: "Moving range",
    Chart.SHORT_RUN_Z.value: "Moving range",
    Chart.XBAR_R.value: "Range",
    Chart.XBAR_S.value: "Standard deviation",
    Chart.CUSUM.value: "Downward sum",
}
_REMEMBERED = {
    Chart.EWMA.value: "Weighted average",
    Chart.EWMA_P.value: "Weighted average",
    Chart.EWMA_U.value: "Weighted average",
    Chart.CUSUM.value: "Upward sum",
    Chart.MOVING_AVERAGE.value: "Moving average",
    Chart.T2.value: "T²",
    Chart.MEWMA.value: "T² of the weighted averages",
}
_POINT_NAMES = {
    Chart.RESIDUAL.value: "residual",
    Chart.SHORT_RUN.value: "deviation",
    Chart.SHORT_RUN_Z.value: "deviation",
}
RELATIVE = SHORT_RUNS | {Chart.RESIDUAL.value}  # what is drawn counts from a value of its own at each point
RANGED = SHORT_RUNS | {Chart.I_MR.value}  # drawn with the moving ranges of what is judged
APART = RELATIVE | {Chart.CUSUM.value}  # what is drawn has another height than the values of the learning stage


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
    design: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()  # those signed with it; none where the characteristic's hold


@dataclass(frozen=True)
class Run:
    """A part in production from a moment on, with its nominal and, where it is standardised, its sigma."""

    begins: datetime
    part: str
    nominal: float
    sigma: float | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """One characteristic, as the judge reads it; limits and runs in order of time."""

    id: int
    site: int
    parameter: int
    code: str
    name: str
    chart: str
    size: int
    kind: str
    decimals: int
    rules: tuple[Rule, ...]
    limits: tuple[Limits, ...] = ()
    runs: tuple[Run, ...] = ()
    evaluators: Mapping[int, Evaluator] = field(init=False, repr=False, compare=False)
    starts: tuple[datetime, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        judging = {x.id: evaluator(self.chart, x, x.rules or self.rules) for x in self.limits}
        object.__setattr__(self, "evaluators", judging)
        object.__setattr__(self, "starts", tuple(limits.effective_from for limits in self.limits))

    @property
    def per_point(self) -> int:
        """How many readings make one point: a counted value is a whole point, a yes-or-no one is not."""
        return self.size if self.chart in AVERAGED or self.kind == ValueKind.BOOL else 1

    @property
    def span(self) -> int:
        """How many points a moving average holds; 0 for any other chart."""
        designs = (kept_design(self.chart, limits.design) for limits in self.limits)
        return max((design.span for design in designs if isinstance(design, AverageDesign)), default=0)

    def limits_at(self, t: datetime) -> Limits | None:
        """The limits that judge a point measured at `t`; None while learning."""
        at = bisect_right(self.starts, t)
        return self.limits[at - 1] if at else None

    def run_at(self, t: datetime) -> Run | None:
        """The part in production at `t`."""
        at = bisect_right(self.runs, t, key=lambda run: run.begins)
        return self.runs[at - 1] if at else None

    def statistic(self, values: list[float]) -> float:
        """What a point comes to: the value, the mean, the proportion or the count."""
        return total(values) / self.divisor(len(values))

    def divisor(self, count: int) -> int:
        """What the sum of a point's values is divided by."""
        if self.chart in _RATES:
            return self.size
        return 1 if self.chart in COUNTED else count

    def spread(self, values: list[float], entering: float, before: float | None) -> float | None:
        """Moving range against the point before, range or standard deviation; None where there is none.

        In a short run the ranges are those of the deviations, also from one part to the next.
        """
        if self.chart in RANGED:
            return None if before is None or math.isnan(entering) else abs(entering - before)
        if self.chart == Chart.XBAR_R:
            return max(values) - min(values)
        if self.chart == Chart.XBAR_S:
            mean = total(values) / len(values)
            return math.sqrt(total([(value - mean) * (value - mean) for value in values]) / (len(values) - 1))
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

    def entering(self, statistic: float, t: datetime) -> float:
        """What the evaluator is given: in a short run the deviation from the part's nominal, NaN without a part."""
        if self.chart not in SHORT_RUNS:
            return statistic
        run = self.run_at(t)
        if run is None or (self.chart == Chart.SHORT_RUN_Z and run.sigma is None):
            return math.nan
        return deviation(statistic, run.nominal, run.sigma if self.chart == Chart.SHORT_RUN_Z else None)

    def judge(self, trace: Trace, statistic: float, t: datetime, limits: Limits | None) -> tuple[Trace, Drawn]:
        """One point: what the next one needs, and what is drawn and broken; nothing is broken while learning."""
        step = self.evaluators[limits.id] if limits else _LEARNING
        return step(trace, self.entering(statistic, t))

    def bits(self, drawn: Drawn, spread: float | None, limits: Limits | None) -> int:
        """The mask of a point: run rules, what lies beyond limits, and its spread."""
        if limits is None:
            return 0
        mask = drawn.mask | drawn.beyond << REMEMBERED.bit | drawn.second_beyond << SPREAD_HIGH.bit
        return mask | self.spread_bits(spread, limits)

    def kept(self, drawn: Drawn, limits: Limits | None) -> tuple[float | None, float | None]:
        """What is stored beside the statistic because it is drawn in its place, and what is drawn below."""
        if self.chart in SHORT_RUNS or (limits and (self.chart in _REMEMBERED or self.chart in RELATIVE)):
            return drawn.value, drawn.second
        return None, None

    def distance(self, statistic: float, kept: tuple[float | None, float | None], limits: Limits) -> float:
        """How far a point lies from its centre line, in sigmas of what is plotted; below it negative."""
        if limits.sigma <= 0:
            return 0.0
        if self.chart in MULTIVARIATE:
            return math.sqrt(statistic)
        design, (up, down) = kept_design(self.chart, limits.design), kept
        if isinstance(design, TimeDesign):
            root: float = limits.design.get("root", limits.center)
            return (rooted(statistic, design.power) - root) / limits.sigma
        if up is None or isinstance(design, CusumDesign):
            sums = (up or 0.0, down or 0.0)
            far = sums[0] if sums[0] >= sums[1] else -sums[1]
            return (statistic - limits.center if up is None else far) / limits.sigma
        if isinstance(design, (EwmaDesign, AverageDesign)):
            return (up - limits.center) * design.width / design.reach(limits.sigma)
        return (up - limits.center) / limits.sigma

    def plotted(
        self, statistic: float, t: datetime, kept: tuple[float | None, float | None], limits: Limits
    ) -> tuple[float, float]:
        """The value a person sees in a signal, and what it should have been: of two sums the larger, against 0."""
        up, down = kept
        if up is None:
            return statistic, limits.center
        if down is not None:
            return max(up, down), 0.0
        if self.chart not in RELATIVE:
            return up, limits.center
        run = self.run_at(t) if self.chart == Chart.SHORT_RUN_Z else None
        return statistic, statistic - (up - limits.center) * (run.sigma or 1.0 if run else 1.0)

    def broken(self, mask: int, limits: Limits) -> list[Rule]:
        """The rules a mask holds under a version of limits: the plotted value's first, in the order of their bits."""
        return broken(mask, limits.rules or self.rules)

    def words(self, rule: Rule, *, high: bool) -> str:
        """A broken rule as a sentence about this chart: "2 of 3 means beyond 2σ, low side"."""
        if rule is REMEMBERED:
            below = self.chart != Chart.CUSUM and not high
            what = _REMEMBERED.get(self.chart, "Average")
            return f"{what} below its lower limit" if below else f"{what} above its upper limit"
        if rule in (SPREAD_HIGH, SPREAD_LOW):
            return rule.words.replace("Spread", _SPREAD_NAMES.get(self.chart, "Spread"))
        named = "mean" if self.chart in AVERAGED else _POINT_NAMES.get(self.chart, "point")
        text = rule.words.replace("point", named)
        text = text.replace("on one side of the centre line", f"{'above' if high else 'below'} the centre line")
        side = f", {'high' if high else 'low'} side"
        return f"{text.removesuffix(' on one side')}{side}" if rule.test == "beyond" else text


def total(values: Sequence[float]) -> float:
    """The sum, rounded once; infinite where it is larger than a number can be."""
    try:
        return math.fsum(values)
    except OverflowError:
        return math.copysign(math.inf, sum(values))


def totals(rows: Sequence[Sequence[float]]) -> list[float]:
    """The sums of many points."""
    try:
        return list(map(math.fsum, rows))
    except OverflowError:
        return list(map(total, rows))


_LEARNING = by_rules(0.0, 0.0, ())


def watch_only(rules: list[str]) -> bool:
    """Whether a signal is an early sign (a drift, a pattern) rather than a shift."""
    return all(rule in WATCH_ONLY for rule in rules)


def broken(mask: int, rules: Sequence[Rule]) -> list[Rule]:
    """The rules a mask holds, in the order of their bits; own rules are those of the set that judged."""
    known = {rule.bit: rule for rule in (*KNOWN.values(), *(rule for rule in rules if rule.name not in RULES))}
    return [known[bit] for bit in sorted(known) if mask >> bit & 1]


_LOCATION = sorted((rule for rule in KNOWN.values() if rule not in (SPREAD_HIGH, SPREAD_LOW)), key=lambda r: r.number)
_SPREAD_BITS = 1 << SPREAD_HIGH.bit | 1 << SPREAD_LOW.bit


def rule_marks(mask: int) -> tuple[int | str, ...]:
    """The marks a mask shows beside its point: numbers of known rules, O1 for an own rule, R for the spread chart."""
    numbers: dict[int | str, None] = {rule.number: None for rule in _LOCATION if mask >> rule.bit & 1}
    own = [f"O{at + 1}" for at in range(MOST_OWN) if mask >> OWN_BIT + at & 1]
    return (*numbers, *own, "R") if mask & _SPREAD_BITS else (*numbers, *own)


def mark_of(rule: Rule) -> str:
    """The mark of one rule, as it stands beside points."""
    return str(next(iter(rule_marks(1 << rule.bit)), rule.label))
