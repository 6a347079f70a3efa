"""Verdicts: effective, not effective, noise, too little; against second implementations; autocorrelation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spc.effect import Exposure, Goal, of_capability, of_means, of_proportions, of_rates, of_spread
from spc.values import BadInput, Floats


def normal(mean: float, n: int = 100, *, std: float = 1.0, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).normal(mean, std, n)


@pytest.mark.parametrize(
    ("after", "goal", "outcome"),
    [
        (normal(9.0, seed=2), Goal("lower"), "effective"),
        (normal(9.0, seed=2), Goal("lower", target=9.5), "effective"),
        (normal(9.0, seed=2), Goal("lower", target=8.0), "not_effective"),
        (normal(11.0, seed=2), Goal("lower"), "not_effective"),
        (normal(11.0, seed=2), Goal("higher"), "effective"),
        (normal(10.0, seed=4), Goal("lower"), "not_shown"),
        (normal(9.0, seed=2), Goal("lower", minimum=500), "insufficient"),
        (normal(9.0, 1, seed=2), Goal("lower"), "insufficient"),
    ],
)
def test_means_are_judged_by_change_target_and_exposure(after: Floats, goal: Goal, outcome: str) -> None:
    assert of_means(normal(10.0), after, goal).outcome == outcome


def test_the_comparison_of_means_agrees_with_scipy() -> None:
    before, after = normal(10.0, 30), normal(9.6, 40, std=2.0, seed=9)
    found, other = of_means(before, after, Goal("lower")), stats.ttest_ind(after, before, equal_var=False)
    assert found.p == pytest.approx(other.pvalue)
    assert found.ci == pytest.approx(tuple(other.confidence_interval()))


def test_nearer_judges_the_distance_from_the_target() -> None:
    verdict = of_means(normal(12.0), normal(10.0, seed=2), Goal("nearer", target=10.0))
    assert verdict.outcome == "effective"
    assert "distance from the target" in verdict.sentence
    with pytest.raises(BadInput, match="needs a target"):
        of_means([1.0], [2.0], Goal("nearer"))


def test_autocorrelated_readings_count_as_fewer_and_the_verdict_says_so() -> None:
    noise = normal(0.0, 400, seed=8)
    walk = np.zeros(400)
    for i in range(1, 400):
        walk[i] = 0.9 * walk[i - 1] + noise[i]
    plain, linked = (
        of_means(normal(0.4, 400), x, Goal("lower")) for x in (np.random.default_rng(1).permutation(walk), walk)
    )
    assert plain.ci is not None
    assert linked.ci is not None
    assert linked.ci[1] - linked.ci[0] > 2 * (plain.ci[1] - plain.ci[0])
    assert "autocorrelation" in linked.sentence


@pytest.mark.parametrize("method", [of_means, of_spread])
def test_noise_is_called_effective_about_as_rarely_as_promised(method: object) -> None:
    rng = np.random.default_rng(12)
    outcomes = [method(rng.normal(size=40), rng.normal(size=40), Goal("lower")).outcome for _ in range(200)]  # type: ignore[operator]
    assert outcomes.count("effective") / 200 < 0.06
    assert outcomes.count("not_shown") / 200 > 0.9


def test_values_that_do_not_vary_are_not_judged() -> None:
    verdict = of_means([5.0] * 10, [4.0] * 10, Goal("lower"))
    assert verdict.outcome == "insufficient"
    assert verdict.change == -1.0
    assert verdict.ci is None
    assert verdict.p is None


@pytest.mark.parametrize(
    ("after", "goal", "outcome"),
    [
        (Exposure(10, 1000), Goal("lower", 0.02), "effective"),
        (Exposure(28, 1000), Goal("lower"), "not_shown"),
        (Exposure(60, 1000), Goal("lower"), "not_effective"),
        (Exposure(0, 40), Goal("lower", minimum=200), "insufficient"),
        (Exposure(0, 0), Goal("lower"), "insufficient"),
        (Exposure(10, 1000), Goal("lower", 0.001), "not_effective"),
    ],
)
def test_proportions_are_judged(after: Exposure, goal: Goal, outcome: str) -> None:
    assert of_proportions(Exposure(30, 1000), after, goal).outcome == outcome


def test_the_interval_of_proportions_is_the_published_one() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table II: 56/70 - 48/80, method 10: 0.0524 to 0.3339.
    verdict = of_proportions(Exposure(48, 80), Exposure(56, 70), Goal("higher"))
    assert verdict.ci == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(
    ("after", "outcome"),
    [(Exposure(6, 900.0), "effective"), (Exposure(18, 700.0), "not_shown"), (Exposure(60, 900.0), "not_effective")],
)
def test_rates_are_judged_by_their_exposure(after: Exposure, outcome: str) -> None:
    assert of_rates(Exposure(30, 1000.0), after, Goal("lower")).outcome == outcome


def test_no_event_at_all_is_no_proof() -> None:
    verdict = of_rates(Exposure(0, 100.0), Exposure(0, 100.0), Goal("lower"))
    assert verdict.outcome == "not_shown"
    assert verdict.p == 1.0


def test_the_exact_limits_of_a_rate_are_the_published_ones() -> None:
    # Garwood, Biometrika 28 (1936): 10 events have the 95 % limits 4.795 and 18.39.
    assert of_rates(Exposure(20, 1.0), Exposure(10, 1.0), Goal("lower")).after_ci == pytest.approx(
        (4.795, 18.39), abs=5e-3
    )


@pytest.mark.parametrize(("std", "outcome"), [(0.5, "effective"), (1.02, "not_shown"), (2.0, "not_effective")])
def test_spread_is_judged_whatever_the_level(std: float, outcome: str) -> None:
    assert of_spread(normal(10.0), normal(50.0, std=std, seed=7), Goal("lower")).outcome == outcome


def test_capability_is_judged_against_its_target() -> None:
    before, after = normal(10.0, 200), normal(10.0, 200, std=0.4, seed=5)
    assert of_capability(before, after, Goal("higher", 1.33), lsl=8.0, usl=12.0).outcome == "effective"
    assert of_capability(before, before, Goal("higher", 1.33), lsl=8.0, usl=12.0).outcome == "not_effective"
    assert of_capability(before, after[:5], Goal("higher"), usl=12.0).outcome == "insufficient"
    with pytest.raises(BadInput, match="specification limit"):
        of_capability(before, after, Goal("higher"))


def test_impossible_counts_are_refused() -> None:
    for side in (Exposure(-1, 10), Exposure(11, 10), Exposure(1, 10.5)):
        with pytest.raises(BadInput, match="before"):
            of_proportions(side, Exposure(1, 10), Goal("lower"))


@given(st.integers(0, 40), st.integers(0, 40), st.integers(41, 400), st.integers(41, 400))
def test_swapping_the_sides_mirrors_the_change(a: int, b: int, n: int, m: int) -> None:
    for method in (of_proportions, of_rates):
        there, back = (
            method(Exposure(a, n), Exposure(b, m), Goal("lower")),
            method(Exposure(b, m), Exposure(a, n), Goal("lower")),
        )
        assert there.change == pytest.approx(-(back.change or 0.0))
        assert there.p == pytest.approx(back.p)
        assert there.ci is not None
        assert back.ci is not None
        assert there.ci == pytest.approx((-back.ci[1], -back.ci[0]))


def test_the_sentence_names_metric_unit_and_exposure() -> None:
    verdict = of_means(normal(10.0), normal(9.0, seed=2), Goal("lower", 9.5, metric="press force", unit="kN"))
    assert verdict.sentence.startswith("Effective: Press force went from 9.926 kN")
    assert "kN" in verdict.sentence
    assert "100 before, 100 after" in verdict.sentence
    assert "at most 9.5 kN" in verdict.sentence


@pytest.mark.parametrize("values", [[5.0] * 10, [1.0, 2.0]])
def test_too_little_before_the_action_is_said(values: list[float]) -> None:
    verdict = of_spread(values, normal(10.0), Goal("lower"))
    assert verdict.outcome == "insufficient"
    assert verdict.reasons


def test_a_series_that_only_wanders_is_too_little() -> None:
    verdict = of_means(np.linspace(0.0, 1.0, 60), normal(0.0), Goal("lower"))
    assert verdict.outcome == "insufficient"
    assert "autocorrelation" in verdict.sentence


def test_rates_without_exposure_are_not_judged() -> None:
    verdict = of_rates(Exposure(3, 0.0), Exposure(1, 100.0), Goal("lower"))
    assert verdict.outcome == "insufficient"
    assert verdict.before is None


def test_capability_of_values_that_do_not_vary_is_not_judged() -> None:
    assert of_capability([5.0] * 20, normal(10.0), Goal("higher"), usl=12.0).outcome == "insufficient"
    assert of_capability([None] * 20, normal(10.0), Goal("higher"), usl=12.0).outcome == "insufficient"
