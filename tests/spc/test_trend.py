"""Trends, change points, autocorrelation, fitted shapes: published data and second implementations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spc.autocorrelation import effective_size, lag_one, warns
from spc.capability import Spec
from spc.shapes import box_cox, capability_of, fit
from spc.trend import mann_kendall, mean_shift, pettitt, sen_slope
from spc.values import BadInput

# Annual flow of the Nile at Aswan 1871-1970 (Cobb, Biometrika 65, 1978): the level fell after 1898.
NILE = [
    1120,
    1160,
    963,
    1210,
    1160,
    1160,
    813,
    1230,
    1370,
    1140,
    995,
    935,
    1110,
    994,
    1020,
    960,
    1180,
    799,
    958,
    1140,
    1100,
    1210,
    1150,
    1250,
    1260,
    1220,
    1030,
    1100,
    774,
    840,
    874,
    694,
    940,
    833,
    701,
    916,
    692,
    1020,
    1050,
    969,
    831,
    726,
    456,
    824,
    702,
    1120,
    1100,
    832,
    764,
    821,
    768,
    845,
    864,
    862,
    698,
    845,
    744,
    796,
    1040,
    759,
    781,
    865,
    845,
    944,
    984,
    897,
    822,
    1010,
    771,
    676,
    649,
    846,
    812,
    742,
    801,
    1040,
    860,
    874,
    848,
    890,
    744,
    749,
    838,
    1050,
    918,
    986,
    797,
    923,
    975,
    815,
    1020,
    906,
    901,
    1170,
    912,
    746,
    919,
    718,
    714,
    740,
]
positive = np.random.default_rng(4).weibull(1.8, 300) * 12.0


def test_the_nile_changed_after_1898() -> None:
    assert pettitt(NILE).last_before_change == mean_shift(NILE).last_before_change == 28
    assert pettitt(NILE).p < 1e-6
    assert mean_shift(NILE).mean_before == pytest.approx(1097.75)


@given(st.lists(st.integers(0, 9), min_size=2, max_size=30))
def test_mann_kendall_counts_every_pair(x: list[int]) -> None:
    s = sum(int(np.sign(b - a)) for i, a in enumerate(x) for b in x[i + 1 :])
    assert mann_kendall(x).s == s
    assert mann_kendall(x[::-1]).s == -s


def test_mann_kendall_of_the_published_variance() -> None:
    # Gilbert, Statistical Methods for Environmental Pollution Monitoring (1987): n = 10 without ties: Var S = 125.
    found = mann_kendall([1, 3, 2, 4, 6, 5, 7, 8, 10, 9])
    assert (found.s, found.var_s) == (39, 125.0)
    assert found.z == pytest.approx(38 / math.sqrt(125))


def test_equal_values_have_no_trend_test() -> None:
    assert mann_kendall([3, 3, 3]).z is None
    assert sen_slope([3, 3, 3]) == 0.0


def test_sen_slope_agrees_with_scipy_and_is_stable_when_sampled() -> None:
    assert sen_slope(NILE) == pytest.approx(stats.theilslopes(NILE).slope)
    line = 0.5 * np.arange(4000) + np.random.default_rng(5).normal(size=4000)
    assert sen_slope(line) == pytest.approx(0.5, abs=1e-3)
    assert sen_slope([1.0, None, 3.0]) == 1.0


@pytest.mark.parametrize("call", [pettitt, mean_shift, mann_kendall, sen_slope])
def test_one_value_has_no_trend(call: object) -> None:
    with pytest.raises(BadInput, match="at least"):
        call([1.0])  # type: ignore[operator]


def test_lag_one_follows_its_definition() -> None:
    x = np.array([1.0, 2.0, 4.0, 3.0])
    d = x - 2.5
    assert lag_one(x) == pytest.approx((d[0] * d[1] + d[1] * d[2] + d[2] * d[3]) / (d @ d))
    assert lag_one(np.full(5, 2.0)) is None
    assert lag_one(np.array([1.0, 2.0])) is None


def test_a_wandering_series_warns_and_counts_for_less() -> None:
    walk, noise = np.cumsum(np.random.default_rng(6).normal(size=200)), np.random.default_rng(7).normal(size=200)
    assert warns(walk)
    assert not warns(noise)
    assert 1.0 <= effective_size(walk) < 60
    assert effective_size(noise) == 200


@pytest.mark.parametrize("name", ["weibull", "lognormal", "gamma", "exponential", "normal"])
def test_a_fit_is_the_maximum_of_its_likelihood(name: str) -> None:
    best = fit(positive, name)
    frozen = {
        "weibull": lambda a, b=1.0: stats.weibull_min(a, scale=b),
        "gamma": lambda a, b=1.0: stats.gamma(a, scale=b),
        "lognormal": lambda a, b=1.0: stats.lognorm(b, scale=math.exp(a)),
        "normal": stats.norm,
        "exponential": lambda a: stats.expon(scale=a),
    }[name]
    values = list(best.parameters.values())
    assert best.log_likelihood == pytest.approx(float(np.sum(frozen(*values).logpdf(positive))))
    for i in range(len(values)):
        for factor in (0.97, 1.03):
            moved = [v * factor if i == j else v for j, v in enumerate(values)]
            assert float(np.sum(frozen(*moved).logpdf(positive))) < best.log_likelihood


def test_percentile_and_z_methods_follow_their_definitions() -> None:
    found = capability_of(positive, Spec(0.1, 40.0), distribution="weibull")
    shape = found.shape
    assert found.ppu == pytest.approx((40 - shape.p50) / (shape.p99865 - shape.p50))
    assert found.expected_ppm_above is not None
    assert found.expected_ppm_below is not None
    assert found.ppk_z_method is not None
    assert found.ppk_z_method == pytest.approx(
        -stats.norm.ppf(max(found.expected_ppm_above, found.expected_ppm_below) / 1e6) / 3
    )


def test_a_fitted_normal_gives_the_usual_indices() -> None:
    x = np.random.default_rng(8).normal(10, 1, 4000)
    found = capability_of(x, Spec(7.0, 13.5), distribution="normal")
    assert found.ppk == pytest.approx(found.normal_theory_ppk, rel=1e-3) == found.ppk_z_method


def test_one_limit_and_an_unreachable_one_give_reasons() -> None:
    found = capability_of(positive, Spec(lsl=-5.0), distribution="weibull")
    assert found.pp is None
    assert found.ppk_z_method is None
    assert set(found.reasons) == {"pp", "ppu", "ppk_z_method"}


def test_box_cox_agrees_with_scipy_and_recovers_the_logarithm() -> None:
    x = np.exp(np.random.default_rng(9).normal(2.0, 0.5, 500))
    found = box_cox(x)
    assert found.power == pytest.approx(stats.boxcox(x)[1], abs=1e-6)
    assert abs(found.power) < 0.2
    assert found.log_likelihood[0.0] > found.log_likelihood[1.0]


def test_the_power_of_squares_is_half_the_power_to_many_digits() -> None:
    x = np.random.default_rng(9).weibull(1.5, 60)
    assert box_cox(x * x).power == pytest.approx(box_cox(x).power / 2, rel=1e-11)


@pytest.mark.parametrize("x", [[1.0, 2.0, 0.0], [1.0, 2.0, -1.0]])
def test_values_not_above_zero_are_named(x: list[float]) -> None:
    for call in (lambda: box_cox(x), lambda: fit(x, "weibull")):
        with pytest.raises(BadInput, match="entry 3 is not above 0"):
            call()


def test_what_cannot_be_fitted_is_refused() -> None:
    for call in (
        lambda: fit([1.0, 1.0], "weibull"),
        lambda: fit([1.0, 2.0], "cauchy"),
        lambda: box_cox([2.0, 2.0, 2.0]),
    ):
        with pytest.raises(BadInput):
            call()
