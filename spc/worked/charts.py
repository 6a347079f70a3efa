"""Worked numbers of charts, rules, what judges point by point, and capability."""

from __future__ import annotations

import numpy as np

from spc import (
    capability,
    constants,
    estimators,
    fleet,
    joint,
    limits,
    live,
    memory,
    proposal,
    rules,
    rulesets,
    run_length_mewma,
    runs,
    samples,
    shape_intervals,
    shapes,
    streaming,
    stuck,
    transformed,
)
from spc.charts import multivariate, rare, residual, shewhart, shortrun, timeweighted
from spc.worked.basics import FLOW, ROWS, Worked, picked

_FLOW = "NIST flow rate"
_PAIRS = [[1.0, 2.0], [2.0, 1.0], [3.0, 4.0], [4.0, 3.0], [5.0, 7.0], [6.0, 5.0], [7.0, 6.0]]
_SEVEN = "(1, 2), (2, 1), (3, 4), (4, 3), (5, 7), (6, 5), (7, 6)"
_NINE = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
_SKEWED = [1.0, 1.2, 1.5, 2.0, 2.2, 2.9, 3.1, 4.0, 5.5, 8.0]
_STEP = [0.0, 0.1, -0.1, 0.2, -0.2] * 5 + [3.0, 3.1, 2.9, 3.2, 2.8] * 5
_TOGETHER = joint.Together(np.array([0.0, 0.0]), np.array([[1.0, 0.5], [0.5, 1.0]]), 10.0)
_MEWMA = joint.Together(np.array([0.0, 0.0]), np.array([[1.0, 0.5], [0.5, 1.0]]), 10.0, 0.1)
_LIMITS = limits.estimate(samples.individuals(FLOW))
_SPEC = capability.Spec(0.5, 9.0, 3.0)
_UNIT = live.by_rules(0.0, 1.0, ("nelson_1",))
CHARTS: dict[str, Worked] = {
    "constants.range_cdf": Worked("w = 3.6332, n = 3", lambda: constants.range_cdf(np.array([3.6332]), 3)),
    "constants.c5": Worked("n = 5", lambda: constants.c5(5)),
    "estimators.summarise": Worked(
        "subgroups (1, 2, 3), (2, 4), (1, 3, 2, 2)",
        lambda: picked(estimators.summarise(ROWS), "sizes", "means", "ranges"),
    ),
    "estimators.per_size": Worked(
        "d2 of sizes 2, 5, 2", lambda: estimators.per_size(constants.d2, np.array([2, 5, 2]))
    ),
    "estimators.degrees_of_freedom": Worked(
        "subgroups (1, 2, 3), (2, 4), (1, 3, 2, 2)", lambda: estimators.degrees_of_freedom(estimators.summarise(ROWS))
    ),
    "estimators.median_moving_range": Worked(
        _FLOW, lambda: estimators.median_moving_range(estimators.moving_ranges(np.array(FLOW)))
    ),
    "estimators.moving_ranges": Worked("1, 4, 2", lambda: estimators.moving_ranges(np.array([1.0, 4.0, 2.0]))),
    "estimators.mean": Worked(
        "1, 4 with weights 3, 1", lambda: estimators.mean(np.array([1.0, 4.0]), np.array([3.0, 1.0]))
    ),
    "limits.kind_of": Worked("xbar-r", lambda: limits.kind_of("xbar-r")),
    "charts.multivariate.individuals": Worked(
        _SEVEN, lambda: picked(multivariate.individuals(_PAIRS), "center", "ucl_phase1", "ucl_phase2")
    ),
    "charts.multivariate.subgroups": Worked(
        "two variables in four subgroups of two: T squared",
        lambda: (
            multivariate.subgroups(
                [[[1.0, 2.0], [2.0, 3.0], [3.0, 1.0], [2.0, 2.5]], [[2.0, 1.0], [4.0, 3.0], [1.0, 2.0], [3.0, 3.5]]]
            ).t2
        ),
    ),
    "charts.multivariate.mewma": Worked(
        f"{_SEVEN}, weight 0.2, limit 8.6, target (4, 4), covariance 4.67 and 3.5",
        lambda: multivariate.mewma(_PAIRS, weight=0.2, limit=8.6, target=[4.0, 4.0], cov=[[4.67, 3.5], [3.5, 4.67]]).t2,
    ),
    "charts.multivariate.factored": Worked(
        "[[4, 1], [1, 1]]", lambda: list(multivariate.factored(np.array([[4.0, 1.0], [1.0, 1.0]])))
    ),
    "charts.rare.laney": Worked(
        "20, 35, 28, 44 of 1000: sigma z", lambda: rare.laney([20, 35, 28, 44], [1000] * 4, chart="p").sigma_z
    ),
    "charts.residual.residual_chart": Worked(_FLOW, lambda: picked(residual.residual_chart(FLOW), "phi", "level")),
    "charts.residual.widened": Worked(_FLOW, lambda: picked(residual.widened(FLOW), "center", "sigma")),
    "charts.shewhart.judge": Worked(
        "flow rate by its own limits: points beyond",
        lambda: shewhart.judge(samples.individuals(FLOW), _LIMITS).violations(),
    ),
    "charts.shewhart.draw": Worked(
        "flow rate: points beyond", lambda: shewhart.draw(samples.individuals(FLOW)).violations()
    ),
    "charts.shortrun.short_run": Worked(
        "10.1, 9.9, 25.2 with nominals 10, 10, 25",
        lambda: shortrun.short_run([10.1, 9.9, 25.2], nominal=[10, 10, 25]).values,
    ),
    "charts.timeweighted.moving_average": Worked(
        "1 to 5, span 3, target 3, sigma 1",
        lambda: timeweighted.moving_average([1, 2, 3, 4, 5], span=3, target=3.0, sigma=1.0).values,
    ),
    "rules.evaluate": Worked(
        "1 to 9 above a centre of 0 with sigma 3: bit masks", lambda: rules.evaluate(np.array(_NINE), 0.0, 3.0)
    ),
    "rules.standardise": Worked(
        "5 and 7, centre 4, sigma 2", lambda: rules.standardise(np.array([5.0, 7.0]), 4.0, 2.0)
    ),
    "rules.known_run_length": Worked("rule 1 alone", lambda: rules.known_run_length(("nelson_1",))),
    "capability.of_values": Worked(_FLOW, lambda: picked(capability.of_values(FLOW), "mean", "within", "overall")),
    "capability.of_subgroups": Worked(
        "subgroups (1, 2, 3), (2, 4), (1, 3, 2, 2)",
        lambda: picked(capability.of_subgroups(ROWS), "mean", "within", "overall"),
    ),
    "capability.of_summary": Worked(
        "mean 16, sigma 2", lambda: picked(capability.of_summary(16, 2), "mean", "overall")
    ),
    "capability.equivalent_freedom": Worked("relative variance 0.02", lambda: capability.equivalent_freedom(0.02)),
    "capability.anderson_darling": Worked(_FLOW, lambda: capability.anderson_darling(np.array(FLOW))),
    "fleet.step_all": Worked(
        "first points 0 and 4 of two characteristics, centre 0, sigma 1: masks",
        lambda: fleet.step_all(fleet.Fleet.start(2), np.array([0.0, 4.0]), 0.0, 1.0)[1],
    ),
    "joint.joint_step": Worked(
        "(3, -1) against means 0, variances 1, correlation 0.5",
        lambda: picked(joint.joint_step(_TOGETHER, joint.Smoothed(), [3.0, -1.0])[1], "t2", "contributions"),
    ),
    "joint.learn_step": Worked(
        "(1, 2), then (3, 4): mean and scatter",
        lambda: picked(
            joint.learn_step(joint.learn_step(joint.Learned(), [1.0, 2.0])[0], [3.0, 4.0])[0], "mean", "scatter"
        ),
    ),
    "live.rooted": Worked("100 hours, power 3.6", lambda: live.rooted(100.0, 3.6)),
    "live.by_rules": Worked("4 with centre 0, sigma 1: mask", lambda: _UNIT(live.Trace(), 4.0)[1].mask),
    "live.by_residuals": Worked(
        "2, after 1, with level 0 and φ 0.5: residual",
        lambda: live.by_residuals(0.0, 0.5, 0.0, 1.0, ("nelson_1",))(live.Trace(last=1.0), 2.0)[1].value,
    ),
    "live.by_average": Worked(
        "3, after 1 and 2, span 3",
        lambda: live.by_average(live.AverageDesign(3), 0.0, 1.0)(live.Trace(window=(1.0, 2.0)), 3.0)[1].value,
    ),
    "live.by_ewma": Worked(
        "1, weight 0.2, target 0", lambda: live.by_ewma(memory.EwmaDesign(), 0.0, 1.0)(live.Trace(), 1.0)[1].value
    ),
    "live.by_cusum": Worked(
        "2, k 0.5, target 0: C+", lambda: live.by_cusum(memory.CusumDesign(), 0.0, 1.0)(live.Trace(), 2.0)[1].value
    ),
    "live.deviation": Worked("10.2, nominal 10, sigma 0.1", lambda: live.deviation(10.2, 10.0, 0.1)),
    "memory.ewma_step": Worked(
        "3 after 1, target 0, weight 0.2", lambda: memory.ewma_step(1.0, 3.0, target=0.0, weight=0.2)
    ),
    "memory.cusum_step": Worked(
        "2 after (1, 0), target 0, k 0.5", lambda: memory.cusum_step((1.0, 0.0), 2.0, target=0.0, k=0.5)
    ),
    "memory.beyond": Worked("3.1 against 3", lambda: memory.beyond(3.1, 3.0, sigma=1.0, target=0.0)),
    "memory.ewma_run_length": Worked(
        "weight 0.2, L 2.962; a shift of one sigma",
        lambda: [memory.ewma_run_length(memory.EwmaDesign(0.2, 2.962), shift=s) for s in (0.0, 1.0)],
    ),
    "memory.cusum_run_length": Worked(
        "k 0.5, h 5; a shift of one sigma",
        lambda: [memory.cusum_run_length(memory.CusumDesign(), shift=s) for s in (0.0, 1.0)],
    ),
    "proposal.compared": Worked(
        "centre 10 and sigma 1 against 11 and 2",
        lambda: picked(proposal.compared((10.0, 1.0), (11.0, 2.0)), "words"),
    ),
    "proposal.difference": Worked("flow rate against itself", lambda: proposal.difference(_LIMITS, _LIMITS).words),
    "proposal.material": Worked(
        "a centre 0.3 sigmas away after 25 points, and after 400",
        lambda: [proposal.material(proposal.compared((10.0, 1.0), (10.3, 1.0)), points) for points in (25, 400)],
    ),
    "proposal.propose": Worked(
        "25 points about 0, then 25 about 3: what it says",
        lambda: proposal.propose(samples.individuals(_STEP), limits.estimate(samples.individuals(_STEP[:25]))).words,
    ),
    "rulesets.read_rule": Worked(
        "3 of 4 beyond 2 sigma on one side",
        lambda: str(rulesets.read_rule("3 of 4 beyond 2 sigma on one side")),
    ),
    "run_length_mewma.mewma_run_length": Worked(
        "h 8.66, 2 variables, weight 0.1", lambda: run_length_mewma.mewma_run_length(8.66, variables=2, weight=0.1)
    ),
    "runs.run_chart": Worked(_FLOW, lambda: picked(runs.run_chart(FLOW), "median", "longest", "crossings")),
    "samples.individuals": Worked("1, 2, 4", lambda: samples.individuals([1, 2, 4]).values),
    "samples.subgroups": Worked("(1, 2, 3), (2, 4)", lambda: samples.subgroups([[1, 2, 3], [2, 4]]).values),
    "shape_intervals.shape_intervals": Worked(
        "ten skewed values, Weibull, limits 0.5 and 9: 95 %",
        lambda: picked(shape_intervals.shape_intervals(_SKEWED, _SPEC, distribution="weibull"), "pp", "ppk"),
    ),
    "shapes.fit": Worked("ten skewed values, lognormal", lambda: shapes.fit(_SKEWED, "lognormal").parameters),
    "shapes.capability_of": Worked(
        "the same between 0.5 and 9",
        lambda: picked(shapes.capability_of(_SKEWED, _SPEC, distribution="lognormal"), "ppk"),
    ),
    "streaming.to_json": Worked("the state before any point", lambda: streaming.to_json(streaming.START)),
    "streaming.step": Worked(
        "4 with centre 0, sigma 1: mask", lambda: streaming.step(streaming.START, 4.0, 0.0, 1.0)[1]
    ),
    "stuck.standstill": Worked(
        "the flow rate three times over, then 52.1 forty times",
        lambda: picked(stuck.standstill([*FLOW * 3, *[52.1] * 40]), "first", "last", "value"),
    ),
    "transformed.transformed": Worked(
        "ten skewed values by Box-Cox: Ppk", lambda: transformed.transformed(_SKEWED, _SPEC).capability.ppk
    ),
    "charts.timeweighted.basis": Worked(
        "1, 2, 4 without a target: centre and sigma",
        lambda: list(timeweighted.basis(np.array([1.0, 2.0, 4.0]), None, None)),
    ),
    "rules.chosen": Worked(
        "rule 1 and Western Electric 4", lambda: [r.name for r in rules.chosen(("nelson_1", "we_4"))]
    ),
    "rules.fired": Worked("mask 5", lambda: rules.fired(5)),
    "live.average_run_length": Worked("span 5, width 3", lambda: live.average_run_length(live.AverageDesign())),
    "shapes.ranked": Worked("ten skewed values: the best", lambda: shapes.ranked(_SKEWED)[0].distribution),
    "streaming.from_json": Worked(
        "the state before any point, written and read",
        lambda: streaming.from_json(streaming.to_json(streaming.START)) == streaming.START,
    ),
    "streaming.stepper": Worked(
        "4 with centre 0, sigma 1: mask", lambda: streaming.stepper()(streaming.START, 4.0, 0.0, 1.0)[1]
    ),
}
