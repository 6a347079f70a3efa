"""Planning a gauge study, and the verdict on it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spc.gauge_plan import run_order
from spc.gauge_verdict import of_agreement, of_gauge, of_test
from spc.values import BadInput

LABELS = st.lists(st.text("abc123", min_size=1, max_size=4), min_size=1, max_size=12, unique=True)


@given(LABELS, st.integers(1, 4), st.integers(0, 2**31))
def test_every_round_holds_each_part_once_and_none_twice_in_a_row(labels, trials, seed):
    for runs in run_order({"A": labels, "B": labels}, trials=trials, seed=seed).values():
        for trial in range(1, trials + 1):
            assert sorted(run.part for run in runs if run.trial == trial) == sorted(labels)
        pairs = pairwise(runs)
        assert len(labels) == 1 or not any(one.part == other.part for one, other in pairs)


def test_the_same_seed_draws_the_same_order_and_another_one_another():
    parts = {"A": [str(n) for n in range(10)]}
    first = run_order(parts, trials=3, seed=7)
    assert first == run_order(parts, trials=3, seed=7)
    assert first != run_order(parts, trials=3, seed=8)


def test_the_order_of_time_is_kept():
    runs = run_order({"A": ["1", "2", "3"]}, trials=1, seed=1, shuffled=False)["A"]
    assert [run.part for run in runs] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("parts", "trials", "said"),
    [
        ({}, 2, "at least one appraiser"),
        ({"A": []}, 2, "at least one appraiser"),
        ({"A": ["1"]}, 0, "at least one round"),
        ({"A": ["1", "1"]}, 2, "same label"),
        ({"A": [str(n) for n in range(60)]}, 100, "6,000 readings"),
    ],
)
def test_a_plan_that_cannot_be_measured_is_refused(parts, trials, said):
    with pytest.raises(BadInput, match=said):
        run_order(parts, trials=trials, seed=1)


@pytest.mark.parametrize(
    ("share", "ndc", "verdict"),
    [
        (9.9, 14, "acceptable"),
        (10.0, 14, "conditional"),
        (27.0, 5, "conditional"),
        (29.9, 4, "unacceptable"),
        (30.1, 5, "unacceptable"),
        (None, None, "unacceptable"),
    ],
)
def test_the_verdict_on_gauge_rr_follows_aiag(share, ndc, verdict):
    assert of_gauge(share, ndc) == verdict


@pytest.mark.parametrize(
    ("kappa", "verdict"), [(0.9, "acceptable"), (0.7, "conditional"), (0.69, "unacceptable"), (None, "unacceptable")]
)
def test_the_verdict_on_ratings_follows_the_least_kappa(kappa, verdict):
    assert of_agreement(kappa) == verdict


def test_a_test_that_failed_or_could_not_be_judged_is_not_acceptable():
    assert [of_test(one) for one in (True, False, None)] == ["acceptable", "unacceptable", "unacceptable"]
