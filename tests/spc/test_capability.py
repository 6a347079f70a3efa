"""Capability: published examples, one-sided specifications, intervals, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spc.capability import Spec, anderson_darling, capability, equivalent_freedom, of_subgroups, of_summary, of_values
from spc.values import BadInput


def test_the_textbook_index_of_a_known_mean_and_sigma() -> None:
    # NIST/SEMATECH e-Handbook 6.1.6: USL 20, LSL 8, mean 16, sigma 2: Cp 1.0, Cpk 0.6667, k 0.3333, Cpm 0.7071 at T 14.
    result = capability(of_summary(16.0, 2.0), Spec(8.0, 20.0, 14.0))
    assert (result.cp, result.cpk, result.cpl, result.cpu) == pytest.approx((1.0, 2 / 3, 4 / 3, 2 / 3))
    assert (result.k, result.cpm) == pytest.approx((1 / 3, 1 / math.sqrt(2)))


def test_the_ppk_interval_is_the_published_one() -> None:
    # Montgomery, Introduction to SQC, example 8-4: n = 20, Cpk 1.33, 95 %: 0.88 to 1.78 by the normal approximation.
    result = capability(of_summary(0.0, 1.0, n=20), Spec(usl=3.99))
    assert result.ppk_ci == pytest.approx((0.88, 1.78), abs=0.02)


def test_the_pp_interval_is_chi_square() -> None:
    # Montgomery, example 8-3: USL 62, LSL 38, n = 20, s = 1.75: 1.57 to 3.01.
    assert capability(of_summary(50.0, 1.75, n=20), Spec(38.0, 62.0)).pp_ci == pytest.approx((1.57, 3.01), abs=0.01)


@pytest.mark.parametrize(("spec", "present", "absent"), [(Spec(usl=12.0), "cpu", "cpl"), (Spec(lsl=8.0), "cpl", "cpu")])
def test_one_limit_leaves_two_sided_indices_absent_with_a_reason(spec: Spec, present: str, absent: str) -> None:
    result = capability(of_values(np.random.default_rng(1).normal(10, 0.5, 50)), spec)
    assert result.cpk == getattr(result, present) is not None
    for name in ("cp", "pp", "k", "cpm", absent):
        assert getattr(result, name) is None
        assert "one limit only" in result.reasons[name]


@pytest.mark.parametrize("x", [[5.0] * 10, [5.0], []])
def test_no_spread_means_no_capability(x: list[float]) -> None:
    result = capability(of_values(x), Spec(0.0, 10.0))
    assert result.cpk is None
    assert result.ppk is None
    assert result.reasons["cpk"]
    assert result.headline is None


def test_an_unstable_process_gets_no_headline() -> None:
    spread = of_values(np.random.default_rng(2).normal(10, 0.5, 50))
    assert capability(spread, Spec(8, 12), stable=True).headline == "cpk"
    unstable = capability(spread, Spec(8, 12), stable=False)
    assert unstable.headline is None
    assert "not stable" in unstable.headline_reason
    assert unstable.cpk is not None


def test_expected_and_observed_parts_per_million() -> None:
    result = capability(of_values([1.0, 2.0, 3.0, 4.0]), Spec(1.5, 3.5))
    assert (result.observed_ppm_above, result.observed_ppm_below) == (250_000.0, 250_000.0)
    assert result.expected_ppm_above == pytest.approx(1e6 * stats.norm.sf((3.5 - 2.5) / np.std([1, 2, 3, 4], ddof=1)))


def test_within_sigma_can_be_chosen_or_given() -> None:
    rows = np.random.default_rng(3).normal(10, 0.5, (25, 4))
    pooled = capability(of_subgroups(rows, within="pooled"), Spec(8, 12))
    given_ = capability(of_subgroups(rows, within=0.5), Spec(8, 12))
    assert pooled.sigma_within == pytest.approx(math.sqrt(np.mean(np.var(rows, axis=1, ddof=1))), rel=0.01)
    assert given_.cp == pytest.approx(4 / 3)
    assert given_.cp_ci == (given_.cp, given_.cp)


def test_intervals_use_the_freedom_of_their_estimator() -> None:
    rows = np.random.default_rng(4).normal(10, 0.5, (20, 5))
    by_range, by_pool = (capability(of_subgroups(rows, within=w), Spec(8, 12)) for w in ("mean of R/d2(n)", "pooled"))
    assert by_range.cp_ci is not None
    assert by_pool.cp_ci is not None
    assert by_range.cp
    assert by_pool.cp
    assert (by_range.cp_ci[1] - by_range.cp_ci[0]) / by_range.cp > (by_pool.cp_ci[1] - by_pool.cp_ci[0]) / by_pool.cp


def test_equivalent_freedom_of_ranges_matches_the_published_table() -> None:
    # AIAG MSA / Duncan, d2* table: 20 subgroups of 5 have about 72.7 degrees of freedom.
    assert of_subgroups(np.random.default_rng(5).normal(size=(20, 5))).freedom == pytest.approx(72.7, abs=0.5)
    assert math.isnan(equivalent_freedom(0.0))
    assert equivalent_freedom(1e-9) == pytest.approx(5e8)


@given(
    st.lists(st.integers(-500, 500), min_size=10, max_size=40, unique=True),
    st.sampled_from([0.5, 8.0]),
    st.integers(-99, 99),
)
def test_indices_ignore_units(values: list[int], factor: float, shift: int) -> None:
    plain, moved = (
        capability(of_values([f * v + s for v in values]), Spec(-600 * f + s, 700 * f + s))
        for f, s in ((1.0, 0), (factor, shift))
    )
    for name in ("cp", "cpk", "cpm", "pp", "ppk", "k", "expected_ppm_above", "normality_p"):
        assert getattr(moved, name) == pytest.approx(getattr(plain, name), rel=1e-6, abs=1e-9)


def test_normality_agrees_with_scipy_and_tells_shapes_apart() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=200)
    assert anderson_darling(x)[0] == pytest.approx(stats.anderson(x, "norm", method="interpolate").statistic)
    normal, skewed = anderson_darling(x)[1], anderson_darling(rng.exponential(size=200))[1]
    assert normal is not None
    assert skewed is not None
    assert normal > 0.05 > 0.005 > skewed


@pytest.mark.parametrize("n", [20, 60])
def test_normality_p_is_uniform_enough_under_normality(n: int) -> None:
    rng = np.random.default_rng(n)
    small = [p for _ in range(800) if (p := anderson_darling(rng.normal(size=n))[1]) is not None and p < 0.05]
    assert 0.03 < len(small) / 800 < 0.075


def test_impossible_specifications_are_refused() -> None:
    for lower, upper in ((None, None), (5.0, 5.0), (6.0, 5.0)):
        with pytest.raises(BadInput):
            Spec(lower, upper)
    with pytest.raises(BadInput, match="between 0 and 1"):
        capability(of_summary(0.0, 1.0), Spec(0.0, 1.0), confidence=95)
    with pytest.raises(BadInput, match="not negative"):
        of_summary(0.0, -1.0)


def test_estimators_must_fit_the_data() -> None:
    with pytest.raises(BadInput, match="needs subgroups"):
        of_values([1.0, 2.0], within="pooled")
    with pytest.raises(BadInput, match="is for single values"):
        of_subgroups([[1.0, 2.0]], within="median moving range")
    assert of_values([1.0, 2.0], within=0.5).within == 0.5


def test_subgroups_of_one_leave_the_within_figures_absent() -> None:
    result = capability(of_subgroups([[1.0], [2.0], [4.0]]), Spec(0.0, 5.0))
    assert result.cpk is None
    assert result.ppk is not None
    assert "cannot be estimated" in result.reasons["cpk"]
