"""Hypothesis tests, power, analysis of variance, regression and figures: published values and second computations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from spc import hypotheses, power, proportions
from spc.anova import one_way, two_way
from spc.cases import run
from spc.figures import box, boxes, multi_vari
from spc.regression import regression
from spc.values import BadInput

A, B = [1.0, 2.0, 4.0, 3.0, 5.0], [2.0, 4.0, 6.0, 9.0, 7.0, 8.0]
# NIST StRD, Longley (JASA 62, 1967): total employment on six columns, badly collinear, certified to many digits.
LONGLEY = """60323 83.0 234289 2356 1590 107608 1947
61122 88.5 259426 2325 1456 108632 1948
60171 88.2 258054 3682 1616 109773 1949
61187 89.5 284599 3351 1650 110929 1950
63221 96.2 328975 2099 3099 112075 1951
63639 98.1 346999 1932 3594 113270 1952
64989 99.0 365385 1870 3547 115094 1953
63761 100.0 363112 3578 3350 116219 1954
66019 101.2 397469 2904 3048 117388 1955
67857 104.6 419180 2822 2857 118734 1956
68169 108.4 442769 2936 2798 120445 1957
66513 110.8 444546 4681 2637 121950 1958
68655 112.6 482704 3813 2552 123366 1959
69564 114.2 502601 3931 2514 125368 1960
69331 115.7 518173 4806 2572 127852 1961
70551 116.9 554894 4007 2827 130081 1962"""


def test_means_are_compared_as_scipy_does() -> None:
    welch, pooled = hypotheses.t_two(A, B), hypotheses.t_two(A, B, equal=True, side="less")
    found = stats.ttest_ind(A, B, equal_var=False)
    assert (welch.statistic, welch.p, welch.df) == pytest.approx((found.statistic, found.pvalue, found.df))
    assert welch.ci == pytest.approx(tuple(found.confidence_interval()))
    assert pooled.p == pytest.approx(stats.ttest_ind(A, B, alternative="less").pvalue)
    assert pooled.ci is not None
    assert pooled.ci[0] is None
    one = hypotheses.t_one(A, mean=2.0, side="greater")
    assert one.p == pytest.approx(stats.ttest_1samp(A, 2.0, alternative="greater").pvalue)
    assert hypotheses.t_paired(A, B[:5]).p == pytest.approx(stats.ttest_rel(A, B[:5]).pvalue)


def test_variances_and_ranks_are_compared_as_scipy_does() -> None:
    assert hypotheses.variances([A, B]).p == pytest.approx(stats.levene(A, B).pvalue)
    assert hypotheses.variances([A, B, [1.0, 9.0, 3.0]]).estimate is None
    assert hypotheses.mann_whitney(A, B).p == pytest.approx(stats.mannwhitneyu(A, B).pvalue)
    assert hypotheses.mann_whitney(A, B).estimate == pytest.approx(np.median(np.subtract.outer(A, B)))
    assert hypotheses.kruskal([A, B]).p == pytest.approx(stats.kruskal(A, B).pvalue)
    one = hypotheses.variance_one(A, sigma=1.0)
    assert one.p == pytest.approx(2 * stats.chi2.sf(4 * np.var(A, ddof=1), 4))


@pytest.mark.parametrize(
    "call",
    [
        lambda: hypotheses.t_one([3.0, 3.0]),
        lambda: hypotheses.t_two([3.0, 3.0], [4.0, 4.0]),
        lambda: hypotheses.t_paired([3.0, 4.0], [2.0, 3.0]),
        lambda: hypotheses.variances([[3.0] * 3, [4.0] * 3]),
        lambda: hypotheses.mann_whitney([3.0], [3.0]),
        lambda: hypotheses.kruskal([[3.0], [3.0]]),
        lambda: proportions.rate_two((0, 1.0), (0, 1.0)),
        lambda: proportions.chi_square([[1, 2]]),
    ],
)
def test_without_variation_there_is_no_p_but_a_reason(call: Any) -> None:
    found = call()
    assert found.p is None
    assert found.reason


@pytest.mark.parametrize(
    "call",
    [
        lambda: hypotheses.t_one([1.0]),
        lambda: hypotheses.t_one(A, side="up"),  # type: ignore[arg-type]
        lambda: hypotheses.t_one(A, confidence=2.0),
        lambda: hypotheses.t_paired(A, B),
        lambda: hypotheses.variances([A]),
        lambda: hypotheses.kruskal([A]),
        lambda: hypotheses.variance_one(A, sigma=0.0),
        lambda: proportions.clopper_pearson(3, 2),
        lambda: proportions.proportion_one(1, 2, share=2.0),
        lambda: proportions.rate_two((1, 0.0), (1, 1.0)),
        lambda: proportions.chi_square([[1, None], [2, 3]]),
        lambda: power.power_mean(1, difference=1.0, sigma=1.0),
        lambda: power.power_proportions(0, first=0.1, second=0.2),
        lambda: power.power_anova(5, groups=1, effect=0.1),
        lambda: power.power_variances(5, ratio=0.0),
        lambda: power.power_variances(5, ratio=2.0, alpha=1.0),
        lambda: power.sample_size(lambda n: 0.1),
        lambda: power.sample_size(lambda n: 1.0, power=1.0),
    ],
)
def test_impossible_questions_are_refused(call: Any) -> None:
    with pytest.raises(BadInput):
        call()


def test_proportions_reproduce_the_published_intervals() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table II: 56/70 against 48/80, method 10: 0.0524 to 0.3339.
    found = proportions.proportion_two((56, 70), (48, 80))
    assert found.ci == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.p == pytest.approx(stats.fisher_exact([[56, 14], [48, 32]]).pvalue)
    assert proportions.clopper_pearson(0, 20) == pytest.approx((0.0, 1 - 0.025 ** (1 / 20)))
    assert proportions.clopper_pearson(20, 20)[1] == 1.0
    assert proportions.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert proportions.proportion_one(3, 20, share=0.4).p == pytest.approx(stats.binomtest(3, 20, 0.4).pvalue)
    assert proportions.proportion_two((5, 5), (0, 5)).statistic is None


def test_rates_and_tables_are_compared() -> None:
    found = proportions.rate_two((12, 100.0), (0, 50.0))
    assert found.estimate is None
    assert found.ci is not None
    assert found.ci[1] is None
    assert proportions.rate_two((3, 10.0), (9, 10.0)).p == pytest.approx(stats.binomtest(3, 12, 0.5).pvalue)
    wide = [[10, 20, 30], [20, 20, 5], [0, 0, 0]]
    chi = stats.chi2_contingency(wide[:2], correction=False)
    assert proportions.chi_square(wide).p == pytest.approx(chi.pvalue)
    assert "rough" in proportions.chi_square([[1, 2], [30, 40]]).reason


def test_power_reproduces_the_published_sample_sizes() -> None:
    # Cohen, Statistical Power Analysis (1988), table 2.4.1: d 0.5, power 0.80, two-sided 5 %: 64 in each group.
    assert power.sample_size(lambda n: power.power_mean(n, difference=0.5, sigma=1.0)) == 64
    assert power.power_mean(64, difference=0.5, sigma=1.0, two_sided=False) > 0.87
    assert power.power_mean(27, difference=1.0, sigma=2.0, samples=1) == pytest.approx(0.706, abs=0.01)
    assert power.power_anova(10, groups=4, effect=0.4) == pytest.approx(0.498889, abs=1e-5)  # statsmodels 0.15
    assert power.power_anova(10, groups=4, effect=0.0) == 0.05
    assert power.power_proportions(100, first=0.3, second=0.5) == pytest.approx(0.828919, abs=1e-5)  # statsmodels
    assert power.power_variances(20, ratio=1.0) == pytest.approx(0.05)
    assert power.power_mean(50_000, difference=9.0, sigma=1.0) == pytest.approx(1.0)


def test_one_way_analysis_agrees_with_scipy() -> None:
    groups = {"a": A, "b": B, "c": [4.0, None, 4.5, 5.0], "none": [None]}
    found, line = one_way(groups), one_way(groups).table[0]
    reference = stats.f_oneway(A, B, [4.0, 4.5, 5.0])
    assert (line.f, line.p) == pytest.approx((reference.statistic, reference.pvalue))
    assert sum(s.ss for s in found.table[:-1]) == pytest.approx(found.table[-1].ss)
    assert one_way({"a": [1.0, 1.0], "b": [2.0]}).reasons
    rough = one_way({"a": np.random.default_rng(1).exponential(size=60), "b": [0.1, 0.2, 0.15, 0.11]})
    assert any("not normal" in w for w in rough.warnings)
    assert one_way({"a": [3.0, 3.0], "b": [3.0]}).r_squared is None


def test_levels_of_one_name_are_told_apart_by_their_factor() -> None:
    found = two_way({"1": {"1": [1.0, 3.0], "2": [5.0, 7.0]}, "2": {"1": [2.0, 2.0], "2": [9.0, 9.0]}})
    assert found.means == {"first 1": 4.0, "first 2": 5.5, "second 1": 2.0, "second 2": 7.5}


def test_two_way_analysis_reproduces_the_published_table() -> None:
    # Montgomery, Design and Analysis of Experiments, table 5-1 (battery life): F 7.91, 28.97, 3.56.
    cells = {
        "1": {"15": [130, 155, 74, 180], "70": [34, 40, 80, 75], "125": [20, 70, 82, 58]},
        "2": {"15": [150, 188, 159, 126], "70": [136, 122, 106, 115], "125": [25, 70, 58, 45]},
        "3": {"15": [138, 110, 168, 160], "70": [174, 120, 150, 139], "125": [96, 104, 82, 60]},
    }
    found = two_way(cells)
    assert [line.f for line in found.table[:3]] == pytest.approx([7.91, 28.97, 3.56], abs=5e-3)
    assert found.s == pytest.approx(math.sqrt(675.21), abs=1e-3)
    single = two_way({"p": {"x": [1.0], "y": [2.0]}, "q": {"x": [2.0], "y": [5.0]}})
    assert [line.name for line in single.table] == ["first", "second", "residual", "total"]


def test_the_spread_that_differs_between_groups_is_named() -> None:
    rng = np.random.default_rng(2)
    found = one_way({"calm": rng.normal(0, 1, 40), "wild": rng.normal(0, 8, 40)})
    assert any("spread differs" in w for w in found.warnings)


@pytest.mark.parametrize(
    "call",
    [
        lambda: one_way({"a": [1.0], "b": [2.0]}),
        lambda: two_way({}),
        lambda: two_way({"p": {"x": [1.0], "y": [2.0]}, "q": {"x": [1.0]}}),
        lambda: regression([1.0, 2.0], {"x": [1.0, 2.0]}),
        lambda: regression([1.0, 2.0, 3.0, 4.0], {}),
        lambda: regression([1.0, 2.0, 3.0, 4.0], {"x": [1.0] * 4}),
        lambda: regression([1.0] * 5, {"x": [1.0, 2, 3, 4, 5], "y": [2.0, 4, 6, 8, 10]}),
        lambda: regression([1.0] * 5, {"x": [1.0, 2, 3, 4]}),
        lambda: regression(A, {"x": B[:5]}, confidence=0.0),
        lambda: box([None]),
        lambda: multi_vari([1.0], {"a": [1, 2]}),
        lambda: multi_vari([None], {"a": [1]}),
    ],
)
def test_data_that_do_not_suffice_are_refused(call: Any) -> None:
    with pytest.raises(BadInput):
        call()


def test_regression_reproduces_the_certified_values() -> None:
    table = np.array([[float(v) for v in line.split()] for line in LONGLEY.splitlines()])
    found = regression(table[:, 0], {f"x{i}": table[:, i] for i in range(1, 7)})
    certified = [-3482258.63459582, 15.0618722713733, -0.0358191792925910, -2.02022980381683, -1.03322686717359,
                 -0.0511041056535807, 1829.15146461355]  # fmt: skip
    errors = [890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699, 0.214274163161675,
              0.226073200069370, 455.478499142212]  # fmt: skip
    assert [t.estimate for t in found.terms] == pytest.approx(certified, rel=1e-7)
    assert [t.error for t in found.terms] == pytest.approx(errors, rel=1e-7)
    assert found.s == pytest.approx(304.854073561965, rel=1e-8)
    assert found.r_squared == pytest.approx(0.995479004577296, rel=1e-10)
    assert any("inflation" in w for w in found.warnings)
    assert found.durbin_watson == pytest.approx(2.5594877, abs=1e-6)  # statsmodels 0.15


def test_regression_shows_what_steers_the_fit() -> None:
    x = [*range(20), 80]
    y = [2.0 * v + (-1) ** v * 0.5 for v in range(20)] + [20.0]
    found = regression([None, *y], {"x": [1, *x]})
    assert found.unusual == (22,)
    assert found.n == 21
    assert found.leverage.sum() == pytest.approx(2.0)
    exact = regression([1.0, 3.0, 5.0, 7.0], {"x": [0.0, 1.0, 2.0, 3.0]})
    assert (exact.r_squared, exact.f, exact.terms[1].p) == (1.0, None, None)
    drift = regression(np.sin(np.arange(60) / 9), {"x": np.arange(60.0)})
    assert any("Durbin-Watson" in w for w in drift.warnings)
    skewed = regression(np.random.default_rng(5).exponential(size=200), {"x": np.arange(200.0)})
    assert any("not normal" in w for w in skewed.warnings)


def test_a_box_has_tukeys_fences() -> None:
    found = box([1, 2, 3, 4, 100, None])
    assert (found.q1, found.median, found.q3, found.low, found.high, found.outliers) == (2, 3, 4, 1, 4, (100.0,))
    assert list(boxes({"b": [1.0], "a": [2.0], "none": []})) == ["b", "a"]


def test_multi_vari_shares_add_up_to_the_whole() -> None:
    x = [1, 2, 3, 4, 5, 6, 7, None, 8]
    found = multi_vari(x, {"day": "aaaabbbbb", "lot": "112211222"})
    assert sum(f.share or 0 for f in found.families) + (found.within or 0) == pytest.approx(100)
    assert found.families[1].means["a / 1"] == 1.5
    assert multi_vari([2, 2], {"day": "ab"}).within is None


CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("hypothesis", {"x": A}, {"method": "one-sample t", "mean": 2}, "statistic p ci df"),
    ("hypothesis", {"x": A, "y": B}, {"method": "welch", "side": "less"}, "p"),
    ("hypothesis", {"x": A, "y": B}, {"method": "t"}, "p"),
    ("hypothesis", {"x": A, "y": A[::-1]}, {"method": "paired"}, "p"),
    ("hypothesis", {"x": A, "y": B}, {"method": "mann-whitney"}, "p estimate"),
    ("hypothesis", {"groups": {"a": A, "b": B}}, {"method": "kruskal"}, "p"),
    ("hypothesis", {"a": A, "b": B}, {"method": "variances"}, "p"),
    ("hypothesis", {"x": A}, {"method": "variances", "sigma": 1}, "p"),
    ("hypothesis", {"counts": [3], "sizes": [20]}, {"method": "proportions", "share": 0.1}, "p"),
    ("hypothesis", {"counts": [3, 4], "sizes": [20, 21]}, {"method": "proportions"}, "p"),
    ("hypothesis", {"counts": [3, 4, 9], "sizes": [20, 21, 30]}, {"method": "proportions"}, "p"),
    ("hypothesis", {"counts": [3, 4], "sizes": [20.5, 21]}, {"method": "rates"}, "p"),
    ("hypothesis", {"counts": [[3, 4], [5, 6]]}, {"method": "chi-square"}, "p"),
    ("power", {}, {"method": "mean", "difference": 1, "sigma": 2}, "n power"),
    ("power", {"n": 20}, {"method": "proportions", "first": 0.1, "second": 0.3}, "n power"),
    ("power", {"n": 20}, {"method": "anova", "groups": 3, "effect": 0.3}, "n power"),
    ("power", {"n": 20}, {"method": "variances", "ratio": 2}, "n power"),
    ("anova", {"groups": {"a": A, "b": B}}, {}, "table s means"),
    ("anova", {"cells": {"p": {"x": [1, 2], "y": [2, 4]}, "q": {"x": [2, 3], "y": [5, 9]}}}, {}, "table"),
    ("regression", {"y": A, "x": B[:5]}, {}, "terms r_squared leverage"),
    ("regression", {"y": A, "columns": {"x": B[:5]}}, {}, "terms"),
    ("screening", {"y": A, "columns": {"x": B[:5], "flat": [1] * 5}}, {"method": "pearson"}, "findings shown"),
    ("box", {"a": A, "b": B}, {}, "a b"),
    ("multi-vari", {"x": A, "factors": {"day": [1, 1, 2, 2, 2]}}, {}, "families within"),
]


@pytest.mark.parametrize(("kind", "data", "options", "names"), CASES)
def test_every_kind_of_inference_answers_in_its_names(kind: str, data: Any, options: Any, names: str) -> None:
    result = run({"kind": kind, "input": data, "options": options})
    assert set(names.split()) <= set(result)


@pytest.mark.parametrize(
    ("kind", "data", "options", "message"),
    [
        ("hypothesis", {}, {"method": "guess"}, "test 'guess'"),
        ("hypothesis", {}, {"method": "kruskal"}, "needs groups"),
        ("hypothesis", {"counts": [1], "sizes": [2, 3]}, {"method": "proportions"}, "same length"),
        ("hypothesis", {"counts": [1], "sizes": [2]}, {"method": "rates"}, "two counts"),
        ("power", {}, {"method": "guess"}, "power of 'guess'"),
        ("power", {}, {"method": "mean", "sigma": 1}, "difference is needed"),
        ("anova", {"cells": {"p": [1]}}, {}, "object of objects"),
        ("screening", {"y": A, "columns": [1]}, {}, "columns must be"),
        ("multi-vari", {"x": A, "factors": [1]}, {}, "factors must be"),
    ],
)
def test_questions_without_an_answer_say_why(kind: str, data: Any, options: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        run({"kind": kind, "input": data, "options": options})
