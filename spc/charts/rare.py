"""Charts for counts that plain p, u and c charts misjudge: Laney p' and u' for large sizes, g and t for rare events."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from spc.constants import d2
from spc.estimators import mean, moving_ranges
from spc.limits import Limits, estimate
from spc.rules import RuleNames, evaluate, points
from spc.samples import counted, individuals
from spc.values import BadInput, Floats, Masks, numbers


@dataclass(frozen=True)
class Laney:
    """A p' or u' chart, shape (k,) each: values, limits and the mask.

    sigma_z: spread as a multiple of the binomial or Poisson one, None with a reason where it does not exist;
    plain_beyond: points (from 1) that a p or u chart would have called out.
    """

    values: Floats
    center: float | None
    sigma_z: float | None
    ucl: Floats
    lcl: Floats
    mask: Masks
    plain_beyond: tuple[int, ...]
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rare:
    """A g or t chart: values (n,), one centre and limits, mask.

    limits_of: the i-mr limits of the transformed values of a t chart.
    """

    values: Floats
    center: float | None
    ucl: float | None
    lcl: float | None
    mask: Masks
    limits_of: Limits | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)


def laney(counts: Any, sizes: Any, *, chart: Literal["p", "u"], rules: RuleNames = ("nelson_1",)) -> Laney:
    """Limits widened by the moving-range spread of the standardised values: center +/- 3 sigma_i sigma_z.

    In: k counts and sizes as for spc.samples.counted. Out: Laney; proportions clipped to 0..1, rates not below 0.
    Source: Laney, Quality Engineering 14 (2002).
    """
    sample = counted(counts, sizes, chart=chart)
    limits = estimate(sample)
    lines = limits.along(sample.sizes)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(lines.sigma > 0, (sample.values - lines.center) / lines.sigma, np.nan)
    spread = mean(moving_ranges(z)) / d2(2)
    sigma = lines.sigma * spread
    ceiling = 1.0 if chart == "p" else math.inf
    plain = evaluate(sample.values, lines.center, lines.sigma, ("nelson_1",))
    reasons = dict(limits.reasons)
    if math.isnan(spread):
        reasons["sigma_z"] = "It needs two neighbouring points that vary."
    return Laney(
        sample.values,
        limits.center,
        None if math.isnan(spread) else spread,
        np.minimum(lines.center + 3 * sigma, ceiling),
        np.maximum(lines.center - 3 * sigma, 0.0),
        evaluate(sample.values, lines.center, sigma, rules),
        tuple(points(plain, ("nelson_1",))["nelson_1"]),
        reasons,
    )


def g_chart(x: Any, *, rules: RuleNames = ("nelson_1",)) -> Rare:
    """Numbers of cases between events (geometric): mean g, limits g +/- 3 sqrt(g (g + 1)), lower one not below 0.

    In: n counts from 0 (None = missing). Out: Rare. Source: Kaminsky et al., J. Quality Technology 24 (1992).
    """
    values = _not_negative(x)
    center = mean(values)
    if math.isnan(center):
        return Rare(values, None, None, None, np.zeros(len(values), np.uint32), None, {"center": "There is no value."})
    sigma = math.sqrt(center * (center + 1))
    reasons = {} if sigma > 0 else {"violations": "All counts are 0: the limits have no width and no point is judged."}
    mask = evaluate(values, center, sigma, rules)
    return Rare(values, center, center + 3 * sigma, max(0.0, center - 3 * sigma), mask, None, reasons)


def t_chart(x: Any, *, power: float = 3.6, rules: RuleNames = ("nelson_1",)) -> Rare:
    """Times between events: an individuals chart of x^(1/power), taken back to time.

    In: n times from 0 (None = missing), power > 0. Out: Rare in the unit of x; a negative lower limit becomes 0.
    Source: Nelson, J. Quality Technology 26 (1994): Weibull to normal by the power 1/3.6.
    """
    if not power > 0:
        raise BadInput("The power of a t chart lies above 0, usually 3.6.")
    values = _not_negative(x)
    moved = values ** (1 / power)
    limits = estimate(individuals(moved))
    lines = limits.at()
    if limits.center is None or limits.sigma is None:
        return Rare(values, None, None, None, np.zeros(len(values), np.uint32), limits, dict(limits.reasons))
    ucl, lcl = ((max(0.0, lines[name] or 0.0)) ** power for name in ("ucl", "lcl"))
    mask = evaluate(moved, limits.center, limits.sigma, rules)
    return Rare(values, max(0.0, limits.center) ** power, ucl, lcl, mask, limits, dict(limits.reasons))


def _not_negative(x: Any) -> Floats:
    values = numbers(x)
    if (values < 0).any():
        raise BadInput(
            f"x, entry {int(np.argmax(values < 0)) + 1} is negative: counts and times between events start at 0."
        )
    return values
