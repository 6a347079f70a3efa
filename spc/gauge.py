"""Gauge repeatability and reproducibility of a crossed study: analysis of variance, and average and range."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.constants import d2, d3
from spc.values import BadInput, Floats, table

COMPONENTS = ("part", "appraiser", "interaction", "repeatability", "reproducibility", "grr", "total")


@dataclass(frozen=True)
class Shares:
    """Standard deviation of each component, its share of the total variance and of the study spread (%), and ndc."""

    std: Mapping[str, float]
    pct_contribution: Mapping[str, float | None]
    pct_study: Mapping[str, float | None]
    ndc: int | None


@dataclass(frozen=True)
class Anova:
    """Crossed study by analysis of variance: table by source, the test of the interaction, and variance components.

    pooled: the interaction was not shown and joined repeatability, pooled_ms = their common mean square.
    """

    ss: Mapping[str, float]
    df: Mapping[str, int]
    ms: Mapping[str, float]
    interaction_f: float | None
    interaction_p: float | None
    pooled: bool
    pooled_ms: float | None
    variance: Mapping[str, float]
    shares: Shares
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AverageRange:
    """Crossed study by average and range: r_bar, difference of appraiser means, range of part means, and the shares."""

    r_bar: float
    x_diff: float
    r_part: float
    variance: Mapping[str, float]
    shares: Shares


def study(trials_by_appraiser: Mapping[str, Any]) -> Floats:
    """Readings as an array.

    In: appraiser -> rows of trials with one reading per part. Out: (appraisers, trials, parts). Raises BadInput naming
    appraiser, row and column for a missing reading or rows that do not match. Source: AIAG MSA, 4th ed., table III-B 1.
    """
    if not isinstance(trials_by_appraiser, Mapping) or len(trials_by_appraiser) < 2:
        raise BadInput("A crossed gauge study needs at least two appraisers.")
    parts = [table(rows, name=f"Appraiser {name}") for name, rows in trials_by_appraiser.items()]
    for name, rows in zip(trials_by_appraiser, parts, strict=True):
        if rows.shape != parts[0].shape:
            raise BadInput(
                f"Appraiser {name} has {rows.shape[0]} x {rows.shape[1]} readings, the first {parts[0].shape[0]} x "
                f"{parts[0].shape[1]}: a crossed study needs the same trials and parts."
            )
        if np.isnan(rows).any():
            row, column = np.argwhere(np.isnan(rows))[0] + 1
            raise BadInput(
                f"Appraiser {name}, trial {row}, part {column} has no reading: a crossed study needs all of them."
            )
    data = np.stack(parts)
    if data.shape[1] < 2 or data.shape[2] < 2:
        raise BadInput("A crossed gauge study needs at least two trials of at least two parts.")
    return data


def anova(data: Floats, *, pool_above: float = 0.25, multiplier: float = 6.0) -> Anova:
    """Variance components of a crossed study with random parts and appraisers.

    In: readings (appraisers, trials, parts); the interaction is pooled when its p is above pool_above; study spread =
    multiplier x sigma. Out: Anova in the unit of the readings; negative components become 0.
    Source: AIAG, Measurement Systems Analysis, 4th ed., chapter III B; Montgomery 8.7.
    """
    a, r, p = data.shape
    grand, cells = data.mean(), data.mean(axis=1)
    by_part, by_appraiser = data.mean(axis=(0, 1)), data.mean(axis=(1, 2))
    ss = {
        "part": a * r * float(np.sum((by_part - grand) ** 2)),
        "appraiser": p * r * float(np.sum((by_appraiser - grand) ** 2)),
        "interaction": r * float(np.sum((cells - by_part[None, :] - by_appraiser[:, None] + grand) ** 2)),
        "repeatability": float(np.sum((data - cells[:, None, :]) ** 2)),
        "total": float(np.sum((data - grand) ** 2)),
    }
    df = {
        "part": p - 1,
        "appraiser": a - 1,
        "interaction": (a - 1) * (p - 1),
        "repeatability": a * p * (r - 1),
        "total": a * r * p - 1,
    }
    ms = {name: ss[name] / df[name] for name in ("part", "appraiser", "interaction", "repeatability")}
    f = ms["interaction"] / ms["repeatability"] if ms["repeatability"] > 0 else None
    chance = None if f is None else float(scipy.stats.f.sf(f, df["interaction"], df["repeatability"]))
    pooled = chance is not None and chance > pool_above
    common = (ss["interaction"] + ss["repeatability"]) / (df["interaction"] + df["repeatability"])
    error, cross = (common, common) if pooled else (ms["repeatability"], ms["interaction"])
    variance = sums(
        {
            "part": (ms["part"] - cross) / (a * r),
            "appraiser": (ms["appraiser"] - cross) / (p * r),
            "interaction": 0.0 if pooled else (cross - error) / r,
            "repeatability": error,
        }
    )
    return Anova(
        ss=ss,
        df=df,
        ms=ms,
        interaction_f=f,
        interaction_p=chance,
        pooled=pooled,
        pooled_ms=common if pooled else None,
        variance=variance,
        shares=shares(variance, multiplier),
        reasons=_untold(f, pooled=pooled),
    )


def _untold(f: float | None, *, pooled: bool) -> dict[str, str]:
    """Why figures of the analysis are absent."""
    flat = dict.fromkeys(("interaction_f", "interaction_p"), "Repeated readings do not differ at all.")
    apart = {"pooled_ms": "The interaction is not pooled with the repeatability."}
    return (flat if f is None else {}) | ({} if pooled else apart)


def average_range(data: Floats, *, multiplier: float = 6.0) -> AverageRange:
    """Average and range method: EV = R-bar K1, AV from the appraiser means, PV from the range of part means.

    In: readings (appraisers, trials, parts). Out: AverageRange. K factors are 1 / d2* with d2*(m, g) =
    sqrt(d2^2 + d3^2 / g). Source: AIAG, Measurement Systems Analysis, 4th ed., chapter III B; Duncan, appendix D3.
    """
    a, r, p = data.shape
    r_bar = float(np.mean(np.ptp(data, axis=1)))
    x_diff, r_part = float(np.ptp(data.mean(axis=(1, 2)))), float(np.ptp(data.mean(axis=(0, 1))))
    repeatability = r_bar / d2(r)
    appraiser = (x_diff / _single(a)) ** 2 - repeatability**2 / (p * r)
    variance = sums(
        {
            "part": (r_part / _single(p)) ** 2,
            "appraiser": appraiser,
            "interaction": 0.0,
            "repeatability": repeatability**2,
        }
    )
    return AverageRange(r_bar, x_diff, r_part, variance, shares(variance, multiplier))


def _single(m: int) -> float:
    """d2* of one range of m values."""
    return math.hypot(d2(m), d3(m))


def sums(parts: Mapping[str, float]) -> dict[str, float]:
    """Variances of every component from the four basic ones, negative ones set to 0.

    In: part, appraiser, interaction, repeatability (squared unit). Out: those of COMPONENTS. Source: AIAG MSA,
    chapter III.
    """
    kept = {name: max(0.0, value) for name, value in parts.items()}
    kept["reproducibility"] = kept["appraiser"] + kept["interaction"]
    kept["grr"] = kept["repeatability"] + kept["reproducibility"]
    kept["total"] = kept["grr"] + kept["part"]
    return {name: kept[name] for name in COMPONENTS}


def shares(variance: Mapping[str, float], multiplier: float) -> Shares:
    """Standard deviations, shares of the total and ndc = int(1.41 PV / GRR) from variances of every component.

    In: variances by name of COMPONENTS (squared unit), multiplier of sigma. Out: Shares. Source: AIAG MSA, chapter III.
    """
    if not multiplier > 0:
        raise BadInput("The study multiplier lies above 0, usually 6 (or 5.15).")
    std = {name: math.sqrt(value) for name, value in variance.items()}
    total = variance["total"]
    contribution = {name: 100 * value / total if total else None for name, value in variance.items()}
    spread = {
        name: 100 * (multiplier * value) / (multiplier * std["total"]) if total else None for name, value in std.items()
    }
    return Shares(std, contribution, spread, int(1.41 * std["part"] / std["grr"]) if std["grr"] else None)
