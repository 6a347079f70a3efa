"""Cases of measurement systems: gauge studies, bias, linearity, stability, and agreement of ratings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from spc import agreement, agreement_standard, gauge, gauge_location
from spc.cases.plain import Case, Result, fields, figure, given, needed, section
from spc.gauge_intervals import intervals
from spc.gauge_nested import nested
from spc.values import BadInput, Floats

_ALL_EQUAL = "All readings are equal: there is no variation to divide."
_GAUGE = ("anova", "average-range", "nested")


def measurement(case: Case) -> Result:
    """The study that the input asks for: readings by appraiser, by reference, of one master, or ratings."""
    data, options = section(case, "input"), section(case, "options")
    method = options.get("method")
    if data.get("trials_by_appraiser") is not None:
        return _gauge(case)
    special = _SPECIAL.get(method) if isinstance(method, str) else None
    if special is not None:
        return special(data, options)
    if data.get("ratings_by_appraiser") is not None:
        return _attribute(data, options)
    return _kappa(case)


def _gauge(case: Case) -> Result:
    data, options = section(case, "input"), section(case, "options")
    asked = options.get("method") or ["anova", "average-range"]
    asked = [
        str(method).replace("_", "-").replace(" ", "-") for method in ([asked] if isinstance(asked, str) else asked)
    ]
    unknown = [method for method in asked if method not in _GAUGE]
    if unknown:
        raise BadInput(f"not supported: gauge method {unknown[0]!r}. Known: {', '.join(_GAUGE)}.")
    readings = gauge.study(_by_appraiser(data))
    result: Result = {"reasons": {}}
    multiplier = given(options, "study_multiplier", 6.0)
    if "anova" in asked:
        result["anova"] = _anova(readings, options, multiplier, result["reasons"])
    if "average-range" in asked:
        found = gauge.average_range(readings, multiplier=multiplier)
        result["average_range"] = fields(found) | fields(found.shares)
    if "nested" in asked:
        inside = nested(readings, multiplier=multiplier)
        result["nested"] = fields(inside) | fields(inside.shares)
        if options.get("confidence") is not None:
            result["nested"]["intervals"] = _intervals(inside, readings, options)
    _finish(result, figure({**data, **options}, "tolerance"), multiplier)
    return result


def _by_appraiser(data: Mapping[str, Any]) -> Any:
    """Readings by the name of the appraiser; a list of them takes the names of `appraisers`."""
    trials, names = data["trials_by_appraiser"], data.get("appraisers")
    if not isinstance(trials, list):
        return trials
    known = names if isinstance(names, list) and len(names) == len(trials) else range(1, len(trials) + 1)
    return {str(name): rows for name, rows in zip(known, trials, strict=True)}


def _anova(readings: Floats, options: Mapping[str, Any], multiplier: float, reasons: dict[str, str]) -> Result:
    pool = figure(options, "pool_interaction_if_p_above", 0.25)
    found = gauge.anova(readings, pool_above=0.25 if pool is None else pool, multiplier=multiplier)
    reasons |= {f"anova.{name}": why for name, why in found.reasons.items()}
    extra = {"intervals": _intervals(found, readings, options)} if options.get("confidence") is not None else {}
    return fields(found) | fields(found.shares) | extra


def _intervals(found: Any, readings: Floats, options: Mapping[str, Any]) -> Result:
    confidence = given(options, "confidence", 0.95)
    return fields(intervals(found, trials=readings.shape[1], confidence=confidence))


def _finish(result: Result, tolerance: float | None, multiplier: float) -> None:
    """Shares of the tolerance where it is given, and reasons for what is absent."""
    for name in ("anova", "average_range", "nested"):
        part = result.get(name)
        if part is None:
            continue
        part.pop("shares", None)
        if part["ndc"] is None:
            result["reasons"][f"{name}.ndc"] = "The gauge shows no spread at all."
        if part["std"]["total"] == 0:
            result["reasons"] |= dict.fromkeys((f"{name}.pct_contribution", f"{name}.pct_study"), _ALL_EQUAL)
        if tolerance is not None and tolerance > 0:
            part["pct_tolerance"] = {key: 100 * multiplier * std / tolerance for key, std in part["std"].items()}


def _bias(data: Mapping[str, Any], options: Mapping[str, Any]) -> Result:
    both = {**data, **options}
    reference = figure(both, "reference")
    if reference is None:
        raise BadInput("A bias study needs the reference value of the master.")
    found = gauge_location.bias(
        needed(data, "x"),
        reference=reference,
        tolerance=figure(both, "tolerance"),
        sigma=figure(both, "sigma"),
        confidence=given(options, "confidence", 0.95),
    )
    reasons = {"t": found.reason} if found.reason else {}
    return fields(found) | {"reasons": {**reasons, **_unasked(found)}}


_NOT_GIVEN = {
    "pct_tolerance": "No tolerance is given to compare with.",
    "pct_process": "No sigma of the process is given to compare with.",
    "linearity": "No sigma of the process is given to compare with.",
    "pct_linearity": "No sigma of the process is given to compare with.",
}


def _unasked(found: Any) -> dict[str, str]:
    """Why shares are absent that need a figure beside the readings."""
    return {name: why for name, why in _NOT_GIVEN.items() if getattr(found, name, 0.0) is None}


def _named(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = needed(data, name)
    if not isinstance(found, Mapping):
        raise BadInput(f"{name} must be an object: name -> list of entries.")
    return found


def _linearity(data: Mapping[str, Any], options: Mapping[str, Any]) -> Result:
    sigma = figure({**data, **options}, "sigma")
    confidence = given(options, "confidence", 0.95)
    found = gauge_location.linearity(_named(data, "readings_by_reference"), sigma=sigma, confidence=confidence)
    return {name: value for name, value in fields(found).items() if name != "line"} | {"reasons": _unasked(found)}


def _stability(data: Mapping[str, Any], options: Mapping[str, Any]) -> Result:
    readings = data.get("subgroups") if data.get("subgroups") is not None else needed(data, "x")
    found = gauge_location.stability(readings, reference=figure({**data, **options}, "reference"))
    shown = {name: value for name, value in fields(found).items() if name != "chart"}
    reasons = {"bias": "No reference value is given to compare with."} if found.bias is None else {}
    level, sigma = found.chart.limits.center, found.chart.limits.sigma
    return shown | {"center": level, "sigma": sigma, "reasons": {**found.chart.reasons, **reasons}}


def _attribute(data: Mapping[str, Any], options: Mapping[str, Any]) -> Result:
    bad = options.get("bad", data.get("bad"))
    found = agreement_standard.study(
        _named(data, "ratings_by_appraiser"),
        data.get("standard"),
        bad=None if bad is None else str(bad),
        confidence=given(options, "confidence", 0.95),
    )
    unknown = (
        "No standard is given." if data.get("standard") is None else "The categories are not two, one of them bad."
    )
    absent = {"between": "There is one appraiser only.", "all_standard": unknown}
    return fields(found) | {"reasons": {name: why for name, why in absent.items() if getattr(found, name) is None}}


_SPECIAL: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Result]] = {
    "bias": _bias,
    "linearity": _linearity,
    "stability": _stability,
    "agreement": _attribute,
}


def _usual(ratings: Any) -> str:
    """Cohen's kappa for two raters, Fleiss' for counts and for more."""
    first = ratings[0] if isinstance(ratings, list) and ratings else None
    return "cohen" if isinstance(first, list) and len(first) == 2 else "fleiss"


def _several(case: Case, methods: list[Any]) -> Result:
    """The kappa of each method under its name; one alone stands at the top too."""
    found = {str(way): _kappa({**case, "options": {**section(case, "options"), "method": way}}) for way in methods}
    return found | next(iter(found.values())) if len(found) == 1 else found


def _kappa(case: Case) -> Result:
    data, options = section(case, "input"), section(case, "options")
    counts = data.get("counts_by_subject_and_category")
    method = options.get("method") or _usual(data.get("ratings"))
    if isinstance(method, list):
        return _several(case, method)
    if method == "cohen":
        return fields(agreement.cohen(needed(data, "ratings")))
    if method != "fleiss":
        known = ", ".join((*_GAUGE, "fleiss", "cohen", *_SPECIAL))
        raise BadInput(f"not supported: method {method!r} of kind msa. Known: {known}.")
    names = tuple(str(name) for name in data.get("categories") or ())
    if counts is None:
        counts, names = agreement.counts_of(needed(data, "ratings"))
    return fields(agreement.fleiss(counts, categories=names))
