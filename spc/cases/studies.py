"""Cases that are not charts: rules, capability, correlation, Pareto, constants, small inputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from spc import capability as indices
from spc import correlation, estimators, pareto, shapes
from spc.cases import series
from spc.cases.measurement import measurement
from spc.cases.plain import Case, Result, fields, figure, needed, section
from spc.cases.shewhart import describe, sample_of, setup_of
from spc.charts import draw
from spc.constants import chart_constants, d4
from spc.rules import evaluate, points
from spc.values import BadInput, numbers


def rules(case: Case) -> Result:
    """Run rules against a known centre and sigma (default: mean and moving-range sigma of the data)."""
    data, options = section(case, "input"), section(case, "options")
    x = numbers(needed(data, "x"))
    center, sigma = figure(options, "center"), figure(options, "sigma")
    names = setup_of({"rules": options.get("rules")}).rules
    center = estimators.mean(x) if center is None else center
    sigma = estimators.mean_moving_range(estimators.moving_ranges(x)) if sigma is None else sigma
    reasons = {} if sigma > 0 else {"violations": "The values do not vary (sigma is 0), so the rules are not run."}
    mask = evaluate(x, center, sigma, names, mixture_one_side=bool(options.get("mixture_one_side")))
    return {"center": center, "sigma": sigma, "violations": points(mask, names), "reasons": reasons}


def capability(case: Case) -> Result:
    """Capability of values, subgroups or a known mean and sigma."""
    data, options = section(case, "input"), section(case, "options")
    both = {**data, **options}
    spec = indices.Spec(figure(both, "lsl"), figure(both, "usl"), figure(both, "target"))
    if options.get("distribution") not in (None, "normal"):
        return _shaped(needed(data, "x"), spec, str(options["distribution"]))
    within = options.get("within") or ""
    if data.get("subgroups") is not None:
        spread = indices.of_subgroups(data["subgroups"], within=within)
    elif data.get("x") is not None:
        spread = indices.of_values(data["x"], within=within)
    else:
        mean, sigma = (figure(data, name) for name in ("mean", "sigma"))
        if mean is None or sigma is None:
            raise BadInput("Capability needs x, subgroups, or mean and sigma.")
        spread = indices.of_summary(mean, sigma, n=int(figure(data, "n", 0) or 0))
    result = indices.capability(spread, spec, confidence=figure(options, "confidence", 0.95) or 0.95)
    return fields(result) | {"reasons": dict(result.reasons)}


def _shaped(x: Any, spec: indices.Spec, distribution: str) -> Result:
    """Capability by a fitted distribution, percentile and Z method."""
    found = shapes.capability_of(x, spec, distribution=distribution)
    shape = {name: value for name, value in fields(found.shape).items() if name != "parameters"}
    rest = {name: value for name, value in fields(found).items() if name != "shape"}
    return {
        **found.shape.parameters,
        "parameters": dict(found.shape.parameters),
        **shape,
        **rest,
        "method": "percentile",
    }


def constants(case: Case) -> Result:
    """All constants of each subgroup size asked for."""
    sizes = needed(section(case, "input"), "n")
    return {str(n): {**chart_constants(n), "d4": d4(n)} for n in (sizes if isinstance(sizes, list) else [sizes])}


def table(case: Case) -> Result:
    """Pareto table by count, or by cost when costs are given."""
    data, options = section(case, "input"), section(case, "options")
    result = pareto.pareto(needed(data, "counts"), data.get("costs") or options.get("costs"))
    reasons = (
        {} if result.percent else {"percent": "All counts are zero.", "cumulative_percent": "All counts are zero."}
    )
    return fields(result) | {"reasons": reasons}


def correlate(case: Case) -> Result:
    """One pair (x, y) with p-values, or several pairs as lists of coefficients."""
    data, options = section(case, "input"), section(case, "options")
    methods = options.get("methods") or ["pearson"]
    chosen = _columns(data)
    known = {
        "pearson": ("pearson", "r", correlation.pearson),
        "spearman": ("spearman", "rho", correlation.spearman),
        "kendall-b": ("kendall_b", "tau", correlation.kendall),
    }
    result: Result = {"reasons": {}}
    for method in methods:
        if method not in known:
            raise BadInput(f"not supported: method {method!r}. Known: {', '.join(known)}.")
        name, symbol, function = known[method]
        found = [function(data[x], data[y]) for x, y in chosen]
        if why := " ".join(dict.fromkeys(c.reason for c in found if c.reason)):
            result["reasons"][name] = why
        single = {symbol: found[0].value, "p": found[0].p, "n": found[0].n}
        result[name] = single if len(found) == 1 else [c.value for c in found]
    if "kendall-b" in methods and len(chosen) == 1:
        alike, against = correlation.concordance(data[chosen[0][0]], data[chosen[0][1]])
        result |= {"concordant": alike, "discordant": against}
        result["kendall_b"] |= {"concordant": alike, "discordant": against}
    return result


def _columns(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The pairs: x with y, or each yN with the x whose name holds N (x123 serves y1, y2 and y3)."""
    pairs = []
    for name in data:
        if match := re.fullmatch(r"y(\w*)", name):
            mates = [x for x in data if re.fullmatch(r"x\w*", x) and (x in ("x", f"x{match[1]}") or match[1] in x[1:])]
            if not mates:
                raise BadInput(f"There is no x for {name!r}.")
            pairs.append((f"x{match[1]}" if f"x{match[1]}" in mates else mates[0], name))
    if not pairs:
        raise BadInput("Correlation needs x and y.")
    return pairs


def edge(case: Case) -> Result:
    """Small inputs that break naive programs: one value, no variation, gaps, empty subgroups, zero sizes."""
    data, options = section(case, "input"), section(case, "options")
    return {name: _answered(value, options) for name, value in data.items()}


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
        given = {"x": [_only(row) for row in given["subgroups"]]}
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
    "correlation": correlate,
    "pareto": table,
    "constants": constants,
    "edge": edge,
}
