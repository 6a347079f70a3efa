"""Vectors judged one by one: the same as the batch, at every point, and what they learn before limits exist."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spc.charts.multivariate import individuals, mewma
from spc.joint import Distance, Learned, Smoothed, Together, joint_step, learn_step
from spc.values import BadInput


def vectors(seed: int, p: int, m: int) -> np.ndarray:
    """Correlated vectors of very different size, the later half shifted."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(m, p)) @ rng.normal(size=(p, p)) * 10.0 ** rng.integers(-3, 4, p) + rng.normal(size=p)
    rows[m // 2 :] += rng.normal(size=p) * rows.std(axis=0)
    return rows


def walked(known: Together, rows: np.ndarray) -> list[Distance]:
    """Every point, one after the other."""
    seen, found = Smoothed(), []
    for row in rows:
        seen, point = joint_step(known, seen, row)
        found.append(point)
    return found


@given(st.integers(0, 10_000), st.integers(2, 6))
def test_t_squared_point_by_point_equals_the_batch(seed: int, p: int) -> None:
    rows = vectors(seed, p, 60)
    batch = individuals(rows, phase1=(1, 30), alpha=0.05)
    found = walked(Together(batch.center, batch.cov, batch.ucl_phase2 or 0.0), rows)
    assert [one.t2 for one in found] == pytest.approx(batch.t2, rel=1e-7, abs=1e-9)
    assert [n for n, one in enumerate(found, start=1) if one.beyond and n > 30] == [
        n for n in batch.violations if n > 30
    ]
    assert np.array([one.contributions for one in found]) == pytest.approx(batch.contributions, rel=1e-6, abs=1e-7)


@given(st.integers(0, 10_000), st.integers(2, 5), st.floats(0.05, 1.0), st.integers(1, 39))
def test_a_mewma_point_by_point_equals_the_batch_wherever_it_is_cut(seed: int, p: int, weight: float, cut: int) -> None:
    rows = vectors(seed, p, 40)
    center, cov = rows[:20].mean(axis=0), np.cov(rows[:20], rowvar=False)
    batch = mewma(rows, weight=weight, limit=12.0, target=center, cov=cov)
    known, seen, found = Together(center, cov, 12.0, weight), Smoothed(), []
    for at, row in enumerate(rows):
        if at == cut:  # as it comes back from a store
            seen = Smoothed(tuple(json.loads(json.dumps(seen.values))), seen.count)
        seen, point = joint_step(known, seen, row)
        found.append(point)
    assert [one.t2 for one in found] == pytest.approx(batch.t2, rel=1e-7, abs=1e-9)
    assert tuple(n for n, one in enumerate(found, start=1) if one.beyond) == batch.violations


def test_the_variable_that_left_its_place_drives_the_signal() -> None:
    known = Together(np.zeros(3), np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]]), 14.0)
    _, apart = joint_step(known, Smoothed(), [2.0, -2.0, 0.1])
    assert apart.beyond
    assert sorted(apart.drivers()) == [0, 1]
    _, alone = joint_step(known, Smoothed(), [0.0, 0.0, -5.0])
    assert alone.drivers() == [2]
    assert alone.deviations[2] == -5.0
    _, quiet = joint_step(known, Smoothed(), [0.1, 0.1, 0.4])
    assert quiet.drivers() == [2]


def test_what_is_learned_is_the_mean_and_covariance_of_all_vectors() -> None:
    rows = vectors(4, 3, 30)
    seen, distances = Learned(), []
    for row in rows:
        seen, distance = learn_step(seen, row)
        distances.append(distance)
    assert seen.mean == pytest.approx(rows.mean(axis=0))
    assert np.array(seen.scatter) / 29 == pytest.approx(np.cov(rows, rowvar=False), rel=1e-9, abs=1e-9)
    assert distances[:5] == [None] * 5
    before = Together(rows[:29].mean(axis=0), np.cov(rows[:29], rowvar=False), 1.0)
    assert distances[-1] == pytest.approx(joint_step(before, Smoothed(), rows[-1])[1].t2, rel=1e-6)


def test_vectors_that_do_not_vary_are_learned_without_a_distance() -> None:
    seen, distance = Learned(), None
    for _ in range(8):
        seen, distance = learn_step(seen, [1.0, 2.0])
    assert (seen.count, distance) == (8, None)


@pytest.mark.parametrize("x", [[1.0], [1.0, float("nan")]])
def test_incomplete_vectors_are_refused(x: list[float]) -> None:
    with pytest.raises(BadInput, match="2 complete values"):
        joint_step(Together(np.zeros(2), np.eye(2), 9.0), Smoothed(), x)


@pytest.mark.parametrize(("limit", "weight"), [(0.0, None), (9.0, 0.0), (9.0, 1.5)])
def test_limits_and_weights_that_cannot_be_are_refused(limit: float, weight: float | None) -> None:
    with pytest.raises(BadInput, match="limit above 0"):
        Together(np.zeros(2), np.eye(2), limit, weight)
