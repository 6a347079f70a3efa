"""Does the gauge read right: bias against a reference, linearity over the range, stability over time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spc.charts import Chart, Setup, draw
from spc.hypotheses import t_one
from spc.regression import Regression, regression
from spc.rules import WESTERN_ELECTRIC
from spc.samples import individuals, subgroups
from spc.trend import mann_kendall
from spc.values import BadInput, numbers, present


@dataclass(frozen=True)
class Bias:
    """Mean reading less the reference (unit of x), its interval, t and p; repeatability = s of the readings.

    pct_tolerance, pct_process: the bias in % of the tolerance or of 6 sigma of the process (None when not given).
    """

    reference: float
    n: int
    mean: float
    bias: float
    repeatability: float
    t: float | None
    df: float
    p: float | None
    ci: tuple[float | None, float | None] | None
    pct_tolerance: float | None
    pct_process: float | None
    acceptable: bool | None
    reason: str = ""


@dataclass(frozen=True)
class Linearity:
    """Line of bias over reference: slope and intercept with their p, R squared, s, and the bias at each reference.

    acceptable: neither slope nor intercept differs from zero; linearity = |slope| times the process spread 6 sigma,
    None when that is not given.
    """

    slope: float
    intercept: float
    slope_p: float | None
    intercept_p: float | None
    r_squared: float | None
    s: float | None
    bias: Mapping[str, Bias]
    mean_bias: float
    linearity: float | None
    pct_linearity: float | None
    acceptable: bool | None
    line: Regression


@dataclass(frozen=True)
class Stability:
    """A master read again and again: the chart, whether it signals or drifts (Mann-Kendall p), and its bias."""

    chart: Chart
    signals: Mapping[str, list[int]]
    drift_p: float | None
    stable: bool | None
    bias: float | None


def bias(
    x: Any, *, reference: float, tolerance: float | None = None, sigma: float | None = None, confidence: float = 0.95
) -> Bias:
    """Bias of a gauge from repeated readings of one master.

    In: n >= 2 readings (None left out), the reference value, the tolerance USL - LSL and the process sigma if known.
    Out: Bias; acceptable = zero lies within the interval, None when the readings do not vary. Raises BadInput.
    Source: AIAG, Measurement Systems Analysis, 4th ed., chapter III B.
    """
    found = t_one(x, mean=reference, confidence=confidence)
    values = present(numbers(x))
    away = float(values.mean()) - reference
    ci = None if found.ci is None else tuple(None if end is None else end - reference for end in found.ci)
    return Bias(
        reference=reference,
        n=len(values),
        mean=float(values.mean()),
        bias=away,
        repeatability=0.0 if np.ptp(values) == 0 else float(values.std(ddof=1)),
        t=found.statistic,
        df=len(values) - 1.0,
        p=found.p,
        ci=None if ci is None else (ci[0], ci[1]),
        pct_tolerance=100 * abs(away) / tolerance if tolerance else None,
        pct_process=100 * abs(away) / (6 * sigma) if sigma else None,
        acceptable=None if found.p is None else found.p >= 1 - confidence,
        reason=found.reason,
    )


def linearity(readings: Mapping[str, Any], *, sigma: float | None = None, confidence: float = 0.95) -> Linearity:
    """Whether the bias changes over the range.

    In: reference value (as a number or its text) -> readings of that master, at least two different references; the
    process sigma if known. Out: Linearity by least squares of every reading's bias. Raises BadInput naming a reference
    that is not a number. Source: AIAG, Measurement Systems Analysis, 4th ed., chapter III B.
    """
    columns = {_reference(name): present(numbers(values, name=str(name))) for name, values in readings.items()}
    x = np.concatenate([np.full(len(v), r) for r, v in columns.items()]) if columns else np.empty(0)
    y = np.concatenate([v - r for r, v in columns.items()]) if columns else np.empty(0)
    if len(columns) < 2 or len(y) < 3:
        raise BadInput("Linearity needs readings of at least two masters, three readings in all.")
    line = regression(y, {"reference": x}, confidence=confidence)
    constant, slope = line.terms
    shown = [term.p is not None and term.p < 1 - confidence for term in (constant, slope)]
    spread = None if sigma is None else 6 * sigma
    return Linearity(
        slope=slope.estimate,
        intercept=constant.estimate,
        slope_p=slope.p,
        intercept_p=constant.p,
        r_squared=line.r_squared,
        s=line.s,
        bias={f"{r:g}": bias(v, reference=r, confidence=confidence) for r, v in columns.items() if len(v) > 1},
        mean_bias=float(y.mean()),
        linearity=None if spread is None else abs(slope.estimate) * spread,
        pct_linearity=None if spread is None else 100 * abs(slope.estimate),
        acceptable=None if constant.p is None or slope.p is None else not any(shown),
        line=line,
    )


def _reference(name: Any) -> float:
    try:
        value = float(name)
    except (TypeError, ValueError) as error:
        raise BadInput(f"The reference {name!r} is not a number.") from error
    if not math.isfinite(value):
        raise BadInput(f"The reference {name!r} is not a number.")
    return value


def stability(readings: Any, *, reference: float | None = None) -> Stability:
    """Whether the gauge moved over time: a chart of a master with the rules of Western Electric, and a test of drift.

    X-bar/R for rows, I-MR for single readings. In: rows of repeated readings in order of time, or single readings; the
    reference if known. Out: Stability; stable None when no limits can be drawn. Raises BadInput.
    Source: AIAG, Measurement Systems Analysis, 4th ed., chapter III B.
    """
    rows = any(isinstance(row, (list, tuple, np.ndarray)) for row in readings)
    chart = draw(subgroups(readings) if rows else individuals(readings), Setup(rules=WESTERN_ELECTRIC))
    means = present(chart.location.values)
    drift = mann_kendall(means).p if len(means) > 3 else None
    signals = {**chart.violations(), "spread": chart.spread_violations()}
    judged = chart.limits.sigma is not None
    return Stability(
        chart=chart,
        signals=signals,
        drift_p=drift,
        stable=not any(signals.values()) and not (drift is not None and drift < 0.01) if judged else None,
        bias=None if reference is None or not len(means) else float(means.mean()) - reference,
    )
