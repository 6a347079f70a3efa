"""From a version of limits to the evaluator that judges its points one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from governance.models import UNRULED, Chart
from governance.queries import kept_design
from spc.live import (
    AverageDesign,
    Evaluator,
    TimeDesign,
    by_average,
    by_cusum,
    by_ewma,
    by_residuals,
    by_rules,
)
from spc.memory import CusumDesign, EwmaDesign
from spc.rules import RuleNames


class Judging(Protocol):
    """What a version of limits knows."""

    @property
    def center(self) -> float: ...
    @property
    def sigma(self) -> float: ...
    @property
    def design(self) -> Mapping[str, Any]: ...


def evaluator(chart: str, limits: Judging, rules: RuleNames) -> Evaluator:
    """The evaluator of a chart under a version of limits, with what was fitted in phase I taken from the version."""
    design, center, sigma = kept_design(chart, limits.design), limits.center, limits.sigma
    if isinstance(design, EwmaDesign):
        return by_ewma(design, center, sigma)
    if isinstance(design, CusumDesign):
        return by_cusum(design, center, sigma)
    if isinstance(design, AverageDesign):
        return by_average(design, center, sigma)
    if isinstance(design, TimeDesign):
        return by_rules(limits.design.get("root", center), sigma, rules, power=design.power)
    if chart == Chart.RESIDUAL:
        return by_residuals(limits.design.get("level", 0.0), limits.design.get("phi", 0.0), center, sigma, rules)
    return by_rules(center, sigma, ("nelson_1",) if chart in UNRULED else rules)
