"""Worked numbers of the formulas page: published or hand-checkable inputs, answered by the code itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from spc import (
    agreement,
    autocorrelation,
    capability,
    constants,
    correlation,
    estimators,
    hypotheses,
    johnson,
    pareto,
    power,
    proportions,
    run_length,
    run_length_mewma,
    trend,
)
from spc.charts import rare, timeweighted
from spc.gauge_location import bias
from spc.limits import estimate
from spc.multiplicity import benjamini_hochberg
from spc.samples import counted, individuals
from spc.sampling import attribute, iso2859, variable
from spc.shapes import box_cox

FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
MASTER = [5.8, 5.7, 5.9, 5.9, 6.0, 6.1, 6.0, 6.1, 6.4, 6.3, 6.0, 6.1, 6.2, 5.6, 6.0]
ROWS = [[1.0, 2.0, 3.0], [2.0, 4.0], [1.0, 3.0, 2.0, 2.0]]


@dataclass(frozen=True)
class Worked:
    """What was put in, in words, and how to compute what comes out."""

    words: str
    value: Callable[[], Any]


def picked(found: Any, *names: str) -> dict[str, Any]:
    """In: an answer and names of its figures. Out: those figures by name. Source: definition."""
    return {name: getattr(found, name) for name in names}


_GROUPS = estimators.summarise(ROWS)
_FLOW = "NIST flow rate (49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1)"
_THREE = "subgroups (1, 2, 3), (2, 4), (1, 3, 2, 2)"
BASICS: dict[str, Worked] = {
    "constants.d2": Worked("n = 2, 5, 10", lambda: [constants.d2(n) for n in (2, 5, 10)]),
    "constants.d3": Worked("n = 2, 5, 10", lambda: [constants.d3(n) for n in (2, 5, 10)]),
    "constants.c4": Worked("n = 2, 5, 10", lambda: [constants.c4(n) for n in (2, 5, 10)]),
    "constants.d4": Worked("n = 2", lambda: constants.d4(2)),
    "constants.chart_constants": Worked("n = 5", lambda: constants.chart_constants(5)),
    "estimators.mean_range": Worked(_THREE, lambda: estimators.mean_range(_GROUPS)),
    "estimators.mean_std": Worked(_THREE, lambda: estimators.mean_std(_GROUPS)),
    "estimators.minimum_variance_range": Worked(_THREE, lambda: estimators.minimum_variance_range(_GROUPS)),
    "estimators.minimum_variance_std": Worked(_THREE, lambda: estimators.minimum_variance_std(_GROUPS)),
    "estimators.pooled": Worked(_THREE, lambda: estimators.pooled(_GROUPS)),
    "estimators.pooled_unbiased": Worked(_THREE, lambda: estimators.pooled_unbiased(_GROUPS)),
    "estimators.mean_moving_range": Worked(
        _FLOW, lambda: estimators.mean_moving_range(estimators.moving_ranges(np.array(FLOW)))
    ),
    "limits.estimate": Worked(_FLOW, lambda: estimate(individuals(FLOW)).at()),
    "samples.counted": Worked(
        "c chart of 16, 14, 28, 16: its limits", lambda: estimate(counted([16, 14, 28, 16], chart="c")).at()
    ),
    "charts.timeweighted.ewma": Worked(
        f"{_FLOW}, weight 0.3, target 50, sigma 2.0539",
        lambda: timeweighted.ewma(FLOW, weight=0.3, target=50.0, sigma=2.0539).values,
    ),
    "charts.timeweighted.cusum": Worked(
        "10.4, 12, 12 with target 10, k 0.5, h 5: C+",
        lambda: timeweighted.cusum([10.4, 12, 12], target=10.0, k=0.5, h=5.0).c_plus,
    ),
    "charts.rare.g_chart": Worked("4, 0, 9, 3", lambda: picked(rare.g_chart([4, 0, 9, 3]), "center", "ucl", "lcl")),
    "charts.rare.t_chart": Worked(
        "286, 948, 536, 124, 816", lambda: picked(rare.t_chart([286, 948, 536, 124, 816]), "center", "ucl", "lcl")
    ),
    "run_length.in_control": Worked(
        "rule 1; Western Electric 1-4",
        lambda: [run_length.in_control(r).points for r in (("nelson_1",), ("we_1", "we_2", "we_3", "we_4"))],
    ),
    "run_length_mewma.mewma_limit": Worked(
        "2 variables, weight 0.1, run length 200", lambda: run_length_mewma.mewma_limit(2, 0.1)
    ),
    "capability.capability": Worked(
        "mean 16, sigma 2, limits 8 and 20, target 14 (NIST 6.1.6)",
        lambda: picked(
            capability.capability(capability.of_summary(16, 2), capability.Spec(8, 20, 14)), "cp", "cpk", "k", "cpm"
        ),
    ),
    "shapes.box_cox": Worked("1, 2, 4, 8, 16: the power", lambda: round(box_cox([1, 2, 4, 8, 16]).power, 4)),
    "gauge_location.bias": Worked(
        "15 readings of a master of 6.0 (AIAG)", lambda: picked(bias(MASTER, reference=6.0), "bias", "t", "p")
    ),
    "agreement.cohen_table": Worked(
        "[[20, 5], [10, 15]]",
        lambda: picked(agreement.cohen_table([[20, 5], [10, 15]]), "kappa", "observed_agreement", "chance_agreement"),
    ),
    "sampling.iso2859.plan": Worked(
        "lot of 2000, AQL 1.0, level II",
        lambda: picked(iso2859.plan(2000, 1.0), "letter", "n", "accept", "reject", "quality"),
    ),
    "sampling.attribute.design": Worked(
        "1 % and 6 %, risks 5 % and 10 %",
        lambda: picked(attribute.design(good=0.01, bad=0.06), "n", "accept"),
    ),
    "sampling.attribute.accepted": Worked(
        "n 89, Ac 2 at 1 % (Montgomery 15.2)", lambda: attribute.accepted(attribute.Single(89, 2), 0.01)
    ),
    "sampling.variable.design": Worked(
        "1 % and 6 %, risks 5 % and 10 %, s method", lambda: picked(variable.design(good=0.01, bad=0.06), "n", "k")
    ),
    "trend.mann_kendall": Worked(
        "1, 3, 2, 4, 6, 5, 7, 8, 10, 9",
        lambda: picked(trend.mann_kendall([1, 3, 2, 4, 6, 5, 7, 8, 10, 9]), "s", "var_s", "z", "p"),
    ),
    "trend.sen_slope": Worked("1, 3, 2, 4, 6", lambda: trend.sen_slope([1, 3, 2, 4, 6])),
    "autocorrelation.lag_one": Worked("1, 2, 4, 3", lambda: autocorrelation.lag_one(np.array([1.0, 2.0, 4.0, 3.0]))),
    "correlation.spearman": Worked(
        "(1, 2), (2, 1), (3, 4), (4, 3)", lambda: correlation.spearman([1, 2, 3, 4], [2, 1, 4, 3]).value
    ),
    "hypotheses.t_two": Worked(
        "1, 2, 4, 3, 5 against 2, 4, 6, 9, 7, 8",
        lambda: picked(hypotheses.t_two([1, 2, 4, 3, 5], [2, 4, 6, 9, 7, 8]), "statistic", "df", "p", "ci"),
    ),
    "proportions.proportion_two": Worked(
        "56 of 70 against 48 of 80 (Newcombe 1998)",
        lambda: picked(proportions.proportion_two((56, 70), (48, 80)), "estimate", "ci", "p"),
    ),
    "power.power_mean": Worked(
        "64 in each group, half a sigma apart", lambda: power.power_mean(64, difference=0.5, sigma=1.0)
    ),
    "multiplicity.benjamini_hochberg": Worked(
        "0.01, 0.02, 0.03, 0.5", lambda: benjamini_hochberg([0.01, 0.02, 0.03, 0.5])
    ),
    "pareto.pareto": Worked(
        "a 3, b 5, other 9", lambda: picked(pareto.pareto({"a": 3, "b": 5, "other": 9}), "order", "cumulative_percent")
    ),
    "johnson.johnson": Worked(
        "squares of 1 to 20: the family", lambda: johnson.johnson([float(i * i) for i in range(1, 21)]).kind
    ),
}
