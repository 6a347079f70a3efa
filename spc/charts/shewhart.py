"""Shewhart charts (i-mr, xbar-r, xbar-s, p, np, c, u): limits from phase I, every point judged, stage by stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from spc.limits import WIDTH, Limits, Lines, estimate
from spc.rules import RULES, Rule, RuleNames, chosen, evaluate, points
from spc.samples import Sample
from spc.values import BadInput, Bools, Floats, Masks


@dataclass(frozen=True)
class Setup:
    """How to draw a chart.

    phase1 = (first, last) point of the estimate; exclude = points left out of it; stages = first points of further
    stages (all numbers from 1); rules by name or own ones; estimator by name; width of the limits in sigmas.
    """

    rules: tuple[str | Rule, ...] = ("nelson_1",)
    phase1: tuple[int, int] | None = None
    exclude: tuple[int, ...] = ()
    stages: tuple[int, ...] = ()
    estimator: str = ""
    width: float = WIDTH


@dataclass(frozen=True)
class Panel:
    """One chart of a pair, shape (k,) each: plotted values, centre, limits, standard error, mask of fired rules."""

    values: Floats
    center: Floats
    ucl: Floats
    lcl: Floats
    sigma: Floats
    mask: Masks


@dataclass(frozen=True)
class Stage:
    """Points first to last (from 1) judged by one set of limits."""

    first: int
    last: int
    limits: Limits


@dataclass(frozen=True)
class Chart:
    """A judged chart: the location panel, the spread panel of variables charts, and the stages with their limits."""

    kind: str
    location: Panel
    spread: Panel | None
    sizes: Floats
    stages: tuple[Stage, ...]
    rules: tuple[str | Rule, ...]
    excluded: tuple[int, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def limits(self) -> Limits:
        """The limits of the newest stage."""
        return self.stages[-1].limits

    def violations(self) -> dict[str, list[int]]:
        """Rule name -> point numbers (from 1) on the location chart."""
        return points(self.location.mask, self.rules)

    def spread_violations(self) -> list[int]:
        """Point numbers (from 1) beyond the limits of the spread chart."""
        return [] if self.spread is None else points(self.spread.mask, ("nelson_1",))["nelson_1"]


def draw(sample: Sample, setup: Setup = Setup()) -> Chart:
    """Estimates the limits of each stage from its phase I points and judges every point.

    In: a sample of spc.samples and a Setup. Out: a Chart; excluded points are judged too. A stage that phase1 does not
    reach estimates from all its own points. Run rules start afresh at each stage. Raises BadInput for points outside
    the data. Source: Montgomery, Introduction to SQC, chapters 5-7; Nelson 1984.
    """
    starts = _starts(setup, len(sample.values))
    cut = sample.split(starts)
    stages = []
    for first, last in zip(starts, (*(s - 1 for s in starts[1:]), len(sample.values)), strict=True):
        limits = estimate(
            cut, keep=_phase1(setup, first, last, len(sample.values)), estimator=setup.estimator, width=setup.width
        )
        stages.append(Stage(first, last, limits))
    return _assemble(cut, tuple(stages), setup.rules, setup.exclude)


def judge(sample: Sample, limits: Limits, rules: RuleNames = ("nelson_1",)) -> Chart:
    """Phase II: every point judged by stored limits, which do not move.

    In: a sample, the limits, rules by name or own ones. Out: Chart. Raises BadInput for limits of another chart.
    Source: Montgomery, Introduction to SQC, 6.2.2.
    """
    if sample.chart != limits.chart:
        raise BadInput(f"These limits belong to a chart of kind {limits.chart}, the data to {sample.chart}.")
    return _assemble(sample, (Stage(1, len(sample.values), limits),), rules, ())


def _starts(setup: Setup, count: int) -> tuple[int, ...]:
    marked = {"exclude": setup.exclude, "stages": setup.stages, "phase1": setup.phase1 or ()}
    for name, numbers in marked.items():
        for number in numbers:
            if not 1 <= number <= count:
                raise BadInput(f"{name} names point {number}, but the data has points 1 to {count}.")
    if setup.phase1 is not None and setup.phase1[0] > setup.phase1[1]:
        raise BadInput(f"phase1 begins at point {setup.phase1[0]}, after its last point {setup.phase1[1]}.")
    return tuple(sorted({1, *setup.stages}))


def _phase1(setup: Setup, first: int, last: int, count: int) -> Bools:
    number = np.arange(1, count + 1)
    inside = (number >= first) & (number <= last)
    if setup.phase1 is not None:
        asked = inside & (number >= setup.phase1[0]) & (number <= setup.phase1[1])
        inside = asked if asked.any() or not setup.stages else inside
    inside[[point - 1 for point in setup.exclude]] = False
    return inside


def _assemble(sample: Sample, stages: tuple[Stage, ...], rules: RuleNames, exclude: tuple[int, ...]) -> Chart:
    names = tuple(rule.name if RULES.get(rule.name) == rule else rule for rule in chosen(rules))
    parts = [(slice(s.first - 1, s.last), s.limits.along(sample.sizes[s.first - 1 : s.last])) for s in stages]
    location = _panel([(sample.values[cut], line.center, line.ucl, line.lcl, line.sigma) for cut, line in parts], rules)
    spread = (
        None
        if sample.spread is None
        else _panel([_spread(sample.spread[cut], line) for cut, line in parts], ("nelson_1",))
    )
    reasons = {name: why for stage in stages for name, why in stage.limits.reasons.items()}
    return Chart(sample.chart, location, spread, sample.sizes, stages, names, tuple(sorted(exclude)), reasons)


def _spread(values: Floats, lines: Lines) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    center, ucl, lcl, sigma = lines.spread_center, lines.spread_ucl, lines.spread_lcl, lines.spread_sigma
    if center is None or ucl is None or lcl is None or sigma is None:
        raise BadInput("These limits have no spread chart.")
    return values, center, ucl, lcl, sigma


def _panel(parts: list[tuple[Floats, Floats, Floats, Floats, Floats]], rules: RuleNames) -> Panel:
    masks = [evaluate(values, center, sigma, rules) for values, center, _, _, sigma in parts]
    if len(parts) == 1:
        values, center, ucl, lcl, sigma = parts[0]
        return Panel(values, center, ucl, lcl, sigma, masks[0])
    values, center, ucl, lcl, sigma = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Panel(values, center, ucl, lcl, sigma, np.concatenate(masks))
