"""Cases of measurement systems: crossed gauge studies and agreement of ratings."""

from __future__ import annotations

from typing import Any

from spc import agreement, gauge
from spc.cases.plain import Case, Result, fields, figure, needed, section
from spc.gauge import Shares
from spc.values import BadInput


def measurement(case: Case) -> Result:
    """Gauge repeatability and reproducibility, or kappa, by what the input holds."""
    data = section(case, "input")
    return _gauge(case) if data.get("trials_by_appraiser") is not None else _kappa(case)


def _gauge(case: Case) -> Result:
    data, options = section(case, "input"), section(case, "options")
    asked = options.get("method") or ["anova", "average-range"]
    asked = [asked] if isinstance(asked, str) else asked
    unknown = [method for method in asked if method not in ("anova", "average-range")]
    if unknown:
        raise BadInput(f"not supported: gauge method {unknown[0]!r}. Known: anova, average-range.")
    readings = gauge.study(needed(data, "trials_by_appraiser"))
    multiplier, pool = (
        figure(options, name, default)
        for name, default in (("study_multiplier", 6.0), ("pool_interaction_if_p_above", 0.25))
    )
    result: Result = {"reasons": {}}
    if "anova" in asked:
        found = gauge.anova(readings, pool_above=0.25 if pool is None else pool, multiplier=multiplier or 6.0)
        result["anova"] = fields(found) | _shares(found.shares)
        result["reasons"] |= {f"anova.{name}": why for name, why in found.reasons.items()}
    if "average-range" in asked:
        other = gauge.average_range(readings, multiplier=multiplier or 6.0)
        result["average_range"] = fields(other) | _shares(other.shares)
    for name in ("anova", "average_range"):
        result.get(name, {}).pop("shares", None)
        if name in result and result[name]["ndc"] is None:
            result["reasons"][f"{name}.ndc"] = "The gauge shows no spread at all."
    return result


def _shares(shares: Shares) -> Result:
    return fields(shares)


def _usual(ratings: Any) -> str:
    """Cohen's kappa for two raters, Fleiss' for counts and for more."""
    first = ratings[0] if isinstance(ratings, list) and ratings else None
    return "cohen" if isinstance(first, list) and len(first) == 2 else "fleiss"


def _kappa(case: Case) -> Result:
    data, options = section(case, "input"), section(case, "options")
    counts = data.get("counts_by_subject_and_category")
    method = options.get("method") or _usual(data.get("ratings"))
    if method == "cohen":
        return fields(agreement.cohen(needed(data, "ratings")))
    if method != "fleiss":
        raise BadInput(f"not supported: method {method!r} of kind msa. Known: anova, average-range, fleiss, cohen.")
    names = tuple(str(name) for name in data.get("categories") or ())
    if counts is None:
        counts, names = agreement.counts_of(needed(data, "ratings"))
    return fields(agreement.fleiss(counts, categories=names))
