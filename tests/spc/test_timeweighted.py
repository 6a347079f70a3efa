"""EWMA, CUSUM and moving average against published examples and their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spc.cases import run
from spc.charts.timeweighted import cusum, ewma, moving_average
from spc.values import BadInput

# Montgomery, Introduction to SQC, table 9-1: 20 values at mean 10, then 10 at mean 11, sigma 1.
SHIFTED = [
    9.45,
    7.99,
    9.29,
    11.66,
    12.16,
    10.18,
    8.04,
    11.46,
    9.2,
    10.34,
    9.03,
    11.47,
    10.51,
    9.4,
    10.08,
    9.37,
    10.62,
    10.31,
    8.52,
    10.84,
    10.9,
    9.33,
    12.29,
    11.5,
    10.6,
    11.08,
    10.38,
    11.62,
    11.31,
    10.52,
]


def test_cusum_reproduces_the_textbook_example() -> None:
    chart = cusum(SHIFTED, target=10.0, k=0.5, h=5.0)
    assert (chart.c_plus[28], chart.n_plus[28]) == (pytest.approx(5.28), 7)
    assert chart.upper == (29, 30)
    assert chart.lower == ()
    assert chart.estimated_change_after == 22


def test_a_head_start_is_added_before_the_first_point() -> None:
    chart = cusum([10.4, 10.2], target=10.0, k=0.5, h=5.0, head_start=2.5)
    assert chart.c_plus.tolist() == pytest.approx([2.4, 2.1])
    assert chart.c_minus.tolist() == pytest.approx([1.6, 0.9])


def test_cusum_stands_still_over_a_gap() -> None:
    assert cusum([12.0, None, 12.0], target=10.0, k=0.5, h=9.0).c_plus.tolist() == [1.5, 1.5, 3.0]


def test_ewma_reproduces_the_textbook_example() -> None:
    chart = ewma(SHIFTED, weight=0.1, width=2.7, target=10.0, sigma=1.0)
    assert chart.values[[0, 1, 2]] == pytest.approx([9.945, 9.7495, 9.70355])
    assert chart.violations == (29, 30)
    assert chart.ucl is not None
    assert chart.ucl[[0, 1]] == pytest.approx([10.27, 10.36], abs=5e-3)


def test_exact_ewma_limits_grow_to_the_asymptotic_ones() -> None:
    exact, flat = (ewma([10.0] * 200, target=10.0, sigma=1.0, limits=kind) for kind in ("exact", "asymptotic"))
    assert exact.ucl is not None
    assert flat.ucl is not None
    assert (np.diff(exact.ucl) >= 0).all()
    assert exact.ucl[-1] == pytest.approx(flat.ucl[0])


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30))
def test_full_weight_and_span_one_are_the_values_themselves(x: list[float]) -> None:
    assert ewma(x, weight=1.0, target=0.0, sigma=1.0).values == pytest.approx(x, abs=1e-12)
    assert moving_average(x, span=1, target=0.0, sigma=1.0).values == pytest.approx(x, abs=1e-12)


def test_a_moving_average_starts_with_the_values_there_are() -> None:
    chart = moving_average([1.0, 3.0, None, 5.0, 7.0], span=3, target=3.0, sigma=1.0)
    assert np.array_equal(chart.values, [1.0, 2.0, math.nan, 4.0, 6.0], equal_nan=True)
    assert chart.ucl is not None
    assert chart.ucl[4] == pytest.approx(3.0 + 3.0 / math.sqrt(2))
    assert chart.violations == (5,)


@pytest.mark.parametrize("x", [[5.0], [None, None]])
def test_without_a_sigma_there_are_no_limits_but_a_reason(x: list[float | None]) -> None:
    chart = ewma(x)
    assert chart.ucl is None
    assert "ucl" in chart.reasons
    assert chart.violations == ()


def test_equal_values_are_never_beyond() -> None:
    assert "violations" in ewma([0.1] * 20).reasons
    assert ewma([0.1] * 20).violations == ()


def test_bad_parameters_are_refused() -> None:
    for call in (
        lambda: ewma([1.0], weight=0.0),
        lambda: moving_average([1.0], span=0),
        lambda: ewma([1.0], sigma=-1.0),
        lambda: cusum([1.0], target=0.0, k=0.5, h=0.0),
    ):
        with pytest.raises(BadInput):
            call()


def test_a_head_start_is_shown_beside_the_usual_decision_interval_only() -> None:
    asked = {"kind": "chart", "input": {"x": [0.1, 0.4, -0.2, 1.9]}}
    usual = run({**asked, "options": {"chart": "cusum", "target": 0, "sigma": 1}})
    own = run({**asked, "options": {"chart": "cusum", "target": 0, "sigma": 1, "h": 4}})
    assert usual["head_start_2_5"]["c_plus"][0] == pytest.approx(2.5 + 0.1 - 0.5)
    assert "head_start_2_5" not in own


def test_a_cusum_names_the_last_point_before_the_change() -> None:
    asked = {"kind": "chart", "input": {"x": [0.1, -0.4, -0.2, 4.0, 5.0]}}
    found = run({**asked, "options": {"chart": "cusum", "target": 0, "sigma": 1}})
    assert (found["violations"]["upper"], found["estimated_change_after"]) == ([5], 3)
