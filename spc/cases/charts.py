"""Cases of the charts beyond Shewhart: with a memory, for rare events, for several variables, for short runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from spc.cases.plain import Case, Result, fields, figure, given, level, needed, plain, section, whole
from spc.cases.shewhart import setup_of
from spc.charts import multivariate, rare, shortrun, timeweighted
from spc.charts import residual as residuals
from spc.charts.timeweighted import Smoothed, basis
from spc.rules import evaluate, points
from spc.run_length_mewma import mewma_limit
from spc.runs import run_chart
from spc.values import BadInput, numbers, table


def ewma(case: Case) -> Result:
    """EWMA with exact or asymptotic limits."""
    data, options = section(case, "input"), section(case, "options")
    limits = options.get("limits", "exact")
    if limits not in ("exact", "asymptotic"):
        raise BadInput("option limits is 'exact' or 'asymptotic'.")
    chart = timeweighted.ewma(
        needed(data, "x"),
        weight=given(options, "lambda", 0.2),
        width=given(options, "L", 3.0),
        target=figure(options, "target"),
        sigma=figure(options, "sigma"),
        limits=limits,
    )
    result = {"ewma": plain(chart.values)} | smoothed(chart)
    if limits == "exact" and chart.ucl is not None and chart.lcl is not None:
        result |= {"ucl": plain(chart.ucl), "lcl": plain(chart.lcl)}
    return result


def smoothed(chart: Smoothed) -> Result:
    """The common names of a chart of one statistic."""
    return {
        "values": plain(chart.values),
        "center": chart.center,
        "sigma": chart.sigma,
        "ucl": level(chart.ucl),
        "lcl": level(chart.lcl),
        "violations": {"beyond": list(chart.violations)},
        "reasons": dict(chart.reasons),
    }


_SIGMA_ABOVE_0 = "A CUSUM in sigmas needs a sigma above 0: give sigma, or k_units and h_units."


def _no_sums(sigma: float) -> Result:
    """A CUSUM of data that give no sigma."""
    first = "The values do not vary (sigma is 0)." if sigma == 0 else "There are too few values to estimate sigma."
    names = ("c_plus", "c_minus", "n_plus", "n_minus", "estimated_change_after", "h")
    absent: Result = dict.fromkeys(names)
    return {
        **absent,
        "violations": {"upper": [], "lower": []},
        "reasons": dict.fromkeys(names, f"{first} {_SIGMA_ABOVE_0}"),
    }


def cusum(case: Case) -> Result:
    """Tabular CUSUM; k and h in sigmas, or k_units and h_units in the unit of the data."""
    data, options = section(case, "input"), section(case, "options")
    x = numbers(needed(data, "x"))
    target, sigma = basis(x, figure(options, "target"), figure(options, "sigma"))
    k, h = figure(options, "k_units"), figure(options, "h_units")
    if (k is None or h is None) and not sigma > 0:
        if options.get("sigma") is not None:
            raise BadInput(_SIGMA_ABOVE_0)
        return _no_sums(sigma)
    k = given(options, "k", 0.5) * sigma if k is None else k
    h = given(options, "h", 5.0) * sigma if h is None else h
    head = options.get("head_start", 0.0)
    start = (
        h / 2
        if head is True
        else given(options, "head_start", 0.0) * (sigma if options.get("h_units") is None else 1.0)
    )
    chart = timeweighted.cusum(x, target=target, k=k, h=h, head_start=start)
    result: Result = {
        "c_plus": plain(chart.c_plus),
        "c_minus": plain(chart.c_minus),
        "n_plus": list(chart.n_plus),
        "n_minus": list(chart.n_minus),
        "violations": {"upper": list(chart.upper), "lower": list(chart.lower)},
        "estimated_change_after": chart.estimated_change_after,
        "h": h,
        "reasons": {},
    }
    if chart.estimated_change_after is None:
        result["reasons"]["estimated_change_after"] = "No point signals a change."
    if options.get("h_units") is None and given(options, "h", 5.0) == 5.0:
        fast = timeweighted.cusum(x, target=target, k=k, h=h, head_start=h / 2)
        result["head_start_2_5"] = {"c_plus": plain(fast.c_plus), "c_minus": plain(fast.c_minus)}
    return result


def moving_average(case: Case) -> Result:
    """Moving average of the last `span` values."""
    data, options = section(case, "input"), section(case, "options")
    chart = timeweighted.moving_average(
        needed(data, "x"),
        span=whole(options, "span", 3),
        width=given(options, "L", 3.0),
        target=figure(options, "target", figure(options, "center")),
        sigma=figure(options, "sigma"),
    )
    result = smoothed(chart)
    result["violations"]["nelson_1"] = list(chart.violations)
    return result


def short_run(case: Case) -> Result:
    """Short run chart of deviations, standardised where sigma is given."""
    data, options = section(case, "input"), section(case, "options")
    both = {**options, **data}
    if both.get("nominal") is None:
        raise BadInput("A short run chart needs nominal: one value for all or one for each.")
    products = both.get("product") or both.get("part")
    nominal, spread = (_by_product(both.get(name), products, name) for name in ("nominal", "sigma"))
    chart = shortrun.short_run(needed(data, "x"), nominal=nominal, sigma=spread)
    result, rules = smoothed(chart), setup_of({"rules": options.get("rules")}).rules
    if chart.center is not None and chart.sigma is not None:
        result["violations"] |= points(evaluate(chart.values, chart.center, chart.sigma, rules), rules)
    return result


def _by_product(value: Any, products: Any, name: str) -> Any:
    """One entry for each value where figures come by product: {"A": 10} with product ["A", "A", ...]."""
    if not isinstance(value, Mapping):
        return value
    if not isinstance(products, list):
        raise BadInput(f"{name} is given by product: name the product of each value in product.")
    missing = [str(product) for product in products if str(product) not in value]
    if missing:
        raise BadInput(f"{name} is missing for product {missing[0]!r}.")
    return [value[str(product)] for product in products]


def laney(case: Case) -> Result:
    """Laney p' or u' chart."""
    data, options = section(case, "input"), section(case, "options")
    kind: Literal["p", "u"] = "p" if options.get("chart") == "laney-p" else "u"
    rules = setup_of(options).rules
    chart = rare.laney(needed(data, "counts"), data.get("sizes"), chart=kind, rules=rules)
    return {
        "center": chart.center,
        "sigma_z": chart.sigma_z,
        "ucl": plain(chart.ucl),
        "lcl": plain(chart.lcl),
        "plain_p_violations": list(chart.plain_beyond),
        f"plain_{kind}_violations": list(chart.plain_beyond),
        "violations": points(chart.mask, rules),
        "reasons": dict(chart.reasons),
    }


def between_events(case: Case) -> Result:
    """Charts of cases (g) or times (t) between events."""
    data, options = section(case, "input"), section(case, "options")
    rules, x = setup_of(options).rules, needed(data, "x")
    if options.get("chart") == "g":
        chart = rare.g_chart(x, rules=rules)
    else:
        chart = rare.t_chart(x, power=given(options, "power", 3.6), rules=rules)
    result: Result = {
        "center": chart.center,
        "ucl": chart.ucl,
        "lcl": chart.lcl,
        "violations": points(chart.mask, rules),
        "reasons": dict(chart.reasons),
    }
    if chart.limits_of is not None:
        lines = chart.limits_of.at()
        result["transformed"] = {
            "center": chart.limits_of.center,
            "mr_bar": chart.limits_of.spread_mean,
            "sigma": chart.limits_of.sigma,
            "ucl": lines["ucl"],
            "lcl": lines["lcl"],
        }
    return result


def t2(case: Case) -> Result:
    """Hotelling's T squared of single observations (x) or subgroups (x1, x2, ...)."""
    data, options = section(case, "input"), section(case, "options")
    alpha = given(options, "alpha", 0.0027)
    marked = options.get("phase1")
    phase1 = setup_of({"phase1": None if isinstance(marked, bool) else marked}).phase1
    if data.get("x") is not None:
        chart = multivariate.individuals(data["x"], alpha=alpha, phase1=phase1)
        limits = {"ucl_phase1_beta": chart.ucl_phase1, "ucl_phase2_f": chart.ucl_phase2}
    else:
        names = sorted((name for name in data if re.fullmatch(r"x\d+", name)), key=lambda name: int(name[1:]))
        variables = [data[name] for name in names]
        if not variables:
            raise BadInput("T squared needs x, or x1, x2, ...")
        chart = multivariate.subgroups(variables, alpha=alpha, phase1=phase1)
        limits = {"ucl_phase1": chart.ucl_phase1, "ucl_phase2": chart.ucl_phase2}
    return limits | {
        "center": chart.center,
        "cov": chart.cov,
        "t2": chart.t2,
        "violations": list(chart.violations),
        "contributions": chart.contributions,
        "reasons": {},
    }


