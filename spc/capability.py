"""Process capability: indices with fitting intervals, parts per million, normality, and when to refuse."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc import estimators
from spc.constants import c4, c5, d2, d3
from spc.estimators import SUBGROUP, Subgroups, named
from spc.values import BadInput, Floats, finite, numbers, present, table

Interval = tuple[float, float]
_FAR = 1e6  # sigmas off target beyond which the interval of Cpm has no width
_ONE_SIDED = "The specification has one limit only."


@dataclass(frozen=True)
class Spec:
    """Specification limits and target, in the unit of the readings; None = not specified."""

    lsl: float | None = None
    usl: float | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        if self.lsl is None and self.usl is None:
            raise BadInput("Capability needs a specification limit: give lsl, usl or both.")
        if self.lsl is not None and self.usl is not None and self.lsl >= self.usl:
            raise BadInput(f"The lower specification limit {self.lsl:g} must lie below the upper one {self.usl:g}.")

    @property
    def aim(self) -> float | None:
        """The target, else the middle of the two limits, else None."""
        if self.target is not None or self.lsl is None or self.usl is None:
            return self.target
        return (self.lsl + self.usl) / 2


@dataclass(frozen=True)
class Spread:
    """What capability rests on: n readings, mean, within and overall sigma, and the degrees of freedom of within."""

    n: int
    mean: float | None
    within: float | None
    overall: float | None
    freedom: float | None
    estimator: str
    values: Floats


@dataclass(frozen=True)
class Capability:
    """Indices of one characteristic; None = absent, with the reason under the same name in reasons.

    cp cpl cpu cpk k cpm from the within sigma; pp ppl ppu ppk ppm_index (Cpm of the overall sigma) from the overall
    one; *_ci at `confidence`; expected PPM from the normal distribution with the overall sigma, observed PPM from the
    data. headline: the figure to show first ("cpk"), None with headline_reason when the process is not stable.
    """

    n: int
    mean: float | None
    sigma_within: float | None
    sigma_overall: float | None
    estimator: str
    confidence: float
    cp: float | None
    cpl: float | None
    cpu: float | None
    cpk: float | None
    k: float | None
    cpm: float | None
    pp: float | None
    ppl: float | None
    ppu: float | None
    ppk: float | None
    ppm_index: float | None
    cp_ci: Interval | None
    cpk_ci: Interval | None
    cpm_ci: Interval | None
    pp_ci: Interval | None
    ppk_ci: Interval | None
    expected_ppm_above: float | None
    expected_ppm_below: float | None
    observed_ppm_above: float | None
    observed_ppm_below: float | None
    anderson_darling: float | None
    normality_p: float | None
    headline: str | None
    headline_reason: str
    reasons: Mapping[str, str]


def of_values(x: Any, *, within: str | float = "") -> Spread:
    """Single values in order of time.

    In: n values (None = gap), within = an estimator of moving ranges by name, or a known sigma in the unit of x. Out:
    Spread; degrees of freedom of the mean moving range by matching its variance. Raises BadInput.
    Source: Cryer and Ryan, J. Quality Technology 22 (1990).
    """
    values = numbers(x)
    kept = present(values)
    if isinstance(within, (int, float)):
        return _spread(kept, float(within), math.inf, "given")
    name = named(within or "mean moving range")
    if name not in estimators.INDIVIDUAL:
        raise BadInput(f"{name} needs subgroups. For single values choose {' or '.join(estimators.INDIVIDUAL)}.")
    ranges = estimators.moving_ranges(values)
    sigma = estimators.INDIVIDUAL[name](ranges) if len(kept) else math.nan
    count = len(present(ranges)) + 1
    # Variance of the mean moving range of overlapping pairs (Cryer and Ryan, J. Quality Technology 22, 1990).
    relative = (0.8264 * count - 1.082) / (count - 1) ** 2 if count > 1 else math.nan
    return _spread(kept, sigma, equivalent_freedom(relative), name)


def of_subgroups(rows: Any, *, within: str | float = "") -> Spread:
    """Subgroups of readings.

    In: rows (k, n) of readings (None = missing), within = an estimator by name (default mean of R/d2(n)), or a known
    sigma. Out: Spread with the degrees of freedom of that estimator. Raises BadInput with row and column.
    Source: Patnaik 1950; Burr 1976.
    """
    data = table(rows)
    kept = present(data.ravel())
    if isinstance(within, (int, float)):
        return _spread(kept, float(within), math.inf, "given")
    groups, name = estimators.summarise(data), named(within or "mean of R/d2(n)")
    if name not in SUBGROUP:
        raise BadInput(f"{name} is for single values. For subgroups choose one of: {', '.join(SUBGROUP)}.")
    return _spread(kept, SUBGROUP[name](groups), _freedom(groups, name), name)


def of_summary(mean: float, sigma: float, *, n: int = 0) -> Spread:
    """A mean and a standard deviation known from elsewhere.

    In: finite mean, sigma from 0 in the same unit, n readings behind them (0 = unknown: no intervals). Out: Spread.
    Raises BadInput. Source: Montgomery, Introduction to SQC, chapter 8.
    """
    if not (math.isfinite(mean) and math.isfinite(sigma)) or sigma < 0:
        raise BadInput("Give a finite mean and a standard deviation that is not negative.")
    return Spread(n, mean, sigma, sigma, float(n - 1) if n > 1 else None, "given", np.empty(0))


def _spread(kept: Floats, within: float, freedom: float, name: str) -> Spread:
    overall = float(np.std(kept, ddof=1)) if len(kept) > 1 else math.nan
    if len(kept) and np.ptp(kept) == 0:
        overall = 0.0 if len(kept) > 1 else overall
    mean = float(np.mean(kept)) if len(kept) else None
    return Spread(
        len(kept), mean, finite(within), finite(overall), None if math.isnan(freedom) else freedom, name, kept
    )


def equivalent_freedom(relative_variance: float) -> float:
    """Degrees of freedom of a standard deviation that is as uncertain as this estimator: (1 - c4^2) / c4^2 = variance.

    In: variance of sigma-hat / sigma, dimensionless. Out: degrees of freedom > 0 (continuous), NaN when unknown.
    Source: Patnaik, Biometrika 37 (1950), matched on the coefficient of variation.
    """
    if not relative_variance > 0:
        return math.nan

    def gap(freedom: float) -> float:
        mean = math.sqrt(2 / freedom) * math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
        return (1 - mean * mean) / (mean * mean) - relative_variance

    if gap(1e6) > 0:
        return 1.0 / (2.0 * relative_variance)
    return float(scipy.optimize.brentq(gap, 0.3, 1e6)) if gap(0.3) > 0 else math.nan


def _freedom(groups: Subgroups, name: str) -> float:
    kept = groups.only(groups.sizes > 1)
    if not len(kept.sizes):
        return math.nan
    if name.startswith("pooled"):
        return float(estimators.degrees_of_freedom(kept))
    center, spread = (d2, d3) if name.endswith(("R", "R/d2(n)")) else (c4, c5)
    relative = (estimators.per_size(spread, kept.sizes) / estimators.per_size(center, kept.sizes)) ** 2
    count = len(relative)
    return equivalent_freedom(
        1.0 / float(np.sum(1 / relative)) if "minimum" in name else float(np.sum(relative)) / count**2
    )


def capability(spread: Spread, spec: Spec, *, confidence: float = 0.95, stable: bool | None = None) -> Capability:
    """All indices of one characteristic.

    In: a Spread (of_values, of_subgroups, of_summary), a Spec, the confidence of the intervals, whether the chart is
    stable (None = not checked). Out: Capability. Cp, Cpk by the within sigma, Pp, Ppk by the overall one; Cp and Pp
    intervals by chi-square on the degrees of freedom of their own estimator, Cpk and Ppk by Bissell, Cpm by Boyles.
    Sources: Montgomery, Introduction to SQC, chapter 8; Bissell 1990; Boyles, J. Quality Technology 23 (1991).
    """
    if not 0 < confidence < 1:
        raise BadInput("The confidence lies between 0 and 1, for example 0.95.")
    inner = _indices(spread.mean, spread.within, spec, spec.aim)
    outer = _indices(spread.mean, spread.overall, spec, spec.aim)
    n, freedom = spread.n or None, spread.freedom
    anderson, p = anderson_darling(spread.values)
    above, below = _expected(spread, spec)
    seen_above, seen_below = _observed(spread.values, spec)
    result = Capability(
        n=spread.n,
        mean=spread.mean,
        sigma_within=spread.within,
        sigma_overall=spread.overall,
        estimator=spread.estimator,
        confidence=confidence,
        cp=inner["p"],
        cpl=inner["l"],
        cpu=inner["u"],
        cpk=inner["k"],
        k=inner["off"],
        cpm=inner["m"],
        pp=outer["p"],
        ppl=outer["l"],
        ppu=outer["u"],
        ppk=outer["k"],
        ppm_index=outer["m"],
        cp_ci=_chi(inner["p"], freedom, confidence),
        cpk_ci=_bissell(inner["k"], n, freedom, confidence),
        cpm_ci=_boyles(outer["m"], spread, spec.aim, confidence),
        pp_ci=_chi(outer["p"], n and n - 1.0, confidence),
        ppk_ci=_bissell(outer["k"], n, n and n - 1.0, confidence),
        expected_ppm_above=above,
        expected_ppm_below=below,
        observed_ppm_above=seen_above,
        observed_ppm_below=seen_below,
        anderson_darling=anderson,
        normality_p=p,
        headline=None,
        headline_reason="",
        reasons={},
    )
    return _headed(replace(result, reasons=_absences(result, spec)), stable)


def _indices(mean: float | None, sigma: float | None, spec: Spec, target: float | None) -> dict[str, float | None]:
    """Figures by letter: p two-sided, l and u one-sided, k the smaller, m with the target, off = off-centre share."""
    out: dict[str, float | None] = dict.fromkeys(("p", "l", "u", "k", "m", "off"))
    both = spec.lsl is not None and spec.usl is not None
    if mean is not None and both:
        out["off"] = abs((spec.lsl + spec.usl) / 2 - mean) / ((spec.usl - spec.lsl) / 2)  # type: ignore[operator]  # both are set
    if mean is None or not sigma:
        return out
    if spec.lsl is not None:
        out["l"] = (mean - spec.lsl) / (3 * sigma)
    if spec.usl is not None:
        out["u"] = (spec.usl - mean) / (3 * sigma)
    sides = [side for side in (out["l"], out["u"]) if side is not None]
    out["k"] = min(sides)
    if both:
        out["p"] = (sides[0] + sides[1]) / 2
        out["m"] = None if target is None else out["p"] / math.hypot(1, (mean - target) / sigma)  # type: ignore[operator]  # set above
    return out


def _chi(index: float | None, freedom: float | None, confidence: float) -> Interval | None:
    if index is None or not freedom:
        return None
    if math.isinf(freedom):
        return index, index
    low, high = (float(scipy.stats.chi2.ppf(q, freedom)) for q in ((1 - confidence) / 2, (1 + confidence) / 2))
    return index * math.sqrt(low / freedom), index * math.sqrt(high / freedom)


def _bissell(index: float | None, n: int | None, freedom: float | None, confidence: float) -> Interval | None:
    if index is None or not n or not freedom:
        return None
    reach = float(scipy.stats.norm.ppf(0.5 + confidence / 2)) * math.sqrt(1 / (9 * n) + index * index / (2 * freedom))
    return index - reach, index + reach


def _boyles(index: float | None, spread: Spread, target: float | None, confidence: float) -> Interval | None:
    if index is None or target is None or spread.mean is None or not spread.overall or spread.n < 2:
        return None
    offset = min(abs(spread.mean - target) / spread.overall, _FAR) ** 2
    return _chi(index, spread.n * (1 + offset) ** 2 / (1 + 2 * offset), confidence)


def _expected(spread: Spread, spec: Spec) -> tuple[float | None, float | None]:
    if spread.mean is None or not spread.overall:
        return None, None
    above = None if spec.usl is None else 1e6 * float(scipy.stats.norm.sf((spec.usl - spread.mean) / spread.overall))
    below = None if spec.lsl is None else 1e6 * float(scipy.stats.norm.cdf((spec.lsl - spread.mean) / spread.overall))
    return above, below


def _observed(values: Floats, spec: Spec) -> tuple[float | None, float | None]:
    if not len(values):
        return None, None
    above = None if spec.usl is None else 1e6 * float(np.mean(values > spec.usl))
    below = None if spec.lsl is None else 1e6 * float(np.mean(values < spec.lsl))
    return above, below


def anderson_darling(x: Floats) -> tuple[float | None, float | None]:
    """Anderson-Darling test of normality with estimated mean and variance: (A squared, p).

    In: x shape (n,) without gaps. Out: None, None below five values or without variation, else A squared and p.
    Source: D'Agostino and Stephens, Goodness-of-Fit Techniques (1986), table 4.9.
    """
    n = len(x)
    if n < 5 or np.ptp(x) == 0:
        return None, None
    z = np.sort((x - x.mean()) / x.std(ddof=1))
    i = np.arange(1, n + 1)
    squared = -n - float(np.mean((2 * i - 1) * (scipy.stats.norm.logcdf(z) + scipy.stats.norm.logsf(z[::-1]))))
    a = squared * (1 + 0.75 / n + 2.25 / n**2)
    if a >= 0.6:
        p = math.exp(1.2937 - 5.709 * a + 0.0186 * a * a) if a < 13 else 0.0
    elif a >= 0.34:
        p = math.exp(0.9177 - 4.279 * a - 1.38 * a * a)
    elif a >= 0.2:
        p = 1 - math.exp(-8.318 + 42.796 * a - 59.938 * a * a)
    else:
        p = 1 - math.exp(-13.436 + 101.14 * a - 223.73 * a * a)
    return squared, min(1.0, max(0.0, p))


def _absences(result: Capability, spec: Spec) -> dict[str, str]:
    empty = "There are no readings." if result.mean is None else ""
    reasons: dict[str, str] = {}
    for name in ("cp", "cpl", "cpu", "cpk", "k", "cpm", "pp", "ppl", "ppu", "ppk", "ppm_index"):
        if getattr(result, name) is None:
            sigma = result.sigma_overall if name.startswith("pp") else result.sigma_within
            reasons[name] = empty or _absence(name, sigma, spec)
    for name in ("cp_ci", "cpk_ci", "cpm_ci", "pp_ci", "ppk_ci"):
        if getattr(result, name) is None:
            reasons[name] = reasons.get(name[:-3], "The number of readings behind the figures is not known.")
    if result.normality_p is None:
        reasons |= dict.fromkeys(("normality_p", "anderson_darling"), "The test needs at least five values that vary.")
    unknown = empty or "The spread cannot be estimated from these values."
    reasons |= {name: unknown for name in ("mean", "sigma_within", "sigma_overall") if getattr(result, name) is None}
    return reasons | _absent_shares(result, spec, empty)


def _absent_shares(result: Capability, spec: Spec, empty: str) -> dict[str, str]:
    """Why a share of parts outside is absent: no limit on that side, no values, or no spread."""
    reasons = {}
    for side, limit in (("above", spec.usl), ("below", spec.lsl)):
        one = "" if limit is not None else _ONE_SIDED
        if getattr(result, f"expected_ppm_{side}") is None:
            reasons[f"expected_ppm_{side}"] = one or empty or _absence("ppk", result.sigma_overall, spec)
        if getattr(result, f"observed_ppm_{side}") is None:
            reasons[f"observed_ppm_{side}"] = one or empty or "Only the figures are known, not the readings."
    return reasons


def _absence(name: str, sigma: float | None, spec: Spec) -> str:
    sides = {"cpl": spec.lsl, "ppl": spec.lsl, "cpu": spec.usl, "ppu": spec.usl}
    two_sided = name in ("cp", "pp", "k", "cpm", "ppm_index") and (spec.lsl is None or spec.usl is None)
    if two_sided or (name in sides and sides[name] is None):
        return _ONE_SIDED
    return (
        "The spread cannot be estimated from these values." if sigma is None else "The values do not vary (sigma is 0)."
    )


def _headed(result: Capability, stable: bool | None) -> Capability:
    if result.cpk is None:
        why = result.reasons["cpk"]
        return replace(result, headline_reason=why, reasons={**result.reasons, "headline": why})
    if stable is False:
        why = "The process is not stable: the chart shows signals, so Cpk does not predict what comes next."
        return replace(result, headline_reason=why, reasons={**result.reasons, "headline": why})
    return replace(result, headline="cpk", headline_reason="" if stable else "Stability was not checked.")
