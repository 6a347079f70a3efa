"""Cases that are not charts: rules, capability, agreement, correlation, Pareto, constants, statistics, small inputs."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from spc import agreement, autocorrelation, correlation, estimators, pareto
from spc import capability as indices
from spc.cases.plain import Case, Result, fields, figure, needed, plain, section
from spc.cases.shewhart import describe, sample_of, setup_of
from spc.charts import draw
from spc.constants import chart_constants, d4
from spc.rules import evaluate, points
from spc.values import BadInput, Floats, numbers, present


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
    within = options.get("within", "")
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


def constants(case: Case) -> Result:
    """All constants of each subgroup size asked for."""
    sizes = needed(section(case, "input"), "n")
    return {str(n): {**chart_constants(n), "d4": d4(n)} for n in (sizes if isinstance(sizes, list) else [sizes])}


def table(case: Case) -> Result:
    """Pareto table by count, or by cost when costs are given."""
    data, options = section(case, "input"), section(case, "options")
    result = pareto.pareto(needed(data, "counts"), data.get("costs") or options.get("costs"))
    reasons = {} if result.percent else {"percent": "All counts are zero.", "cumulative_percent": "All counts are zero."}
    return fields(result) | {"reasons": reasons}


def correlate(case: Case) -> Result:
    """One pair (x, y) with p-values, or several pairs as lists of coefficients."""
    data, options = section(case, "input"), section(case, "options")
    methods = options.get("methods") or ["pearson"]
    chosen = _columns(data)
    known = {"pearson": ("pearson", "r", correlation.pearson), "spearman": ("spearman", "rho", correlation.spearman),
             "kendall-b": ("kendall_b", "tau", correlation.kendall)}
    result: Result = {"reasons": {}}
    for method in methods:
        if method not in known:
            raise BadInput(f"not supported: method {method!r}. Known: {', '.join(known)}.")
        name, symbol, function = known[method]
        found = [function(data[x], data[y]) for x, y in chosen]
        result["reasons"] |= {name: c.reason for c in found if c.reason}
        single = {symbol: found[0].value, "p": found[0].p, "n": found[0].n}
        result[name] = single if len(found) == 1 else [c.value for c in found]
    if "kendall-b" in methods and len(chosen) == 1:
        alike, against = correlation.concordance(data[chosen[0][0]], data[chosen[0][1]])
        result |= {"concordant": alike, "discordant": against}
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


def measurement(case: Case) -> Result:
    """Agreement of ratings."""
    data, options = section(case, "input"), section(case, "options")
    method = options.get("method")
    if method not in ("fleiss", "cohen"):
        raise BadInput(f"not supported: method {method!r} of kind msa.")
    counts, names = data.get("counts_by_subject_and_category"), tuple(data.get("categories") or ())
    if method == "fleiss":
        if counts is None:
            counts, names = agreement.counts_of(needed(data, "ratings"))
        return fields(agreement.fleiss(counts, categories=names))
    return fields(agreement.cohen(needed(data, "ratings")))


def statistics(case: Case) -> Result:
    """Mean, standard deviation, lag-one autocorrelation and moving-range sigma, per list when there are several."""
    data, options = section(case, "input"), section(case, "options")
    asked = options.get("stat") or ["mean", "std", "lag1_autocorrelation", "mr_sigma"]
    asked = [asked] if isinstance(asked, str) else asked
    if set(data) <= {"x"}:
        return _summary(numbers(needed(data, "x")), asked)
    return {name: _summary(numbers(values, name=name), asked) for name, values in data.items() if isinstance(values, list)}


def _summary(x: Floats, asked: list[str]) -> Result:
    kept, empty = present(x), "There are too few values, or they do not vary."
    mean = estimators.mean(x)
    figures: Result = plain({
        "mean": mean, "std": float(np.std(kept - mean, ddof=1)) if len(kept) > 1 else None,
        "lag1_autocorrelation": autocorrelation.lag_one(x),
        "mr_sigma": estimators.mean_moving_range(estimators.moving_ranges(x)) if len(x) else None,
    })
    unknown = [name for name in asked if name not in figures and name != "warn_autocorrelated"]
    if unknown:
        raise BadInput(f"not supported: stat {unknown[0]!r}. Known: {', '.join(figures)}.")
    absent = {name: empty for name in asked if figures.get(name, 0) is None}
    return {**figures, "n": len(kept), "warn_autocorrelated": autocorrelation.warns(x), "reasons": absent}


def edge(case: Case) -> Result:
    """Small inputs that break naive programs: one value, no variation, gaps, empty subgroups, zero sizes."""
    data, options = section(case, "input"), section(case, "options")
    return {name: _small(value, options) for name, value in data.items()}


def _small(value: Any, options: Mapping[str, Any]) -> Result:
    given = value if isinstance(value, Mapping) else {"subgroups" if _rows(value) else "x": value}
    own = {**options, **given}
    try:
        kind = _kind(given, own)
        if kind == "i-mr" and "x" not in given:
            given = {"x": [_only(row) for row in given["subgroups"]]}
        sample, setup = sample_of(kind, given), setup_of({**own, "sigma": None})
        chart = draw(sample, setup)
        result = describe(chart, sample, setup)
        exists = result["ucl"] is not None
        result |= {"chart": kind, "points": int((~np.isnan(sample.values)).sum()),
                   "limits": {"ucl": result["ucl"], "lcl": result["lcl"]} if exists else None}
        if own.get("lsl") is not None or own.get("usl") is not None:
            result["capability"] = _figures(given, own)
        return result
    except BadInput as error:
        absent = dict.fromkeys(("chart", "center", "sigma", "limits", "capability", "ucl", "lcl"))
        return {**absent, "points": 0, "violations": {}, "reasons": dict.fromkeys(absent, str(error))}


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
    widest = max((len([v for v in row if v is not None]) for row in given["subgroups"] if isinstance(row, list)), default=0)
    return "xbar-r" if widest > 1 else "i-mr"


KINDS: dict[str, Callable[[Case], Result]] = {
    "rules": rules, "capability": capability, "msa": measurement, "statistics": statistics, "correlation": correlate,
    "pareto": table, "constants": constants, "edge": edge,
}
