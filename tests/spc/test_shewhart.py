"""Shewhart charts: limits, phase I, exclusions, stages, unequal sizes, edge data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spc.charts import Setup, draw, judge
from spc.constants import chart_constants
from spc.limits import KINDS, Limits, estimate, kind_of
from spc.rules import NELSON
from spc.samples import counted, individuals, subgroups
from spc.values import BadInput

# NIST/SEMATECH e-Handbook 6.3.2.2 (pmc322): flowrate, limits 53.8769 and 43.8411 printed with d2 = 1.128.
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
# Orange juice cans, samples of 50 (Montgomery, Introduction to SQC, 5th ed., table 6-1).
JUICE = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]


def test_individuals_reproduce_the_nist_example() -> None:
    chart = draw(individuals(FLOW))
    lines = chart.limits.at()
    assert chart.limits.center == pytest.approx(50.81)
    assert chart.limits.spread_mean == pytest.approx(1.8778, abs=1e-4)
    assert (lines["ucl"], lines["lcl"]) == (pytest.approx(55.8041, abs=2e-3), pytest.approx(45.8159, abs=2e-3))


def test_a_p_chart_reproduces_the_orange_juice_example() -> None:
    chart = draw(counted(JUICE, 50, chart="p"))
    lines = chart.limits.at(50)
    assert chart.limits.center == pytest.approx(0.2313, abs=5e-5)
    assert (lines["ucl"], lines["lcl"]) == (pytest.approx(0.4102, abs=5e-5), pytest.approx(0.0524, abs=5e-5))
    assert chart.violations()["nelson_1"] == [15, 23]


def test_excluded_points_leave_the_estimate_but_stay_judged() -> None:
    chart = draw(counted(JUICE, 50, chart="p"), Setup(exclude=(15, 23)))
    assert chart.limits.center == pytest.approx(0.2150, abs=5e-5)
    assert chart.limits.points == 28
    assert chart.violations()["nelson_1"] == [15, 21, 23]  # the revised limits bring out sample 21, as in the book


def test_subgroup_limits_follow_the_constants() -> None:
    data = np.random.default_rng(1).normal(10.0, 0.5, (40, 5))
    chart, factor = draw(subgroups(data)), chart_constants(5)
    r_bar = float(np.mean(np.ptp(data, axis=1)))
    lines = chart.limits.at(5)
    assert lines["ucl"] == pytest.approx(data.mean() + factor["A2"] * r_bar)
    assert (lines["spread_ucl"], lines["spread_lcl"]) == (pytest.approx(factor["D4"] * r_bar), 0.0)


def test_standard_deviation_limits_follow_the_constants() -> None:
    data = np.random.default_rng(2).normal(10.0, 0.5, (40, 8))
    chart, factor = draw(subgroups(data, chart="xbar-s")), chart_constants(8)
    s_bar = float(np.mean(np.std(data, axis=1, ddof=1)))
    lines = chart.limits.at(8)
    assert lines["lcl"] == pytest.approx(data.mean() - factor["A3"] * s_bar)
    assert (lines["spread_ucl"], lines["spread_lcl"]) == (
        pytest.approx(factor["B4"] * s_bar),
        pytest.approx(factor["B3"] * s_bar),
    )


def test_unequal_subgroups_get_limits_of_their_own() -> None:
    rows = [[1.0, 2.0, 3.0], [2.0, 4.0], [1.0, 3.0, 2.0, 2.0], [], [2.5, 1.5, None]]
    chart = draw(subgroups(rows, chart="xbar-s"))
    width = chart.location.ucl - chart.location.center
    assert chart.limits.sigma is not None
    assert width[[0, 1, 2, 4]] == pytest.approx(3 * chart.limits.sigma / np.sqrt([3, 2, 4, 2]))
    assert math.isnan(width[3])
    assert chart.limits.center == pytest.approx(np.mean([1, 2, 3, 2, 4, 1, 3, 2, 2, 2.5, 1.5]))


@pytest.mark.parametrize(("chart", "variance"), [("p", lambda p, n: p * (1 - p) / n), ("u", lambda p, n: p / n)])
def test_unequal_sizes_give_limits_per_point(chart: Any, variance: Any) -> None:
    counts, sizes = [3, 0, 4, 1], [100, 50, 200, 10]
    found = draw(counted(counts, sizes, chart=chart))
    rate, n = sum(counts) / sum(sizes), np.array(sizes)
    assert found.location.ucl == pytest.approx(rate + 3 * np.sqrt(variance(rate, n)))
    assert (found.location.lcl >= 0).all()


def test_np_limits_never_pass_the_number_inspected() -> None:
    lines = draw(counted([3, 4, 3], 4, chart="np")).limits.at(4)
    assert lines["ucl"] == 4.0
    assert lines["lcl"] is not None
    assert lines["lcl"] >= 0


def test_phase_two_points_do_not_move_the_limits() -> None:
    x = [*FLOW, 90.0, 91.0]
    assert draw(individuals(x), Setup(phase1=(1, 10))).limits == draw(individuals(FLOW)).limits


def test_stored_limits_judge_new_points_as_phase_two_does() -> None:
    stored = estimate(individuals(FLOW))
    together = draw(individuals([*FLOW, 60.0]), Setup(phase1=(1, 10)))
    assert judge(individuals([60.0]), stored).violations() == {"nelson_1": [1]}
    assert together.violations() == {"nelson_1": [11]}


def test_limits_of_another_chart_are_refused() -> None:
    with pytest.raises(BadInput, match="kind i-mr, the data to c"):
        judge(counted([1, 2], chart="c"), estimate(individuals(FLOW)))


def test_stages_have_limits_of_their_own_and_no_rule_runs_across() -> None:
    x = [1.0, 1.2] * 5 + [5.0, 5.2] * 5
    chart = draw(individuals(x), Setup(rules=NELSON, stages=(11,)))
    assert [(s.first, s.last) for s in chart.stages] == [(1, 10), (11, 20)]
    assert [s.limits.center for s in chart.stages] == [pytest.approx(1.1), pytest.approx(5.1)]
    assert chart.spread is not None
    assert math.isnan(chart.spread.values[10])
    assert chart.violations()["nelson_4"] == []


def test_moving_ranges_skip_missing_and_excluded_points() -> None:
    chart = draw(individuals([1.0, 2.0, None, 5.0, 7.0, 100.0, 7.0]), Setup(exclude=(6,)))
    assert chart.limits.spread_mean == pytest.approx((1.0 + 2.0) / 2)
    assert chart.violations()["nelson_1"] == [6]


def test_the_spread_chart_marks_a_jump() -> None:
    assert draw(individuals([1.0, 1.1, 1.0, 1.1, 1.0, 3.0, 3.1, 3.0])).spread_violations() == [6]


@pytest.mark.parametrize(
    "sample",
    [
        individuals([5.0] * 12),
        subgroups([[2.0, 2.0]] * 12),
        counted([0] * 12, 50, chart="p"),
        counted([50] * 12, 50, chart="np"),
        counted([0] * 12, chart="c"),
    ],
)
def test_without_variation_no_rule_runs_and_the_reason_is_given(sample: Any) -> None:
    chart = draw(sample, Setup(rules=NELSON))
    assert not any(chart.violations().values())
    assert "violations" in chart.reasons


@pytest.mark.parametrize(
    ("sample", "absent"),
    [
        (individuals([5.0]), "sigma"),
        (individuals([None, None]), "center"),
        (individuals([1.0, None, 2.0]), "sigma"),
        (subgroups([[1.0], [2.0]]), "sigma"),
        (counted([None, 3], [10, 0], chart="u"), "center"),
    ],
)
def test_what_cannot_be_estimated_is_absent_with_a_reason(sample: Any, absent: str) -> None:
    limits = estimate(sample)
    assert absent in limits.reasons
    assert all(value is None or math.isfinite(value) for value in limits.at(2).values())


def test_a_size_of_zero_is_a_gap() -> None:
    chart = draw(counted([1, 0, 3], [10, 0, 10], chart="p"))
    assert chart.limits.center == pytest.approx(0.2)
    assert math.isnan(chart.location.values[1])


@pytest.mark.parametrize(
    ("counts", "sizes", "chart", "message"),
    [
        ([1, -2], 10, "p", "counts, entry 2 is negative"),
        ([1, 12], 10, "np", "entry 2 is larger than the 10"),
        ([1], None, "p", "needs the number of items"),
        ([1, 2], [5], "u", "2 counts but 1 sizes"),
        ([], None, "c", "at least one"),
        ([1, "two"], None, "c", "counts, entry 2 is 'two'"),
    ],
)
def test_impossible_counts_are_refused_with_their_position(counts: Any, sizes: Any, chart: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        counted(counts, sizes, chart=chart)


@pytest.mark.parametrize("setup", [Setup(exclude=(11,)), Setup(stages=(0,)), Setup(phase1=(1, 99))])
def test_points_outside_the_data_are_refused(setup: Setup) -> None:
    with pytest.raises(BadInput, match="points 1 to 10"):
        draw(individuals(FLOW), setup)


def test_estimators_must_fit_the_data() -> None:
    with pytest.raises(BadInput, match="needs subgroups"):
        draw(individuals(FLOW), Setup(estimator="pooled"))
    with pytest.raises(BadInput, match="is for single values"):
        draw(subgroups([[1.0, 2.0]]), Setup(estimator="median moving range"))
    with pytest.raises(BadInput, match="positive width"):
        draw(individuals(FLOW), Setup(width=0.0))


def test_chart_kinds_are_known_by_name() -> None:
    assert [kind_of(kind) for kind in KINDS] == list(KINDS)
    with pytest.raises(BadInput, match="no chart 'pie'"):
        kind_of("pie")


@given(st.floats(0.01, 50.0), st.floats(1.01, 10.0))
def test_limits_widen_with_sigma(sigma: float, factor: float) -> None:
    narrow, wide = (Limits("xbar-r", 10.0, s, "given", 25).at(5) for s in (sigma, sigma * factor))
    assert wide["ucl"] > narrow["ucl"]
    assert wide["lcl"] < narrow["lcl"]
    assert wide["spread_ucl"] > narrow["spread_ucl"]


@given(st.lists(st.integers(-100, 100), min_size=3, max_size=40), st.sampled_from([0.5, 4.0]), st.integers(-1000, 1000))
def test_charts_follow_shift_and_scale(values: list[int], factor: float, shift: int) -> None:
    plain, moved = (
        draw(individuals([f * v + s for v in values]), Setup(rules=NELSON)) for f, s in ((1, 0), (factor, shift))
    )
    assert moved.violations() == plain.violations()
    assert moved.location.ucl[0] == pytest.approx(factor * plain.location.ucl[0] + shift, abs=1e-9)
