"""What must not matter does not: units, order, the way the points arrive; and what must grow grows."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spc import hypotheses, shapes
from spc.anova import one_way
from spc.cases import run
from spc.cases.plain import level, plain
from spc.changes import changes
from spc.charts import Setup, draw
from spc.charts.multivariate import individuals as hotelling
from spc.charts.timeweighted import cusum, ewma
from spc.estimators import summarise
from spc.gauge import anova
from spc.limits import Limits
from spc.regression import regression
from spc.rules import NELSON, RULES, WESTERN_ELECTRIC, evaluate
from spc.rulesets import ruleset
from spc.samples import counted, individuals, subgroups
from spc.streaming import START, stepper
from spc.trend import mann_kendall, pettitt
from spc.values import BadInput, table

series = st.lists(st.integers(-50, 50), min_size=12, max_size=40)
factors = st.sampled_from([0.25, 2.0, 8.0])
shifts = st.integers(-64, 64)


@given(series, factors, shifts)
def test_signals_do_not_depend_on_units(x: list[int], factor: float, shift: int) -> None:
    moved = [factor * v + shift for v in x]
    plain_chart, moved_chart = (draw(individuals(v), Setup(rules=tuple(RULES))) for v in (x, moved))
    assert plain_chart.violations() == moved_chart.violations()
    assert plain_chart.spread_violations() == moved_chart.spread_violations()


@given(series, factors, shifts)
def test_charts_with_a_memory_do_not_depend_on_units(x: list[int], factor: float, shift: int) -> None:
    moved = [factor * v + shift for v in x]
    assert ewma(x, target=1.0, sigma=4.0).violations == (
        ewma(moved, target=factor + shift, sigma=4.0 * factor).violations
    )
    one = cusum(x, target=1.0, k=2.0, h=16.0)
    other = cusum(moved, target=factor + shift, k=2.0 * factor, h=16.0 * factor)
    assert (one.upper, one.lower) == (other.upper, other.lower)


@given(series, factors, shifts)
def test_trends_and_changes_do_not_depend_on_units(x: list[int], factor: float, shift: int) -> None:
    moved = [factor * v + shift for v in x]
    assert mann_kendall(x) == mann_kendall(moved)
    assert pettitt(x) == pettitt(moved)
    assume(np.median(np.abs(np.diff(x))) > 0)
    assert changes(x).last_before_change == changes(moved).last_before_change


@given(st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=5), min_size=3, max_size=8), st.randoms())
def test_the_order_within_subgroups_does_not_matter(rows: list[list[int]], random: Any) -> None:
    mixed = [random.sample(row, len(row)) for row in rows]
    one, other = (draw(subgroups(r)) for r in (rows, mixed))
    assert one.violations() == other.violations()
    assert one.limits.sigma == pytest.approx(other.limits.sigma)


@given(st.permutations([1.0, 2.0, 4.0, 3.0, 9.0, 7.0]))
def test_the_order_of_a_sample_does_not_matter_to_tests(x: list[float]) -> None:
    base = sorted(x)
    other = [2.0, 5.0, 8.0]
    assert hypotheses.t_two(x, other).p == pytest.approx(hypotheses.t_two(base, other).p)
    assert hypotheses.mann_whitney(x, other).p == pytest.approx(hypotheses.mann_whitney(base, other).p)
    assert one_way({"a": x, "b": other}).table[0].f == pytest.approx(one_way({"a": base, "b": other}).table[0].f)
    assert shapes.fit(x, "lognormal").log_likelihood == pytest.approx(shapes.fit(base, "lognormal").log_likelihood)


def test_swapping_parts_and_appraisers_leaves_the_gauge_alone() -> None:
    data = np.random.default_rng(1).normal(size=(3, 2, 6))
    mixed = anova(data[[2, 0, 1]][:, ::-1][:, :, [3, 1, 0, 5, 4, 2]])
    assert mixed.shares.std == pytest.approx(anova(data).shares.std)


def test_rows_of_a_regression_and_of_t_squared_may_come_in_any_order() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 40))
    order = rng.permutation(40)
    one, other = regression(y, {"x": x}), regression(y[order], {"x": x[order]})
    assert [t.estimate for t in one.terms] == pytest.approx([t.estimate for t in other.terms])
    rows = np.column_stack([x, y])
    assert hotelling(rows).t2[order] == pytest.approx(hotelling(rows[order]).t2)


@given(series, st.integers(0, 30), st.sampled_from([0.0, 4.0, 13.0]))
def test_batch_and_streaming_agree_for_own_rules_too(x: list[int], gap: int, sigma: float) -> None:
    own = {"test": "side", "needed": 5, "window": 6}
    rules = ruleset(["all", own, {"name": "calm", "test": "within", "window": 4}])
    values = np.array(x, dtype=np.float64)
    values[gap % len(values)] = np.nan
    batch, state, step = evaluate(values, 1.0, sigma, rules), START, stepper(rules)
    for value, expected in zip(values, batch, strict=True):
        state, mask = step(state, float(value), 1.0, sigma)
        assert mask == expected


@given(
    st.sampled_from(["i-mr", "xbar-r", "xbar-s"]),
    st.floats(0.01, 10),
    st.floats(1.01, 5),
    st.integers(2, 30),
    st.floats(-50, 50),
)
def test_limits_widen_with_sigma_and_narrow_with_size(
    kind: Any, sigma: float, more: float, n: int, center: float
) -> None:
    narrow, wide = (Limits(kind, center, s, "given", 20).at(n) for s in (sigma, sigma * more))
    bigger = Limits(kind, center, sigma, "given", 20).at(n + 1)
    assert _width(wide) > _width(narrow) > 0
    assert _width(bigger) < _width(narrow)
    assert (wide["spread_ucl"] or 0) > (narrow["spread_ucl"] or 0)


def _width(lines: dict[str, float | None]) -> float:
    return (lines["ucl"] or 0.0) - (lines["lcl"] or 0.0)


@given(st.lists(st.integers(0, 20), min_size=3, max_size=20), st.integers(20, 400))
def test_limits_of_counts_stay_where_counts_can_be(counts: list[int], size: int) -> None:
    for kind, top in (("p", 1.0), ("np", float(size)), ("c", math.inf), ("u", math.inf)):
        panel = draw(counted(counts, size, chart=kind)).location  # type: ignore[arg-type]
        assert (panel.lcl >= 0).all()
        assert (panel.ucl <= top).all()


def test_a_rule_set_with_more_rules_never_marks_less() -> None:
    x = np.random.default_rng(3).normal(size=2000)
    few, many = (evaluate(x, 0.0, 1.0, rules) for rules in (WESTERN_ELECTRIC, (*NELSON, *WESTERN_ELECTRIC)))
    assert ((few != 0) <= (many != 0)).all()


def test_results_become_plain_json_values() -> None:
    limits = Limits("c", np.float64(2.0), None, "", 3)  # type: ignore[arg-type]
    assert plain({"a": limits})["a"]["center"] == 2.0
    assert plain(np.int64(3)) == 3
    assert level(np.empty(0)) is None
    assert level(None) is None


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (({"x": [1, 2], "nominal": {"A": 1}}, {"chart": "short-run"}), "name the product"),
        (({"x": [1], "product": ["B"], "nominal": {"A": 1}}, {"chart": "short-run"}), "missing for product 'B'"),
        (({"x": [[1, 2]] * 9}, {"chart": "mewma", "target": [1]}), "target needs 2 entries"),
        (({"subgroups": "1 2"}, {"chart": "xbar-r"}), "list of rows"),
    ],
)
def test_charts_that_cannot_be_drawn_say_why(case: tuple[Any, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        run({"kind": "chart", "input": case[0], "options": case[1]})


def test_a_short_run_of_one_point_has_no_limits_but_a_reason() -> None:
    result = run({"kind": "chart", "input": {"x": [1], "nominal": 1}, "options": {"chart": "short-run"}})
    assert result["ucl"] is None
    assert result["reasons"]["ucl"]


def test_small_inputs_may_name_their_chart() -> None:
    result = run(
        {"kind": "edge", "input": {"odd": {"x": [1, 2], "chart": "pie"}, "u": {"counts": [1, 2], "chart": "u"}}}
    )
    assert "pie" in result["odd"]["reasons"]["chart"]
    assert result["u"]["chart"] == "u"


def test_pieces_that_do_not_belong_together_are_refused() -> None:
    odd = replace(counted([1, 2], chart="c"), spread=np.array([0.0, 1.0]))
    with pytest.raises(BadInput, match="no spread chart"):
        draw(odd)
    with pytest.raises(BadInput, match="were not computed"):
        summarise([[1.0, 2.0]], stds=False).spreads()
    with pytest.raises(BadInput, match="list of rows"):
        table("1")
    assert table([None, [1.0]]).shape == (2, 1)
    x = np.repeat([0.0, 5.0], 350) + np.random.default_rng(4).normal(size=700)
    assert changes(x, least=300).last_before_change == pytest.approx((350,), abs=2)


def test_nothing_to_average_and_nothing_to_group_is_said() -> None:
    with pytest.raises(BadInput, match="no values"):
        run({"kind": "chart", "input": {"x": []}, "options": {"chart": "moving-average"}})
    result = run({"kind": "edge", "input": {"empty": {"lsl": 1}}})
    assert "needs 'subgroups'" in result["empty"]["reasons"]["chart"]
