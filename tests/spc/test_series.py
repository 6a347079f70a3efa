"""Change points, run tests, autocorrelated series, many comparisons: published values and second computations."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spc.autocorrelation import autocorrelations, lag_one, ljung_box
from spc.cases import run
from spc.changes import changes, newest_change
from spc.charts.residual import residual_chart, widened
from spc.multiplicity import benjamini_hochberg, holm
from spc.pareto_change import change
from spc.run_length_mewma import mewma_limit, mewma_run_length
from spc.runs import run_chart
from spc.screening import lag_search, partial, screen
from spc.trend_tests import hamed_rao, sen
from spc.values import BadInput
from tests.spc.test_trend import NILE


def brute(x: list[float], penalty: float, least: int) -> float:
    """The least cost over every possible split."""
    best = math.inf
    for size in range(len(x)):
        for cuts in itertools.combinations(range(1, len(x)), size):
            parts = [x[a:b] for a, b in itertools.pairwise((0, *cuts, len(x)))]
            if min(len(p) for p in parts) >= least:
                best = min(best, sum(np.var(p) * len(p) for p in parts) + penalty * size)
    return best


@given(st.lists(st.integers(0, 6), min_size=4, max_size=10), st.sampled_from([0.7, 3.0, 9.0]), st.sampled_from([1, 2]))
def test_the_levels_found_cost_least_of_all_splits(x: list[int], penalty: float, least: int) -> None:
    values = [float(v) for v in x]
    found = changes(values, penalty=penalty, least=least)
    cost = sum(np.var(values[s.first - 1 : s.last]) * (s.last - s.first + 1) for s in found.segments)
    assert cost + penalty * len(found.last_before_change) == pytest.approx(brute(values, penalty, least), abs=1e-9)


def test_a_long_series_is_split_where_it_jumps() -> None:
    x = np.random.default_rng(1).normal(size=5000)
    x[2000:] += 1.5
    x[3500:] -= 3
    found = changes(x)
    assert found.last_before_change == pytest.approx((2000, 3500), abs=6)
    assert found.noise == pytest.approx(1.0, abs=0.05)
    assert changes(np.random.default_rng(2).normal(size=5000)).last_before_change == ()


def test_gaps_and_flat_series_keep_their_places() -> None:
    found = changes([1.0, None, 1.0, 1.0, 9.0, None, 9.0, 9.0])
    assert found.last_before_change == (4,)
    assert found.segments[1].first == 5
    assert changes([2.0] * 8).last_before_change == ()
    assert changes([1.0, 2.0]).segments[0].std is not None
    assert changes([1.0, 5.0], least=1, penalty=0.1).segments[0].std is None
    for bad in ([1.0], [None, 2.0]):
        with pytest.raises(BadInput):
            changes(bad)


def test_the_nile_has_one_change() -> None:
    assert changes(NILE).last_before_change == (28,)


def test_runs_follow_the_published_tests() -> None:
    found = run_chart(NILE)
    assert (found.runs, found.runs_expected) == (30, 51.0)
    assert found.p_clustering == pytest.approx(stats.norm.cdf(-4.221374), rel=1e-5)  # statsmodels runstest_1samp
    assert found.signal
    assert (found.longest, found.longest_limit) == (11, 10)
    assert found.crossings_limit == stats.binom.ppf(0.05, 99, 0.5)


def test_runs_that_cannot_be_judged_say_why() -> None:
    flat = run_chart([3.0, 3.0, 3.0])
    assert (flat.runs, flat.longest, flat.updown) == (0, 0, 0)
    assert set(flat.reasons) >= {"p_clustering", "p_trends", "longest_limit", "p_mixtures", "crossings_limit"}
    assert run_chart([1.0, 2.0]).p_clustering == pytest.approx(0.5) or run_chart([1.0, 2.0]).p_clustering is None
    assert run_chart([1.0, 2.0, 4.0], median=0.0).reasons["p_clustering"]
    with pytest.raises(BadInput):
        run_chart([None])


@given(st.lists(st.integers(0, 9), min_size=3, max_size=40))
def test_runs_up_and_down_are_counted_by_loops(x: list[int]) -> None:
    moves = [b > a for a, b in itertools.pairwise(x) if a != b]
    assert run_chart(x).updown == len(list(itertools.groupby(moves)))
    useful = [v > np.median(x) for v in x if v != np.median(x)]
    groups = [len(list(g)) for _, g in itertools.groupby(useful)]
    assert (run_chart(x).runs, run_chart(x).longest) == (len(groups), max(groups, default=0))


def test_ljung_box_agrees_with_statsmodels() -> None:
    found = ljung_box(NILE, lags=10)
    assert (found.q, found.p) == (pytest.approx(88.126872, abs=1e-5), pytest.approx(1.258633e-14, rel=1e-4))
    assert found.r[0] == pytest.approx(lag_one(np.array(NILE, float)))
    assert ljung_box([1.0, 1.0, 1.0, 1.0]).reason
    assert np.isnan(autocorrelations(np.array([2.0, 2.0]), 1)).all()


def test_residuals_of_a_wandering_series_are_quiet_where_plain_limits_shout() -> None:
    rng = np.random.default_rng(3)
    x = np.zeros(400)
    for i in range(1, 400):
        x[i] = 0.8 * x[i - 1] + rng.normal()
    plain = run({"kind": "chart", "input": {"x": x.tolist()}, "options": {"chart": "i-mr"}})
    found = residual_chart(x)
    assert found.phi == pytest.approx(0.8, abs=0.07)
    assert len(plain["violations"]["nelson_1"]) > 20
    assert int((found.mask != 0).sum()) <= 4
    assert found.before.p is not None
    assert found.after.p is not None
    assert found.before.p < 1e-6 < found.after.p
    assert len(widened(x).violations) <= 4
    assert "warning" not in widened(x).reasons
    assert "warning" in widened(rng.normal(size=100)).reasons
    assert widened([1.0]).ucl is None
    with pytest.raises(BadInput):
        residual_chart([1.0] * 9)


def test_a_series_of_lone_values_has_no_residual() -> None:
    found = residual_chart([1.0, None, 2.0, None, 3.0, None, 1.0, None, 5.0, None, 2.0])
    assert found.phi == 0.0
    assert "center" in found.reasons


def test_the_corrected_trend_agrees_with_pymannkendall() -> None:
    found = hamed_rao(NILE)  # pymannkendall 1.4.3, hamed_rao_modification_test
    assert (found.z, found.p, found.var_s) == pytest.approx((-2.819979, 0.00480268, 241565.357), rel=1e-5)
    assert found.lags[:3] == (1, 2, 3)
    assert hamed_rao([3, 3, 3]).p is None
    assert hamed_rao([1, 2]).correction == 1.0
    assert hamed_rao([1, -1] * 20).correction > 0


def test_the_interval_of_the_slope_agrees_with_scipy() -> None:
    found, reference = sen(NILE), stats.theilslopes(NILE)
    assert (found.slope, found.ci) == (reference.slope, (reference.low_slope, reference.high_slope))
    assert found.intercept == pytest.approx(reference.intercept)
    assert sen([1.0, 2.0]).reason
    with pytest.raises(BadInput):
        sen(NILE, confidence=1.0)


def test_many_p_values_are_adjusted_as_published() -> None:
    # Benjamini and Hochberg (1995), section 3.2: fifteen p-values, four findings at 0.05.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
         0.7590, 1.0]  # fmt: skip
    assert int((benjamini_hochberg(p) <= 0.05).sum()) == 4
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))
    assert int((holm(p) <= 0.05).sum()) == 3
    assert np.isnan(holm([None, 0.2])[0])
    with pytest.raises(BadInput):
        holm([1.2])


@given(st.permutations([0.01, 0.02, 0.3, 0.04, 0.9]))
def test_the_order_of_tests_does_not_matter(p: list[float]) -> None:
    for function in (benjamini_hochberg, holm):
        by_value = dict(zip(p, function(p), strict=True))
        assert [by_value[v] for v in sorted(p)] == pytest.approx(function(sorted(p)).tolist())


def test_the_delay_between_two_series_is_found() -> None:
    x = np.random.default_rng(4).normal(size=200)
    found = lag_search(x, np.concatenate([np.zeros(3), x[:-3]]) + 0.01)
    assert found.best_lag == 3
    assert found.p is not None
    assert found.p < 1e-6
    assert lag_search([1.0] * 9, x[:9]).best is None
    assert lag_search([1, 2, 3, 4.0], [2, 4, 6, 8.0]).p == 0.0
    assert lag_search([1.0, 2.0], [1.0, 2.0]).p is None
    with pytest.raises(BadInput):
        lag_search([1.0], [1.0, 2.0])


def test_screening_holds_false_findings_down() -> None:
    rng = np.random.default_rng(5)
    y = rng.normal(size=80)
    columns: dict[str, Any] = {f"noise {i}": rng.normal(size=80) for i in range(40)}
    found = screen(y, {**columns, "true": y + rng.normal(size=80), "flat": [1.0] * 80}, level=0.01)
    assert [f.name for f in found if f.shown] == ["true"]
    assert found[-1].name == "flat"
    with pytest.raises(BadInput, match="Column 'a'"):
        screen(y, {"a": [1.0]})
    with pytest.raises(BadInput, match="method"):
        screen(y, {}, method="guess")


def test_a_common_cause_is_pointed_out() -> None:
    rng = np.random.default_rng(6)
    z = rng.normal(size=400)
    x, y = z + 0.5 * rng.normal(size=400), z + 0.5 * rng.normal(size=400)
    found = partial(x, y, {"shift": z})
    assert "vanishes once shift" in found.warning
    turned = partial(x, 3 * z - x, {"z": z})
    assert "turns round" in turned.warning
    assert partial(x, x + 0.1 * y, {"n": rng.normal(size=400)}).warning == ""
    assert partial(rng.normal(size=50), rng.normal(size=50), {"z": z[:50]}).warning == ""
    assert partial(x, z * 2, {"z": z}).reason
    assert partial([1, 2], [1, 3], {"z": [2, 1]}).reason
    with pytest.raises(BadInput):
        partial(x, y, {"z": [1.0]})


def test_the_partial_coefficient_follows_its_formula() -> None:
    x, y, z = np.random.default_rng(7).normal(size=(3, 60))
    r = np.corrcoef([x, y, z])
    expected = (r[0, 1] - r[0, 2] * r[1, 2]) / math.sqrt((1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2))
    assert partial(x, y, {"z": z}).value == pytest.approx(expected)


def test_a_pareto_tells_what_changed_from_what_may_be_chance() -> None:
    found = {row.category: row for row in change({"scratch": 60, "dent": 10, "new": 20}, {"scratch": 20, "dent": 11,
                                                                                       "gone": 15})}  # fmt: skip
    assert {name: row.verdict for name, row in found.items()} == {
        "scratch": "more", "dent": "not shown", "new": "new", "gone": "gone"
    }  # fmt: skip
    assert (found["scratch"].rank_now, found["new"].rank_before) == (1, None)
    assert change({"a": 20}, {"a": 80}, previous_exposure=1.0)[0].verdict == "fewer"
    assert change({"a": 0}, {"a": 0})[0].p is None
    for bad in (lambda: change({"a": 1.5}, {}), lambda: change({}, {}, exposure=0.0)):
        with pytest.raises(BadInput):
            bad()


def test_mewma_limits_reproduce_the_published_ones() -> None:
    # Prabhu and Runger (1997), in-control run length 200, lambda 0.1: 8.66, 10.79, 12.73 for 2, 3, 4 variables.
    assert [mewma_limit(p, 0.1) for p in (2, 3, 4)] == pytest.approx([8.66, 10.79, 12.73], abs=0.04)
    assert mewma_run_length(stats.chi2.isf(0.01, 3), variables=3, weight=1.0) == pytest.approx(100, rel=1e-6)
    for bad in (lambda: mewma_limit(2, 0.1, 1.0), lambda: mewma_run_length(0.0, variables=2, weight=0.1)):
        with pytest.raises(BadInput):
            bad()


@pytest.mark.parametrize(
    ("kind", "data", "options", "names"),
    [
        ("chart", {"x": NILE}, {"chart": "run"}, "median runs p_clustering signal"),
        ("chart", {"x": NILE}, {"chart": "residual"}, "phi values ucl lcl violations ljung_box"),
        ("chart", {"x": NILE}, {"chart": "widened"}, "values ucl lcl violations"),
        ("trend", {"x": NILE, "start": 1871}, {"methods": ["pettitt", "least-squares mean shift"]}, "pettitt"),
        ("trend", {"x": NILE}, {"methods": ["hamed-rao", "sen-interval", "change-points", "run-tests", "ljung-box"]},
         "hamed_rao sen_interval change_points run_tests ljung_box"),
        ("correlation", {"x": NILE, "y": NILE[::-1], "control": {"n": list(range(100))}}, {"lags": 3}, "lag partial"),
        ("pareto", {"counts": {"a": 3}, "previous": {"a": 9}}, {}, "order change"),
        ("transform", {"x": NILE}, {"method": "johnson"}, "kind gamma eta epsilon lambda values"),
        ("transform", {"x": NILE}, {"lambdas": [2]}, "lambda log_likelihood"),
    ],
)  # fmt: skip
def test_every_new_study_answers_in_its_names(kind: str, data: Any, options: Any, names: str) -> None:
    assert set(names.split()) <= set(run({"kind": kind, "input": data, "options": options}))


def test_a_change_is_named_by_its_label_and_its_point() -> None:
    result = run({"kind": "trend", "input": {"x": NILE, "start": 1871}, "options": {"methods": ["pettitt"]}})
    assert result["pettitt"]["last_before_change"] == 1898
    assert result["pettitt"]["point_before_change"] == 28


def _first_order(rng: np.random.Generator, count: int, like: float) -> np.ndarray:
    x = np.zeros(count + 100)
    for i in range(1, len(x)):
        x[i] = like * x[i - 1] + rng.normal()
    return x[100:] * math.sqrt(1 - like * like)


@pytest.mark.parametrize("like", [0.0, 0.5, 0.8])
def test_the_newest_change_among_values_that_are_alike_is_no_wandering(like: float) -> None:
    rng = np.random.default_rng(5)
    calm = [newest_change(_first_order(rng, 200, like), alike=True) for _ in range(60)]
    assert sum(found is not None for found in calm) <= 4
    step = np.where(np.arange(200) < 120, 0.0, 3.0)
    moved = [newest_change(_first_order(rng, 200, like) + step, alike=True) for _ in range(60)]
    assert sum(found is not None and abs(found - 120) <= 8 for found in moved) >= 40


def test_the_newest_change_of_independent_values_is_the_last_of_all() -> None:
    x = [0.0, 0.1] * 20 + [5.0, 5.1] * 20 + [None] + [9.0, 9.1] * 20
    assert newest_change(x) == 80
    assert newest_change(x[:80], alike=True) == 40
    assert newest_change([1.0]) is None
    assert newest_change([1.0] * 40) is None
    assert newest_change([1.0, 2.0] * 5, alike=True) is None
    assert newest_change([1.0] * 40, alike=True) is None
    assert newest_change([1.0] * 20 + [2.0] * 20, alike=True) == 20
