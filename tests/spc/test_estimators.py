"""Sigma estimators: definitions, gaps, unequal sizes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spc import estimators
from spc.constants import c4, d2
from spc.estimators import INDIVIDUAL, SUBGROUP, moving_ranges, named, summarise
from spc.values import BadInput

ROWS = [[74.030, 74.002, 74.019], [73.995, 73.992], [73.988, 74.024, 74.021, 74.005, 74.002], [74.002, 73.996, 73.993]]
matrices = st.lists(st.lists(st.integers(-1000, 1000), min_size=2, max_size=6), min_size=2, max_size=12)


def test_subgroup_figures_follow_their_definitions() -> None:
    groups = summarise(ROWS)
    for row, size, mean, spread, std in zip(
        ROWS, groups.sizes, groups.means, groups.ranges, groups.spreads(), strict=True
    ):
        assert (size, mean) == (len(row), pytest.approx(np.mean(row)))
        assert (spread, std) == (pytest.approx(max(row) - min(row)), pytest.approx(np.std(row, ddof=1)))


def test_simple_estimators_are_means_of_corrected_spreads() -> None:
    groups = summarise(ROWS)
    ranges = [(max(r) - min(r)) / d2(len(r)) for r in ROWS]
    stds = [float(np.std(r, ddof=1)) / c4(len(r)) for r in ROWS]
    assert estimators.mean_range(groups) == pytest.approx(np.mean(ranges))
    assert estimators.mean_std(groups) == pytest.approx(np.mean(stds))


def test_pooled_variance_weights_by_degrees_of_freedom() -> None:
    squares = sum(float(np.var(r)) * len(r) for r in ROWS)
    freedom = sum(len(r) - 1 for r in ROWS)
    assert estimators.pooled(summarise(ROWS)) == pytest.approx(math.sqrt(squares / freedom))
    assert estimators.pooled_unbiased(summarise(ROWS)) == pytest.approx(math.sqrt(squares / freedom) / c4(freedom + 1))


@pytest.mark.parametrize("name", SUBGROUP)
def test_an_empty_subgroup_changes_no_estimate(name: str) -> None:
    assert SUBGROUP[name](summarise([*ROWS, [], [None, None]])) == pytest.approx(
        SUBGROUP[name](summarise(ROWS)), rel=1e-14
    )


@pytest.mark.parametrize("name", SUBGROUP)
@given(rows=matrices, factor=st.sampled_from([0.5, 3.0, 128.0]), shift=st.integers(-5000, 5000))
def test_estimates_follow_scale_and_ignore_shift(name: str, rows: list[list[int]], factor: float, shift: int) -> None:
    changed = [[factor * v + shift for v in row] for row in rows]
    assert SUBGROUP[name](summarise(changed)) == pytest.approx(
        factor * SUBGROUP[name](summarise(rows)), rel=1e-9, abs=1e-9
    )


@pytest.mark.parametrize("name", SUBGROUP)
@given(rows=matrices, rng=st.randoms(use_true_random=False))
def test_order_of_subgroups_and_readings_does_not_matter(name: str, rows: list[list[int]], rng: object) -> None:
    mixed = [sorted(row) for row in rows][::-1]
    assert SUBGROUP[name](summarise(mixed)) == pytest.approx(SUBGROUP[name](summarise(rows)), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", [*SUBGROUP, *INDIVIDUAL])
def test_every_estimator_is_unbiased_on_normal_data(name: str) -> None:
    data = np.random.default_rng(7).normal(50.0, 2.0, (20_000, 4))
    sigma = SUBGROUP[name](summarise(data)) if name in SUBGROUP else INDIVIDUAL[name](moving_ranges(data.ravel()))
    assert sigma == pytest.approx(2.0, rel=0.02)


def test_moving_ranges_never_reach_across_a_gap_or_a_break() -> None:
    x = np.array([1.0, 3.0, np.nan, 10.0, 12.0, 20.0])
    assert np.array_equal(moving_ranges(x, breaks=(6,)), [np.nan, 2.0, np.nan, np.nan, 2.0, np.nan], equal_nan=True)


def test_equal_readings_have_exactly_no_spread() -> None:
    groups = summarise([[0.1, 0.1, 0.1], [0.7, 0.7, 0.7]])
    assert groups.ranges.tolist() == [0.0, 0.0]
    assert groups.spreads().tolist() == [0.0, 0.0]


def test_large_offsets_keep_their_digits() -> None:
    rows = [[1e7 + 0.1, 1e7 + 0.3], [1e7 + 0.1, 1e7 + 0.3]]  # after NIST StRD NumAcc4
    assert summarise(rows).spreads() == pytest.approx(0.1 * math.sqrt(2), rel=1e-7)


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("pooled", "pooled / c4(df+1)"),
        ("pooled-uncorrected", "pooled, uncorrected"),
        ("s_bar/c4", "mean of S/c4(n)"),
        ("Minimum-variance S", "minimum-variance S"),
    ],
)
def test_estimators_answer_to_their_short_names(short: str, full: str) -> None:
    assert named(short) == full == named(full)


def test_unknown_estimators_and_empty_data_are_refused() -> None:
    with pytest.raises(BadInput, match="Known: mean of R"):
        named("best guess")
    with pytest.raises(BadInput, match="at least one subgroup"):
        summarise([])
    with pytest.raises(BadInput, match="row 2, column 1"):
        summarise([[1.0, 2.0], ["2.1 mm", 3.0]])
