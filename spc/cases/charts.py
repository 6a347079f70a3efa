"""Cases of the charts beyond Shewhart: EWMA, CUSUM, moving average."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from spc.cases.plain import Case, Result, figure, level, needed, plain, section
from spc.charts import timeweighted
from spc.charts.timeweighted import Smoothed, basis
from spc.values import BadInput, numbers


def ewma(case: Case) -> Result:
    """EWMA with exact or asymptotic limits."""
    data, options = section(case, "input"), section(case, "options")
    limits = options.get("limits", "exact")
    if limits not in ("exact", "asymptotic"):
        raise BadInput("option limits is 'exact' or 'asymptotic'.")
    chart = timeweighted.ewma(
        needed(data, "x"), weight=_given(options, "lambda", 0.2), width=_given(options, "L", 3.0),
        target=figure(options, "target"), sigma=figure(options, "sigma"), limits=limits,
    )
    return {"ewma": plain(chart.values)} | smoothed(chart)


def smoothed(chart: Smoothed) -> Result:
    """The common names of a chart of one statistic."""
    return {
        "values": plain(chart.values), "center": chart.center, "sigma": chart.sigma, "ucl": level(chart.ucl),
        "lcl": level(chart.lcl), "violations": {"beyond": list(chart.violations)}, "reasons": dict(chart.reasons),
    }


def _given(options: Mapping[str, Any], name: str, default: float) -> float:
    value = figure(options, name, default)
    return default if value is None else value


def cusum(case: Case) -> Result:
    """Tabular CUSUM; k and h in sigmas, or k_units and h_units in the unit of the data."""
    data, options = section(case, "input"), section(case, "options")
    x = numbers(needed(data, "x"))
    target, sigma = basis(x, figure(options, "target"), figure(options, "sigma"))
    k, h = figure(options, "k_units"), figure(options, "h_units")
    if (k is None or h is None) and not sigma > 0:
        raise BadInput("A CUSUM in sigmas needs a sigma above 0: give sigma, or k_units and h_units.")
    k = _given(options, "k", 0.5) * sigma if k is None else k
    h = _given(options, "h", 5.0) * sigma if h is None else h
    head = options.get("head_start", 0.0)
    start = h / 2 if head is True else _given(options, "head_start", 0.0) * (sigma if options.get("h_units") is None else 1.0)
    chart = timeweighted.cusum(x, target=target, k=k, h=h, head_start=start)
    result: Result = {
        "c_plus": plain(chart.c_plus), "c_minus": plain(chart.c_minus), "n_plus": list(chart.n_plus),
        "n_minus": list(chart.n_minus), "violations": {"upper": list(chart.upper), "lower": list(chart.lower)},
        "estimated_change_after": chart.estimated_change_after, "h": h, "reasons": {},
    }
    if chart.estimated_change_after is None:
        result["reasons"]["estimated_change_after"] = "No point signals a change."
    if options.get("h_units") is None and _given(options, "h", 5.0) == 5.0:
        fast = timeweighted.cusum(x, target=target, k=k, h=h, head_start=h / 2)
        result["head_start_2_5"] = {"c_plus": plain(fast.c_plus), "c_minus": plain(fast.c_minus)}
    return result


def moving_average(case: Case) -> Result:
    """Moving average of the last `span` values."""
    data, options = section(case, "input"), section(case, "options")
    return smoothed(timeweighted.moving_average(
        needed(data, "x"), span=int(_given(options, "span", 3)), width=_given(options, "L", 3.0),
        target=figure(options, "target"), sigma=figure(options, "sigma")))


CHARTS: dict[str, Callable[[Case], Result]] = {"ewma": ewma, "cusum": cusum, "moving-average": moving_average}
