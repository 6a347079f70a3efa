"""Cases that are not charts: rules, capability, correlation, Pareto, constants, small inputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from spc import capability as indices
from spc import estimators, pareto, shapes
from spc.cases import acceptance, association, inference, series
from spc.cases.measurement import measurement
from spc.cases.plain import Case, Result, fields, figure, given, needed, plain, section, whole
from spc.cases.shewhart import describe, sample_of, setup_of
from spc.charts import draw
from spc.constants import chart_constants, d4
from spc.families import named as family
from spc.pareto_change import Moved, change
from spc.rules import evaluate, points
from spc.run_length import in_control
from spc.shape_intervals import shape_intervals
from spc.transformed import transformed
from spc.values import BadInput, numbers


def rules(case: Case) -> Result:
    """Run rules against a known centre and sigma (default: mean and moving-range sigma of the data)."""
    data, options = section(case, "input"), section(case, "options")
    x = numbers(needed(data, "x"))
    center, sigma = (figure(options, name, figure(data, name)) for name in ("center", "sigma"))
    names = setup_of({"rules": options.get("rules")}).rules
    center = estimators.mean(x) if center is None else center
    sigma = estimators.mean_moving_range(estimators.moving_ranges(x)) if sigma is None else sigma
    if sigma < 0:
        raise BadInput("option sigma is not negative.")
    mask = evaluate(x, center, sigma, names, mixture_one_side=bool(options.get("mixture_one_side")))
    found: Result = {
        "center": center,
        "sigma": sigma,
        "violations": points(mask, names),
        "reasons": _unjudged(center, sigma),
    }
    return found | ({"run_length": fields(in_control(names))} if options.get("run_length") else {})


def _unjudged(center: float, sigma: float) -> dict[str, str]:
    """Why the rules were not run."""
    few = "There are too few values to estimate it: give it, or more values."
    absent = {name: few for name, value in (("center", center), ("sigma", sigma)) if not math.isfinite(value)}
    if sigma > 0 and not absent:
        return {}
    still = "The values do not vary (sigma is 0), so the rules are not run."
    return {**absent, "violations": "Without a centre and a sigma no rule can be run." if absent else still}


def capability(case: Case) -> Result:
    """Capability of values, subgroups or a known mean and sigma."""
    data, options = section(case, "input"), section(case, "options")
    both = {**data, **options}
    spec = indices.Spec(figure(both, "lsl"), figure(both, "usl"), figure(both, "target"))
    shape = str(options.get("distribution") or "normal")
    confidence = given(options, "confidence", 0.95)
    way = _way(options.get("method") or "", fitted=shape.lower() != "normal")
    if way in ("box-cox", "johnson"):
        return _curved(needed(data, "x"), spec, way, figure(options, "lambda"), confidence)
    if way == "percentile":
        return _shaped(needed(data, "x"), spec, "best" if shape == "best" else family(shape), confidence)
    within = options.get("within") or ""
    if isinstance(within, bool) or not isinstance(within, (str, int, float)):
        raise BadInput("option within is the name of an estimator, or a known sigma.")
    if data.get("subgroups") is not None:
        spread = indices.of_subgroups(data["subgroups"], within=within)
    elif data.get("x") is not None:
        spread = indices.of_values(data["x"], within=within)
    else:
        spread = _known(both)
    result = indices.capability(spread, spec, confidence=confidence)
    return fields(result) | {"reasons": dict(result.reasons)}


def _way(method: Any, *, fitted: bool) -> str:
    """How the indices are found: normal, percentile (with the Z method beside it), box-cox or johnson."""
    words = " ".join(map(str, method)).lower() if isinstance(method, list) else str(method).lower()
    found = next((way for way, signs in _WAYS.items() if any(sign in words for sign in signs)), None)
    if found in (None, "normal") and (fitted or words.strip() == "z"):
        return "percentile"  # the answer of a fitted curve holds both methods
    if found is None and words:
        raise BadInput(f"not supported: capability method {method!r}. Known: {', '.join(_WAYS)}.")
    return found or "normal"


_WAYS: dict[str, tuple[str, ...]] = {
    "box-cox": ("box",),
    "johnson": ("johnson",),
    "percentile": ("percentile", "quantile", "clements", "iso", "z method", "z-method", "z_method"),
    "normal": ("normal", "moment"),
}


def _known(both: Mapping[str, Any]) -> indices.Spread:
    """A known mean, within and overall sigma (either stands for both where it is given alone)."""
    sigma = figure(both, "sigma")
    mean, within = figure(both, "mean"), figure(both, "sigma_within", sigma)
    overall = figure(both, "sigma_overall", within)
    within = overall if within is None else within
    if mean is None or within is None or overall is None:
        raise BadInput("Capability needs x, subgroups, or mean and sigma.")
    spread = indices.of_summary(mean, within, n=whole(both, "n", 0))
    return replace(spread, overall=indices.of_summary(mean, overall).overall)


def _curved(x: Any, spec: indices.Spec, method: Any, power: float | None, confidence: float) -> Result:
    """Capability of values made normal; every index is one of the transformed values."""
    found = transformed(x, spec, method=method, power=power, confidence=confidence)
    inner = fields(found.capability)
    rest = {name: value for name, value in fields(found).items() if name != "capability"}
    normal = indices.capability(indices.of_values(x), spec).ppk
    return {**inner, **dict(found.parameters), **rest, "normal_theory_ppk": normal}


def _shaped(x: Any, spec: indices.Spec, distribution: str, confidence: float) -> Result:
    """Capability by a fitted distribution, percentile and Z method; "best" takes the one with the least AIC."""
    every = shapes.ranked(x) if distribution == "best" else []
    distribution = every[0].distribution if every else distribution
    found = shapes.capability_of(x, spec, distribution=distribution)
    shape = {name: value for name, value in fields(found.shape).items() if name != "parameters"}
    rest = {name: value for name, value in fields(found).items() if name != "shape"}
    sure = shape_intervals(x, spec, distribution=distribution, confidence=confidence)
    return {
        **found.shape.parameters,
        "parameters": dict(found.shape.parameters),
        **shape,
        **rest,
        "method": "percentile",
        "confidence": confidence,
        "pp_ci": sure.pp,
        "ppk_ci": sure.ppk,
        "reasons": {**found.reasons, **sure.reasons},
        **({"candidates": {shape.distribution: shape.aic for shape in every}} if every else {}),
    }


def constants(case: Case) -> Result:
    """All constants of each subgroup size asked for."""
    sizes = needed(section(case, "input"), "n")
    found: Result = {"reasons": {}}
    for size in sizes if isinstance(sizes, list) else [sizes]:
        if isinstance(size, bool) or not isinstance(size, (int, float)) or size != int(size):
            raise BadInput(f"n is {size!r}, not a whole number of readings in a subgroup.")
        n = int(size)
        if n == 1:
            found["1"] = dict.fromkeys((*chart_constants(2), "d4"))
            found["reasons"]["1"] = "A subgroup of one has no spread: use moving ranges (n = 2)."
        else:
            found[str(n)] = {**chart_constants(n), "d4": d4(n)}
    return found


def table(case: Case) -> Result:
    """Pareto table by count, or by cost when costs are given."""
    data, options = section(case, "input"), section(case, "options")
    result = pareto.pareto(needed(data, "counts"), data.get("costs") or options.get("costs"))
    previous = data.get("previous")
    reasons = (
        {} if result.percent else {"percent": "All counts are zero.", "cumulative_percent": "All counts are zero."}
    )
    if previous is not None and not isinstance(previous, Mapping):
        raise BadInput("previous must be an object: category -> count.")
    moved: Result = {} if previous is None else {"change": plain(_moved(data["counts"], previous, options))}
    return fields(result) | moved | {"reasons": reasons}


def _moved(counts: Any, previous: Any, options: Mapping[str, Any]) -> tuple[Moved, ...]:
    """Every category against the period before, by the exposure of each where it is given."""
    now, before = (figure(options, name, 1.0) or 0.0 for name in ("exposure", "previous_exposure"))
    return change(counts, previous, exposure=now, previous_exposure=before)


def edge(case: Case) -> Result:
    """Small inputs that break naive programs: one value, no variation, gaps, empty subgroups, zero sizes."""
    data, options = section(case, "input"), section(case, "options")
    return {name: _complete(_answered(value, options)) for name, value in data.items()}


_NO_SPEC = "No specification limit is given."
_OTHER_CHART = "A chart of this kind has none."


def _complete(found: Result) -> Result:
    """The answer with every name that is asked of a small input, absent ones with their reason."""
    absent = {"capability": _NO_SPEC, "sigma": _OTHER_CHART, "mr_bar": _OTHER_CHART, "r_bar": _OTHER_CHART}
    missing = {name: why for name, why in absent.items() if name not in found}
    return {**found, **dict.fromkeys(missing), "reasons": {**missing, **(found.get("reasons") or {})}}


def _answered(value: Any, options: Mapping[str, Any]) -> Result:
    try:
        return _small(value, options)
    except BadInput as error:
        absent = dict.fromkeys(("chart", "center", "sigma", "limits", "capability", "ucl", "lcl"))
        return {**absent, "points": 0, "violations": {}, "reasons": dict.fromkeys(absent, str(error))}


def _small(value: Any, options: Mapping[str, Any]) -> Result:
    given = value if isinstance(value, Mapping) else {"subgroups" if _rows(value) else "x": value}
    own = {**options, **given}
    kind = _kind(given, own)
    if kind == "i-mr" and "x" not in given:
        given = {"x": [_only(row) for row in needed(given, "subgroups")]}
    sample, setup = sample_of(kind, given), setup_of({**own, "sigma": None})
    result = describe(draw(sample, setup), sample, setup)
    limits = None if result["ucl"] is None else {"ucl": result["ucl"], "lcl": result["lcl"]}
    result |= {"chart": kind, "points": int((~np.isnan(sample.values)).sum()), "limits": limits}
    if own.get("lsl") is not None or own.get("usl") is not None:
        result["capability"] = _figures(given, own)
    return result


def _only(row: Any) -> Any:
    """The one reading of a subgroup of one."""
    return next((value for value in row if value is not None), None) if isinstance(row, list) else row


def _figures(given: Mapping[str, Any], own: Mapping[str, Any]) -> Result | None:
    result = capability({"input": {**given, **{k: own.get(k) for k in ("lsl", "usl", "target")}}, "options": {}})
    return None if result["cpk"] is None and result["ppk"] is None else result


def _rows(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(row, list) for row in value)


def _kind(given: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    if isinstance(own.get("chart"), str):
        return str(own["chart"])
    if "counts" in given:
        return "p" if "sizes" in given else "c"
    if "subgroups" not in given:
        return "i-mr"
    widest = max(
        (len([v for v in row if v is not None]) for row in given["subgroups"] if isinstance(row, list)), default=0
    )
    return "xbar-r" if widest > 1 else "i-mr"


KINDS: dict[str, Callable[[Case], Result]] = {
    "rules": rules,
    "capability": capability,
    "msa": measurement,
    "statistics": series.statistics,
    "trend": series.moved,
    "transform": series.transform,
    "correlation": association.correlate,
    "pareto": table,
    "constants": constants,
    "edge": edge,
    **inference.KINDS,
    "sampling": acceptance.sampling,
}
