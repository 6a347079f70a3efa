"""Histogram, decimation, Pareto, correlation, run length: behaviours of the smaller parts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spc.correlation import concordance, kendall, pearson, spearman
from spc.display import decimate, histogram
from spc.pareto import pareto
from spc.rules import NELSON, WESTERN_ELECTRIC, Rule, known_run_length
from spc.run_length import in_control
from spc.values import BadInput, number, numbers, table


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_a_histogram_counts_every_value_once(x: list[float]) -> None:
    found = histogram(x)
    assert found.counts.sum() == len(x)
    assert len(found.edges) == len(found.counts) + 1
    assert float(found.density @ np.diff(found.edges)) == pytest.approx(1.0)


def test_bins_follow_freedman_and_diaconis() -> None:
    x = np.random.default_rng(1).normal(size=1000)
    width = 2 * stats.iqr(x) / 10
    assert len(histogram(x).counts) == math.ceil(np.ptp(x) / width)
    assert len(histogram([0.0] * 90 + [1.0] * 10).counts) == 8  # no IQR: Sturges
    assert len(histogram(np.append(x, 1e6)).counts) == 200


def test_equal_values_give_one_bin_and_no_values_are_refused() -> None:
    assert histogram([5.0, 5.0, None]).edges.tolist() == [4.5, 5.5]
    for bad in (lambda: histogram([None]), lambda: histogram([1.0, 2.0], bins=0)):
        with pytest.raises(BadInput):
            bad()


@given(st.lists(st.floats(-100, 100) | st.just(math.nan), min_size=1, max_size=400), st.integers(1, 20), st.data())
def test_decimation_keeps_marked_points_extremes_and_ends(y: list[float], width: int, data: st.DataObject) -> None:
    marked = data.draw(st.lists(st.integers(0, len(y) - 1), max_size=5))
    kept = decimate(np.arange(len(y)), np.array(y), marked, width=width)
    assert set(marked) <= set(kept.tolist())
    assert kept[0] == 0
    assert kept[-1] == len(y) - 1
    assert (np.diff(kept) > 0).all()
    drawn, values = np.array(y)[kept], np.array(y)
    if not np.isnan(values).all():
        assert (np.nanmin(drawn), np.nanmax(drawn)) == (np.nanmin(values), np.nanmax(values))


def test_decimation_makes_a_long_series_short() -> None:
    y = np.random.default_rng(2).normal(size=1_000_000)
    mask = np.abs(y) > 4
    kept = decimate(np.arange(1_000_000), y, mask, width=800)
    assert len(kept) <= 4 * 800 + mask.sum()
    assert mask[kept].sum() == mask.sum()


def test_decimation_keeps_the_edges_of_gaps_and_one_time_is_one_column() -> None:
    y = np.arange(100.0)
    y[40:60] = np.nan
    kept = decimate(np.arange(100), y, width=2)
    assert {40, 59} <= set(kept.tolist())
    assert decimate(np.zeros(20), y[:20], width=2).tolist() == [0, 19]


def test_decimation_refuses_what_does_not_match() -> None:
    for t, y, keep, width in (
        ([1], [1, 2], (), 1),
        ([1, 2], [1, 2], (), 0),
        (range(9), range(9), (9,), 1),
        (range(9), range(9), [True], 1),
    ):
        with pytest.raises(BadInput):
            decimate(t, y, np.array(keep), width=width)


def test_pareto_orders_by_size_then_as_given_with_other_last() -> None:
    found = pareto({"other": 50, "a": 10, "b": 20, "c": 10})
    assert found.order == ("b", "a", "c", "other")
    assert found.cumulative_percent is not None
    assert found.cumulative_percent[-1] == 100.0


def test_pareto_by_cost_multiplies_count_and_cost() -> None:
    found = pareto({"scratch": 100, "crack": 2}, {"scratch": 1.5, "crack": 400})
    assert found.order == ("crack", "scratch")
    assert found.values == (800.0, 150.0)


def test_pareto_of_nothing_has_no_shares_and_bad_counts_are_named() -> None:
    assert pareto({"a": 0}).percent is None
    for counts, costs, message in (
        ({"a": -1}, None, "'a' must be a number"),
        ({"a": "x"}, None, "count of 'a'"),
        ({}, None, "no categories"),
        ({"a": 1}, {}, "cost of 'a' is missing"),
    ):
        with pytest.raises(BadInput, match=message):
            pareto(counts, costs)


def test_coefficients_agree_with_scipy_and_leave_gaps_out() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 8, 40).astype(float), rng.integers(0, 8, 40).astype(float)
    with_gap = ([*x, None, 3.0], [*y, 1.0, None])
    for ours, theirs in ((pearson, stats.pearsonr), (spearman, stats.spearmanr), (kendall, stats.kendalltau)):
        assert (ours(*with_gap).value, ours(*with_gap).p) == pytest.approx(tuple(theirs(x, y)))
        assert ours(*with_gap).n == 40


def test_concordance_counts_pairs() -> None:
    assert concordance([1, 2, 3], [1, 3, 2]) == (2, 1)
    assert concordance([1, 2, 3, 3], [1, 3, 2, 2]) == (3, 2)  # the tie counts for neither


@pytest.mark.parametrize(("x", "y"), [([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [4, 4, 4]), ([1], [2])])
def test_no_variation_means_no_coefficient(x: list[float], y: list[float]) -> None:
    for method in (pearson, spearman, kendall):
        assert method(x, y).value is None
        assert method(x, y).reason
    with pytest.raises(BadInput, match="needs pairs"):
        pearson([1, 2], [1])


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (("nelson_1",), 370.4),
        (WESTERN_ELECTRIC, 91.75),
        (("nelson_1", "nelson_5", "nelson_6", "we_4"), 91.75),
        (NELSON, 74.0),
        (("nelson_1", "nelson_2", "nelson_3", "nelson_5"), 118.0),
    ],
)
def test_the_price_of_a_rule_set(rules: tuple[str, ...], expected: float) -> None:
    found = in_control(rules)
    assert found.points == pytest.approx(expected, rel=0.02)
    assert "one false alarm in" in found.words


def test_no_rules_give_no_false_alarms() -> None:
    assert in_control(()).words == "no false alarms"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: numbers([1, "2"]), "x, entry 2 is '2'"),
        (lambda: numbers([1, True]), "entry 2 is True"),
        (lambda: numbers("12"), "must be a list"),
        (lambda: numbers([math.inf]), "infinite"),
        (lambda: numbers(np.array([1.0, math.inf])), "entry 2 is infinite"),
        (lambda: table([[1, 2], "ab"]), "row 2 must be a list"),
        (lambda: table("x"), "list of rows"),
        (lambda: number(10**400, where="It"), "infinite"),
    ],
)
def test_bad_values_are_named_with_their_place(call: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        call()  # type: ignore[operator]


def test_known_run_lengths_are_told_without_simulation() -> None:
    assert known_run_length(("nelson_1",)) == pytest.approx(1 / (2 * stats.norm.sf(3)))
    assert known_run_length(("nelson_1", "nelson_2")) is None


def test_a_rule_that_never_fires_costs_nothing() -> None:
    never = Rule("never", 1, "30 points in a row beyond 3σ", "beyond", 30, 30, 3, 14, "")
    assert math.isinf(in_control([never]).points)
