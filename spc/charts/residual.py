"""Charts for values that depend on their neighbours: residuals of an AR(1) model, and limits widened to fit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spc import estimators
from spc.autocorrelation import LjungBox, lag_one, ljung_box, warns
from spc.charts.timeweighted import Smoothed, bounded, check_width
from spc.constants import c4
from spc.limits import Limits, estimate
from spc.rules import RuleNames, evaluate
from spc.samples import individuals
from spc.values import BadInput, Floats, Masks, numbers, present


@dataclass(frozen=True)
class ResidualChart:
    """An individuals chart of what an AR(1) model leaves: residuals (n,) in the unit of x, NaN where none exists.

    phi: the model's coefficient, level: its mean; before and after: tests of autocorrelation of the values and of the
    residuals (the chart may be trusted when `after` is not significant).
    """

    phi: float
    level: float
    residuals: Floats
    limits: Limits
    mask: Masks
    before: LjungBox
    after: LjungBox
    reasons: Mapping[str, str] = field(default_factory=dict)


def residual_chart(x: Any, *, rules: RuleNames = ("nelson_1",)) -> ResidualChart:
    """Residuals e_i = (x_i - m) - phi (x_(i-1) - m) on an individuals chart with moving-range limits.

    In: n values in order of time (None = gap: no residual there and after), at least six that vary. Out:
    ResidualChart; phi by least squares, kept within -0.999 and 0.999. Raises BadInput for too few values.
    Source: Alwan and Roberts, J. Business and Economic Statistics 6 (1988); Montgomery, Introduction to SQC, 10.4.
    """
    values = numbers(x)
    kept = present(values)
    if len(kept) < 6 or np.ptp(kept) == 0:
        raise BadInput("A residual chart needs at least six values that vary.")
    away = values - kept.mean()
    both = ~np.isnan(away[1:]) & ~np.isnan(away[:-1])
    now, before = away[1:][both], away[:-1][both]
    weight = float(before @ before)
    phi = float(np.clip(now @ before / weight, -0.999, 0.999)) if weight > 0 else 0.0
    residuals = np.full(len(values), np.nan)
    residuals[1:] = away[1:] - phi * away[:-1]
    limits = estimate(individuals(residuals))
    center, sigma = limits.center or 0.0, limits.sigma or math.nan
    return ResidualChart(
        phi=phi,
        level=float(kept.mean()),
        residuals=residuals,
        limits=limits,
        mask=evaluate(residuals, center, sigma, rules),
        before=ljung_box(values),
        after=ljung_box(residuals, fitted=1),
        reasons=dict(limits.reasons),
    )


def widened(x: Any, *, width: float = 3.0, target: float | None = None) -> Smoothed:
    """Individuals chart whose sigma is the overall standard deviation of a stationary series, not the moving ranges.

    In: n values in order of time (None = gap); width in sigmas. Out: Smoothed: center +/- width * s / c4; the reason
    `warning` says when no autocorrelation shows and ordinary limits would do. For data whose neighbours are alike,
    moving ranges understate sigma by about sqrt(1 - r1). Source: Montgomery, Introduction to SQC, 10.4.1 (modified
    limits); Vasilopoulos and Stamboulis, J. Quality Technology 10 (1978).
    """
    check_width(width)
    values = numbers(x)
    kept = present(values)
    count = len(kept)
    sigma = float(np.std(kept, ddof=1)) / c4(count) if count > 1 else math.nan
    center = estimators.mean(values) if target is None else target
    chart = bounded(values, center, sigma if count < 2 or np.ptp(kept) else 0.0, np.full(len(values), width))
    if warns(values) and (lag_one(values) or 0.0) > 0:
        return chart
    note = {"warning": "No positive autocorrelation shows: limits from moving ranges would do."}
    return Smoothed(
        chart.values, chart.center, chart.sigma, chart.ucl, chart.lcl, chart.violations, {**chart.reasons, **note}
    )
