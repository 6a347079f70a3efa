"""Gauge study of parts that only one appraiser can measure, such as destructive tests: parts nested in appraisers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import scipy  # its parts load at first use: most processes never ask for them

from spc.gauge import Shares, shares, sums
from spc.values import Floats


@dataclass(frozen=True)
class Nested:
    """Nested study: table by source (part = parts within appraisers), F and p of appraisers and parts, components."""

    ss: Mapping[str, float]
    df: Mapping[str, int]
    ms: Mapping[str, float]
    f: Mapping[str, float | None]
    p: Mapping[str, float | None]
    variance: Mapping[str, float]
    shares: Shares
    reasons: Mapping[str, str] = field(default_factory=dict)


def nested(data: Floats, *, multiplier: float = 6.0) -> Nested:
    """Analysis of variance with parts nested in appraisers.

    In: readings (appraisers, trials, parts) of gauge.study, each appraiser with parts of his own; multiplier of sigma
    in the study spread (only shares of it are shown). Out: Nested; negative components are 0, interaction is always 0.
    Source: Burdick, Borror and Montgomery 2005, chapter 5; AIAG, Measurement Systems Analysis, 4th ed., chapter IV.
    """
    a, r, p = data.shape
    cells, by_appraiser, grand = data.mean(axis=1), data.mean(axis=(1, 2)), float(data.mean())
    ss = {
        "appraiser": p * r * float(((by_appraiser - grand) ** 2).sum()),
        "part": r * float(((cells - by_appraiser[:, None]) ** 2).sum()),
        "repeatability": float(((data - cells[:, None, :]) ** 2).sum()),
        "total": float(((data - grand) ** 2).sum()),
    }
    df = {"appraiser": a - 1, "part": a * (p - 1), "repeatability": a * p * (r - 1), "total": a * p * r - 1}
    ms = {name: ss[name] / df[name] for name in ("appraiser", "part", "repeatability")}
    f = {"appraiser": _ratio(ms["appraiser"], ms["part"]), "part": _ratio(ms["part"], ms["repeatability"])}
    below = {"appraiser": "part", "part": "repeatability"}
    chance = {
        name: None if value is None else float(scipy.stats.f.sf(value, df[name], df[below[name]]))
        for name, value in f.items()
    }
    variance = sums(
        {
            "part": (ms["part"] - ms["repeatability"]) / r,
            "appraiser": (ms["appraiser"] - ms["part"]) / (p * r),
            "interaction": 0.0,
            "repeatability": ms["repeatability"],
        }
    )
    reasons = {f"f.{name}": "There is no variation to compare with." for name, value in f.items() if value is None}
    return Nested(ss, df, ms, f, chance, variance, shares(variance, multiplier), reasons)


def _ratio(above: float, below: float) -> float | None:
    return above / below if below > 0 else None
