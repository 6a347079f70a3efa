"""T squared, MEWMA and short runs: definitions, invariance, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from spc.charts.multivariate import individuals, mewma, subgroups
from spc.charts.shortrun import short_run
from spc.values import BadInput

X = np.random.default_rng(1).multivariate_normal([10, 20, 30], [[2, 1, 0], [1, 3, 1], [0, 1, 1]], 50)


def test_t_squared_is_the_squared_mahalanobis_distance() -> None:
    found, inverse = individuals(X), np.linalg.inv(np.cov(X, rowvar=False))
    deviations = X - X.mean(axis=0)
    assert found.t2 == pytest.approx(np.einsum("ij,jk,ik->i", deviations, inverse, deviations))
    assert found.t2.sum() == pytest.approx(3 * 49)


def test_t_squared_limits_follow_beta_and_f() -> None:
    found = individuals(X, alpha=0.01)
    assert found.ucl_phase1 == pytest.approx(49**2 / 50 * stats.beta.ppf(0.99, 1.5, 23))
    assert found.ucl_phase2 == pytest.approx(3 * 51 * 49 / (50 * 47) * stats.f.ppf(0.99, 3, 47))


def test_t_squared_ignores_units_and_mixtures_of_variables() -> None:
    mixed = X @ np.array([[2.0, 0.3, 0.0], [0.0, 1.0, 5.0], [1.0, 0.0, 0.01]]) + [1e3, 0.0, -5.0]
    assert individuals(mixed).t2 == pytest.approx(individuals(X).t2, rel=1e-6)


def test_contributions_are_what_vanishes_without_the_variable() -> None:
    full, without = individuals(X), individuals(X[:, [0, 2]])
    assert full.contributions[:, 1] == pytest.approx(full.t2 - without.t2)


def test_new_points_are_judged_by_the_phase_one_estimate() -> None:
    found = individuals(np.vstack([X, [10.0, 20.0, 60.0]]), phase1=(1, 50))
    assert found.violations[-1] == 51
    assert found.t2[:50] == pytest.approx(individuals(X).t2)
    assert found.center == pytest.approx(X.mean(axis=0))


def test_subgroup_t_squared_uses_the_covariance_within() -> None:
    data = np.random.default_rng(2).normal(size=(20, 4, 2))
    found = subgroups([data[:, :, 0], data[:, :, 1]])
    cov = np.mean([np.cov(group, rowvar=False) for group in data], axis=0)
    difference = data.mean(axis=1) - data.mean(axis=(0, 1))
    assert found.cov == pytest.approx(cov)
    assert found.t2 == pytest.approx(4 * np.einsum("ij,jk,ik->i", difference, np.linalg.inv(cov), difference))


def test_mewma_with_full_weight_is_t_squared() -> None:
    cov = np.cov(X, rowvar=False)
    assert mewma(X, weight=1.0, limit=10.0).t2 == pytest.approx(individuals(X).t2)
    found = mewma(X, weight=0.2, limit=10.0, target=[10, 20, 30], cov=cov)
    first = 0.2 * (X[0] - [10, 20, 30])
    assert found.t2[0] == pytest.approx(first @ np.linalg.inv(0.2 / 1.8 * (1 - 0.8**2) * cov) @ first)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1.0, 2.0]] * 3, "at least 4 observations"),
        ([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0], [4.0, 5.0]], "does not vary"),
        ([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [5.0, 10.0]], "singular"),
        ([[1.0, None]] * 5, "row 1, column 2 is missing"),
        ([], "no observation"),
    ],
)
def test_data_without_a_distance_are_refused(rows: list[list[float]], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        individuals(rows)


def test_wrong_shapes_and_weights_are_refused() -> None:
    with pytest.raises(BadInput, match="at least two readings"):
        subgroups([[[1.0], [2.0]], [[1.0], [2.0]]])
    with pytest.raises(BadInput, match="weight lambda"):
        mewma(X, weight=2.0, limit=10.0)


def test_short_runs_share_one_chart() -> None:
    plain = short_run([10.1, 9.9, 25.2, 24.9], nominal=[10, 10, 25, 25])
    assert plain.values == pytest.approx([0.1, -0.1, 0.2, -0.1])
    assert plain.center == pytest.approx(0.025)
    scaled = short_run([10.1, 9.9, 26.0, None], nominal=[10, 10, 25, 25], sigma=[0.1, 0.1, 0.3, 0.3])
    assert scaled.values[:3] == pytest.approx([1, -1, 1 / 0.3])
    assert math.isnan(scaled.values[3])
    assert scaled.violations == (3,)


def test_short_runs_need_matching_nominals_and_sigmas() -> None:
    with pytest.raises(BadInput, match="2 values but 1 entries of nominal"):
        short_run([1.0, 2.0], nominal=[1.0])
    with pytest.raises(BadInput, match="above 0"):
        short_run([1.0, 2.0], nominal=1.0, sigma=0.0)
