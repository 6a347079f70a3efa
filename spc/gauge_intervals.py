"""How sure a gauge study is: intervals of every component, of the shares and of ndc."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from spc.gauge import COMPONENTS, Anova
from spc.gauge_nested import Nested
from spc.values import BadInput, Floats

_DRAWS, _SEED = 20_000, 20_26
Interval = tuple[float, float]


@dataclass(frozen=True)
class GaugeIntervals:
    """Intervals at `confidence`: standard deviations (unit of the readings), study share in %, and ndc."""

    confidence: float
    std: Mapping[str, Interval]
    pct_study: Mapping[str, Interval | None]
    ndc: Interval | None


def intervals(found: Anova | Nested, *, trials: int, confidence: float = 0.95) -> GaugeIntervals:
    """Generalised confidence intervals of a gauge study.

    In: the result of gauge.anova or gauge_nested.nested, the number of trials of each part, the confidence. Out:
    GaugeIntervals; every mean square is set to ss / chi-square(df) over 20,000 draws with a fixed seed, negative
    components count as 0. Raises BadInput for a confidence outside 0..1. Sources: Hamada and Weerahandi, J. Quality
    Technology 32 (2000); Burdick, Borror and Montgomery, Design and Analysis of Gauge R&R Studies (2005).
    """
    if not 0 < confidence < 1:
        raise BadInput("The confidence lies between 0 and 1, for example 0.95.")
    rng = np.random.default_rng(_SEED)
    names = [name for name in ("part", "appraiser", "interaction", "repeatability") if name in found.df]
    sums = {name: (found.ss[name], found.df[name]) for name in names}
    if isinstance(found, Anova) and found.pooled:
        extra = sums.pop("interaction")
        sums["repeatability"] = (sums["repeatability"][0] + extra[0], sums["repeatability"][1] + extra[1])
    ms = {name: ss / rng.chisquare(df, _DRAWS) for name, (ss, df) in sums.items()}
    parts, appraisers = _sizes(found)
    variance = _components(ms, parts, appraisers, trials, nested=isinstance(found, Nested))
    tails = [50 * (1 - confidence), 50 * (1 + confidence)]
    std = {name: _range(np.sqrt(values), tails) for name, values in variance.items()}
    total, grr = variance["total"], variance["grr"]
    if not (total > 0).all():
        return GaugeIntervals(confidence, std, dict.fromkeys(COMPONENTS), None)
    shares: dict[str, Interval | None] = {
        name: _range(100 * np.sqrt(values / total), tails) for name, values in variance.items()
    }
    ndc = _range(1.41 * np.sqrt(variance["part"] / grr), tails) if (grr > 0).all() else None
    return GaugeIntervals(confidence, std, shares, ndc)


def _sizes(found: Anova | Nested) -> tuple[int, int]:
    appraisers = found.df["appraiser"] + 1
    return (found.df["part"] // appraisers if isinstance(found, Nested) else found.df["part"]) + 1, appraisers


def _components(ms: Mapping[str, Floats], p: int, a: int, r: int, *, nested: bool) -> dict[str, Floats]:
    error = ms["repeatability"]
    cross = ms["part"] if nested else ms.get("interaction", error)
    part = (ms["part"] - (error if nested else cross)) / (r if nested else a * r)
    kept = {
        "part": np.maximum(0.0, part),
        "appraiser": np.maximum(0.0, (ms["appraiser"] - cross) / (p * r)),
        "interaction": np.zeros(_DRAWS) if nested else np.maximum(0.0, (cross - error) / r),
        "repeatability": error,
    }
    kept["reproducibility"] = kept["appraiser"] + kept["interaction"]
    kept["grr"] = kept["repeatability"] + kept["reproducibility"]
    kept["total"] = kept["grr"] + kept["part"]
    return {name: kept[name] for name in COMPONENTS}


def _range(values: Floats, tails: list[float]) -> Interval:
    low, high = np.percentile(values, tails)
    return float(low), float(high)