def mewma(case: Case) -> Result:
    """Multivariate EWMA; the limit h as given, else for the in-control run length `arl` (default 200)."""
    data, options = section(case, "input"), section(case, "options")
    rows, weight = table(needed(data, "x"), name="x"), given(options, "lambda", 0.1)
    asked = next((name for name in ("h", "ucl", "limit", "h4", "L") if options.get(name) is not None), "h")
    limit = figure(options, asked)
    if limit is None:
        limit = mewma_limit(max(1, rows.shape[1]), weight, given(options, "arl", 200.0))
    chart = multivariate.mewma(
        rows,
        weight=weight,
        limit=limit,
        target=options.get("target"),
        cov=next((options[name] for name in ("cov", "sigma") if options.get(name) is not None), None),
    )
    return {
        "values": chart.t2,
        "center": chart.center,
        "cov": chart.cov,
        "ucl": limit,
        "lcl": 0.0,
        "violations": list(chart.violations),
        "contributions": chart.contributions,
        "reasons": {},
    }


def run(case: Case) -> Result:
    """Run chart around the median, with its tests."""
    data, options = section(case, "input"), section(case, "options")
    return fields(run_chart(needed(data, "x"), median=figure(options, "center", figure(options, "median"))))


def residual(case: Case) -> Result:
    """Individuals chart of the residuals of an AR(1) model."""
    data, options = section(case, "input"), section(case, "options")
    rules = setup_of({"rules": options.get("rules")}).rules
    found = residuals.residual_chart(needed(data, "x"), rules=rules)
    lines = found.limits.at()
    return {
        "phi": found.phi,
        "level": found.level,
        "values": plain(found.residuals),
        "center": found.limits.center,
        "sigma": found.limits.sigma,
        "ucl": lines["ucl"],
        "lcl": lines["lcl"],
        "violations": points(found.mask, rules),
        "ljung_box": {"before": fields(found.before), "after": fields(found.after)},
        "reasons": dict(found.reasons),
    }


def widened(case: Case) -> Result:
    """Individuals chart with limits from the overall standard deviation, for autocorrelated data."""
    data, options = section(case, "input"), section(case, "options")
    width = given(options, "width", 3.0)
    return smoothed(residuals.widened(needed(data, "x"), width=width, target=figure(options, "target")))


CHARTS: dict[str, Callable[[Case], Result]] = {
    "ewma": ewma,
    "cusum": cusum,
    "moving-average": moving_average,
    "short-run": short_run,
    "laney-p": laney,
    "laney-u": laney,
    "g": between_events,
    "t": between_events,
    "t2": t2,
    "mewma": mewma,
    "run": run,
    "residual": residual,
    "widened": widened,
}
