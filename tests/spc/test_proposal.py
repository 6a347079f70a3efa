"""Limits are proposed after a change that is shown, never moved by themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spc.limits import estimate
from spc.proposal import compared, difference, material, propose
from spc.samples import counted, individuals, subgroups
from spc.values import BadInput

RNG = np.random.default_rng(40)
OLD = estimate(individuals(RNG.normal(10, 1, 60)))


def test_a_shown_change_with_enough_points_gives_new_limits() -> None:
    x = np.concatenate([RNG.normal(10, 1, 30), RNG.normal(14, 1, 40)])
    found = propose(individuals(x), OLD)
    assert found.last_before_change == pytest.approx(30, abs=2)
    assert found.limits is not None
    assert found.limits.center == pytest.approx(x[found.first - 1 :].mean())
    assert found.difference is not None
    assert found.difference.shift_in_sigmas == pytest.approx(4, abs=0.8)
    assert found.difference.sigma_ratio == pytest.approx(1, abs=0.35)
    assert "new limits" in found.words


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (RNG.normal(10, 1, 60), "No change"),
        (np.concatenate([RNG.normal(10, 1, 40), RNG.normal(15, 1, 8)]), "too few"),
        (np.array([np.nan, 1.0]), "No change"),
    ],
)
def test_without_reason_the_limits_stay(x: np.ndarray, words: str) -> None:
    found = propose(individuals(x), OLD)
    assert found.limits is None
    assert words in found.words


def test_a_level_that_has_come_back_is_no_reason_for_new_limits() -> None:
    x = np.concatenate([RNG.normal(10, 1, 60), RNG.normal(15, 1, 20), RNG.normal(10, 1, 200)])
    found = propose(individuals(x), OLD)
    assert found.limits is None
    assert found.last_before_change == pytest.approx(80, abs=2)
    assert "lies where the limits have it: keep them" in found.words


@pytest.mark.parametrize(
    ("new", "points", "matters"),
    [
        ((10.2, 1.0), 1000, False),
        ((10.3, 1.0), 1000, True),
        ((10.3, 1.0), 25, False),
        ((10.0, 1.2), 1000, True),
        ((10.0, 0.8), 25, False),
        ((10.0, 0.0), 25, True),
        ((np.nan, 1.0), 25, True),
    ],
)
def test_what_matters_is_more_than_chance_and_more_than_a_quarter_sigma(
    new: tuple[float, float], points: int, *, matters: bool
) -> None:
    assert material(compared((10.0, 1.0), new), points) is matters
    assert not material(compared((10.0, 1.0), (10.3, 1.0)), 1000, before=25)


def test_given_limits_and_unequal_sizes_are_compared_too() -> None:
    rows = [*RNG.normal(5, 1, (30, 4)).tolist(), *RNG.normal(8, 1, (30, 4)).tolist()]
    given = replace(estimate(subgroups(RNG.normal(5, 1, (30, 4)))), estimator="given")
    found = propose(subgroups(rows), given)
    assert found.limits is not None
    assert found.limits.estimator == "mean of R/d2(n)"
    counts = counted(RNG.binomial(50, 0.1, 40), 50, chart="p")
    assert difference(estimate(counts), estimate(counts), size=50).words.startswith("The centre moves by +0.00")


def test_limits_that_do_not_belong_together_are_refused() -> None:
    other = estimate(counted([1, 2], chart="c"))
    for call in (lambda: difference(OLD, other), lambda: propose(individuals([1.0, 2.0]), other)):
        with pytest.raises(BadInput, match="kind"):
            call()
    empty = estimate(individuals([None]))
    assert difference(empty, OLD).words == "They cannot be compared."
