"""Worked numbers of gauge studies, agreement, sampling, tests, trends and screening."""

from __future__ import annotations

import numpy as np

from spc import (
    agreement,
    anova,
    autocorrelation,
    changes,
    correlation,
    effect,
    figures,
    gauge,
    gauge_intervals,
    gauge_location,
    gauge_nested,
    gauge_plan,
    gauge_verdict,
    guide,
    hypotheses,
    multiplicity,
    pareto_change,
    power,
    proportions,
    regression,
    screening,
    trend,
    trend_tests,
)
from spc.sampling import attribute, iso2859, switching, variable
from spc.worked.basics import FLOW, Worked, picked

_TRIALS = {
    "A": [[1.0, 2.0, 3.1], [1.1, 2.1, 3.0]],
    "B": [[1.2, 2.2, 3.2], [1.1, 2.0, 3.1]],
}
_GAUGE = "three parts, two appraisers, two trials"
_RATINGS = [["ok", "ok"], ["ok", "bad"], ["bad", "bad"], ["ok", "ok"], ["bad", "bad"]]
_FIVE = "(ok, ok), (ok, bad), (bad, bad), (ok, ok), (bad, bad)"
_RISING = [1.0, 3.0, 2.0, 4.0, 6.0, 5.0, 7.0, 8.0, 10.0, 9.0]
_RISE = "1, 3, 2, 4, 6, 5, 7, 8, 10, 9"
_STEP = [0.0, 0.1, -0.1, 0.2, -0.2] * 4 + [3.0, 3.1, 2.9, 3.2, 2.8] * 4
_STEPPED = "20 values about 0, then 20 about 3"
_X, _Y = [1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 6.0]
_XY = "x 1 to 5, y 2, 1, 4, 3, 6"
_GROUPS = [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [5.0, 6.0, 7.0]]
_THREE = "(1, 2, 3), (2, 4, 6), (5, 6, 7)"
STUDIES: dict[str, Worked] = {
    "gauge.anova": Worked(_GAUGE, lambda: picked(gauge.anova(gauge.study(_TRIALS)), "variance", "interaction_p")),
    "gauge.average_range": Worked(
        _GAUGE, lambda: picked(gauge.average_range(gauge.study(_TRIALS)), "r_bar", "x_diff", "r_part")
    ),
    "gauge.study": Worked(_GAUGE, lambda: gauge.study(_TRIALS).shape),
    "agreement.counts_of": Worked(_FIVE, lambda: agreement.counts_of(_RATINGS)[0]),
    "agreement.fleiss": Worked(
        "[[2, 0], [1, 1], [0, 2], [2, 0], [0, 2]]",
        lambda: picked(agreement.fleiss([[2, 0], [1, 1], [0, 2], [2, 0], [0, 2]]), "kappa", "z"),
    ),
    "agreement.cohen": Worked(_FIVE, lambda: picked(agreement.cohen(_RATINGS), "kappa", "observed_agreement")),
    "sampling.attribute.quality_at": Worked(
        "n 89, Ac 2: accepted one time in ten", lambda: attribute.quality_at(attribute.Single(89, 2), 0.1)
    ),
    "sampling.attribute.risks": Worked(
        "n 89, Ac 2 at 1 % and 6 %",
        lambda: picked(attribute.risks(attribute.Single(89, 2), good=0.01, bad=0.06), "producer", "consumer"),
    ),
    "sampling.attribute.curve": Worked(
        "n 89, Ac 2 at 1, 3, 6 %: accepted",
        lambda: attribute.curve(attribute.Single(89, 2), np.array([0.01, 0.03, 0.06])).accepted,
    ),
    "sampling.iso2859.code_letter": Worked("lot of 2000, level II", lambda: iso2859.code_letter(2000)),
    "sampling.iso2859.entry": Worked("letter K, AQL 1.0", lambda: str(iso2859.entry("K", 1.0))),
    "sampling.variable.accepted": Worked(
        "the plan for 1 % and 6 %, at 1 %", lambda: variable.accepted(variable.design(good=0.01, bad=0.06), 0.01)
    ),
    "sampling.variable.matched": Worked(
        "lot of 500, AQL 1.0, s method", lambda: picked(variable.matched(500, 1.0).plan, "n", "k")
    ),
    "sampling.switching.resume": Worked("after discontinuation", lambda: switching.resume(switching.Switch()).severity),
    "trend.pettitt": Worked(_STEPPED, lambda: picked(trend.pettitt(_STEP), "last_before_change", "p")),
    "trend.mean_shift": Worked(_STEPPED, lambda: picked(trend.mean_shift(_STEP), "last_before_change")),
    "changes.changes": Worked(_STEPPED, lambda: changes.changes(_STEP).last_before_change),
    "changes.newest_change": Worked(_STEPPED, lambda: changes.newest_change(np.array(_STEP))),
    "autocorrelation.warns": Worked(_STEPPED, lambda: autocorrelation.warns(np.array(_STEP))),
    "autocorrelation.effective_size": Worked(_RISE, lambda: autocorrelation.effective_size(np.array(_RISING))),
    "autocorrelation.autocorrelations": Worked(
        f"{_RISE}: lags 1 to 3", lambda: autocorrelation.autocorrelations(np.array(_RISING), 3)
    ),
    "autocorrelation.ljung_box": Worked(_RISE, lambda: picked(autocorrelation.ljung_box(np.array(_RISING)), "q", "p")),
    "correlation.pearson": Worked(_XY, lambda: picked(correlation.pearson(_X, _Y), "value", "p")),
    "correlation.kendall": Worked(_XY, lambda: correlation.kendall(_X, _Y).value),
    "correlation.concordance": Worked(_XY, lambda: correlation.concordance(_X, _Y)),
    "hypotheses.t_one": Worked(
        "flow rate against 50", lambda: picked(hypotheses.t_one(FLOW, mean=50.0), "statistic", "p", "ci")
    ),
    "hypotheses.t_paired": Worked(_XY, lambda: picked(hypotheses.t_paired(_X, _Y), "statistic", "p")),
    "hypotheses.variances": Worked(_THREE, lambda: picked(hypotheses.variances(_GROUPS), "statistic", "p")),
    "hypotheses.variance_one": Worked(
        "flow rate against sigma 2", lambda: picked(hypotheses.variance_one(FLOW, sigma=2.0), "statistic", "p")
    ),
    "hypotheses.mann_whitney": Worked(_XY, lambda: picked(hypotheses.mann_whitney(_X, _Y), "statistic", "p")),
    "hypotheses.kruskal": Worked(_THREE, lambda: picked(hypotheses.kruskal(_GROUPS), "statistic", "p")),
    "effect.of_means": Worked(
        f"{_STEPPED}, lower is better: the verdict",
        lambda: effect.of_means(np.array(_STEP[20:]), np.array(_STEP[:20]), effect.Goal("lower")).sentence,
    ),
    "anova.one_way": Worked(
        _THREE, lambda: picked(anova.one_way({"a": _GROUPS[0], "b": _GROUPS[1], "c": _GROUPS[2]}).table[0], "f", "p")
    ),
    "figures.box": Worked("1 to 9 and 30", lambda: picked(figures.box([*range(1, 10), 30]), "median", "outliers")),
    "gauge_location.linearity": Worked(
        "readings of masters 2, 4 and 6",
        lambda: picked(
            gauge_location.linearity({"2": [2.1, 2.2], "4": [4.1, 4.0], "6": [5.9, 5.8]}), "slope", "intercept"
        ),
    ),
    "gauge_plan.run_order": Worked(
        "parts 1 to 3 by A, two trials, seed 1",
        lambda: [run.part for run in gauge_plan.run_order({"A": ("1", "2", "3")}, trials=2, seed=1)["A"]],
    ),
    "gauge_verdict.of_share": Worked(
        "8, 20 and 40 % of the spread", lambda: [gauge_verdict.of_share(s) for s in (8, 20, 40)]
    ),
    "gauge_verdict.of_gauge": Worked("8 %, 4 categories", lambda: gauge_verdict.of_gauge(8.0, 4)),
    "gauge_verdict.of_agreement": Worked("kappa 0.6", lambda: gauge_verdict.of_agreement(0.6)),
    "gauge_verdict.of_test": Worked("a test that found nothing", lambda: gauge_verdict.of_test(fine=True)),
    "guide.advise": Worked("flow rate", lambda: guide.advise(FLOW).chart),
    "multiplicity.holm": Worked("0.01, 0.02, 0.03, 0.5", lambda: multiplicity.holm([0.01, 0.02, 0.03, 0.5])),
    "pareto_change.change": Worked(
        "a 30 after 10, b 5 after 5: ratios",
        lambda: [one.ratio for one in pareto_change.change({"a": 30, "b": 5}, {"a": 10, "b": 5})],
    ),
    "power.power_proportions": Worked(
        "200 in each group, 5 % against 2 %", lambda: power.power_proportions(200, first=0.05, second=0.02)
    ),
    "power.power_anova": Worked(
        "20 in each of 3 groups, effect 0.4", lambda: power.power_anova(20, groups=3, effect=0.4)
    ),
    "power.power_variances": Worked("30 in each group, ratio 2", lambda: power.power_variances(30, ratio=2.0)),
    "power.sample_size": Worked(
        "half a sigma, power 80 %",
        lambda: power.sample_size(lambda n: power.power_mean(n, difference=0.5, sigma=1.0)),
    ),
    "proportions.clopper_pearson": Worked("4 of 50", lambda: proportions.clopper_pearson(4, 50)),
    "proportions.wilson": Worked("4 of 50", lambda: proportions.wilson(4, 50)),
    "proportions.proportion_one": Worked(
        "4 of 50 against 2 %", lambda: picked(proportions.proportion_one(4, 50, share=0.02), "estimate", "ci", "p")
    ),
    "proportions.rate_two": Worked(
        "12 in 100 against 20 in 90", lambda: picked(proportions.rate_two((12, 100), (20, 90)), "estimate", "ci", "p")
    ),
    "proportions.chi_square": Worked(
        "[[20, 30], [30, 20]]", lambda: picked(proportions.chi_square([[20, 30], [30, 20]]), "statistic", "p")
    ),
    "regression.regression": Worked(_XY, lambda: picked(regression.regression(_Y, {"x": _X}), "r_squared", "s", "p")),
    "screening.partial": Worked(
        "x and y of ten rising values, with the time held",
        lambda: screening.partial(_RISING, _RISING[::-1], {"time": list(range(10))}).value,
    ),
    "screening.lag_search": Worked(
        "a series and itself one later: lag",
        lambda: screening.lag_search(_RISING * 3, [0.0, *(_RISING * 3)[:-1]], most=3).best_lag,
    ),
    "trend_tests.hamed_rao": Worked(_RISE, lambda: picked(trend_tests.hamed_rao(_RISING), "z", "p")),
    "trend_tests.sen": Worked(_RISE, lambda: picked(trend_tests.sen(_RISING), "slope")),
    "gauge.shares": Worked(
        "part 9, everything else 1: % of the study",
        lambda: gauge.average_range(gauge.study(_TRIALS)).shares.pct_study,
    ),
    "sampling.variable.judge": Worked(
        "flow rate, upper limit 56, n 10, k 1.5",
        lambda: variable.judge(FLOW, variable.Variable(10, 1.5), usl=56.0).accepted,
    ),
    "effect.of_proportions": Worked(
        "40 of 1000 before, 15 of 1000 after, lower is better",
        lambda: (
            effect.of_proportions(effect.Exposure(40, 1000), effect.Exposure(15, 1000), effect.Goal("lower")).sentence
        ),
    ),
    "effect.of_rates": Worked(
        "40 in 500 hours before, 15 in 500 after, lower is better",
        lambda: effect.of_rates(effect.Exposure(40, 500), effect.Exposure(15, 500), effect.Goal("lower")).sentence,
    ),
    "effect.of_spread": Worked(
        f"{_STEPPED} against the 20 about 0, lower is better",
        lambda: effect.of_spread(np.array(_STEP), np.array(_STEP[:20]), effect.Goal("lower")).outcome,
    ),
    "effect.of_capability": Worked(
        "20 about 3, then 20 about 0, between -1 and 1.5",
        lambda: (
            effect.of_capability(
                np.array(_STEP[20:]), np.array(_STEP[:20]), effect.Goal("higher"), lsl=-1.0, usl=1.5
            ).outcome
        ),
    ),
    "figures.boxes": Worked(
        "(1, 2, 3), (2, 4, 6): medians",
        lambda: [one.median for one in figures.boxes({"a": _GROUPS[0], "b": _GROUPS[1]}).values()],
    ),
    "gauge_location.stability": Worked(
        "(5.8, 5.9), (6.0, 6.1), (6.1, 6.0), (5.9, 6.1) against 6.0",
        lambda: picked(
            gauge_location.stability([[5.8, 5.9], [6.0, 6.1], [6.1, 6.0], [5.9, 6.1]], reference=6.0), "bias"
        ),
    ),
    "gauge_nested.nested": Worked(
        "two parts of each of two appraisers, two trials",
        lambda: (
            gauge_nested.nested(gauge.study({"A": [[1.0, 2.0], [1.1, 2.1]], "B": [[3.0, 4.1], [3.1, 4.0]]})).variance
        ),
    ),
    "gauge_intervals.intervals": Worked(
        _GAUGE, lambda: gauge_intervals.intervals(gauge.anova(gauge.study(_TRIALS)), trials=2).std["grr"]
    ),
    "correlation.pairs": Worked(
        "(1, 2), (gap, 3), (4, 5)", lambda: list(correlation.pairs([1.0, None, 4.0], [2.0, 3.0, 5.0]))
    ),
    "screening.screen": Worked(
        "two causes of ten values: p values after control",
        lambda: [
            one.adjusted_p for one in screening.screen(_RISING, {"a": _RISING, "b": [1, 5, 2, 4, 3, 6, 2, 5, 1, 4]})
        ],
    ),
}
