"""The simulated processes: quiet when nothing is wrong, visibly wrong when something is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iot.plant.incidents import Fault, Incident
from iot.plant.norrvik import PLANT
from iot.plant.plant import Spec
from iot.plant.process import Behaviour, Floats, Points, Process
from spc import rules
from spc.estimators import moving_ranges, summarise

SEEDS = st.integers(min_value=0, max_value=10_000)
QUIET = Behaviour(10.0, 0.5, 5)


def points(first: int, count: int) -> Points:
    index = np.arange(first, first + count, dtype=np.int64)
    return Points(index, index * 60.0)


def incident(kind: str, size: float, first: int, count: int) -> Incident:
    fault = Fault("probe", "X", kind, size, count, "", "")  # type: ignore[arg-type]
    return Incident(fault, first * 60.0, (first + count) * 60.0)


def limits(values: Floats) -> tuple[float, float]:
    """Centre and sigma of the plotted statistic, as phase I would estimate them."""
    if values.shape[1] == 1:
        return float(values.mean()), float(np.nanmean(moving_ranges(values[:, 0]))) / 1.128
    spread = float(summarise(values).ranges.mean()) / {5: 2.326, 8: 2.847}[values.shape[1]]
    return float(values.mean()), spread / np.sqrt(values.shape[1])


def masks(values: Floats, centre: float, sigma: float, names: tuple[str, ...]) -> list[tuple[str, ...]]:
    marked = rules.evaluate(values.mean(axis=1), centre, sigma, names)
    return [rules.fired(int(mask), names) for mask in marked]


def test_the_same_seed_gives_the_same_values() -> None:
    first, _ = Process(QUIET, "X", 1).sample(points(0, 50))
    again, _ = Process(QUIET, "X", 1).sample(points(0, 50))
    assert (first == again).all()


def test_another_boot_gives_other_values() -> None:
    first, _ = Process(QUIET, "X", 1, boot=1).sample(points(0, 50))
    later, _ = Process(QUIET, "X", 1, boot=2).sample(points(0, 50))
    assert (first != later).any()


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_a_large_shift_raises_rule_1_within_three_points(seed: int) -> None:
    process = Process(QUIET, "X", seed)
    centre, sigma = limits(process.sample(points(0, 300))[0])
    shifted, _ = process.sample(points(300, 3), [incident("shift", 5.0, 300, 3)])
    assert any("nelson_1" in fired for fired in masks(shifted, centre, sigma, ("nelson_1",)))


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_a_moderate_shift_raises_rule_2_within_twelve_points(seed: int) -> None:
    process = Process(QUIET, "X", seed)
    centre, sigma = limits(process.sample(points(0, 300))[0])
    shifted, _ = process.sample(points(300, 12), [incident("shift", 2.2, 300, 12)])
    assert any(masks(shifted, centre, sigma, ("nelson_2",)))


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_a_quiet_process_stays_within_its_limits(seed: int) -> None:
    values, _ = Process(QUIET, "X", seed).sample(points(0, 2000))
    assert not any(masks(values, *limits(values), ("nelson_1",)))


MEASURED = [spec for spec in PLANT.specs if not spec.behaviour.counts]


@pytest.mark.parametrize("spec", MEASURED, ids=lambda spec: spec.code)
def test_false_alarms_of_every_characteristic_are_rare(spec: Spec) -> None:
    values, _ = Process(spec.behaviour, spec.code, 5).sample(points(0, 4000))
    alarms = [bool(fired) for fired in masks(values, *limits(values), spec.rules)]
    events = sum(now and not before for before, now in itertools.pairwise(alarms))
    assert events <= 10


def test_capability_of_every_measured_characteristic_is_that_of_a_running_plant() -> None:
    for spec in PLANT.specs:
        lower, _, upper = spec.limits
        if lower is None and upper is None:
            continue
        values, _ = Process(spec.behaviour, spec.code, 5).sample(points(0, 2000))
        sides = [abs(limit - values.mean()) for limit in (lower, upper) if limit is not None]
        assert 1.0 < min(sides) / (3 * values.std()) < 3.5, spec.code


def test_a_wandering_process_is_correlated_from_point_to_point() -> None:
    values, _ = Process(Behaviour(0.0, 1.0, phi=0.6), "X", 3).sample(points(0, 4000))
    assert np.corrcoef(values[1:, 0], values[:-1, 0])[0, 1] == pytest.approx(0.6, abs=0.08)


def test_a_stuck_sensor_repeats_one_value() -> None:
    values, sent = Process(QUIET, "X", 1).sample(points(0, 20), [incident("stuck", 0, 5, 10)])
    assert sent.all()
    assert len(np.unique(values[5:15])) == 1
    assert len(np.unique(values[15:])) > 1


def test_a_sensor_that_drops_out_sends_nothing_in_the_window() -> None:
    _, sent = Process(QUIET, "X", 1).sample(points(0, 20), [incident("dropout", 0, 5, 10)])
    assert sent.tolist() == [True] * 5 + [False] * 10 + [True] * 5


def test_a_tool_change_ends_the_drift() -> None:
    process = Process(QUIET, "X", 1)
    worn = incident("drift", 8.0, 0, 30)
    values, _ = process.sample(points(0, 40), [worn])
    assert values[25:30].mean() > values[30:].mean() + 0.5


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_counts_are_whole_and_average_to_their_rate(seed: int) -> None:
    values, _ = Process(Behaviour(0.02, 0.0, 400, counts="binomial"), "X", seed).sample(points(0, 1500))
    assert (values == np.round(values)).all()
    assert values.min() >= 0
    assert values.mean() / 400 == pytest.approx(0.02, abs=0.0015)


def test_the_same_lot_lies_at_the_same_place() -> None:
    spec = PLANT.spec["C201"]
    level = spec.behaviour.effects[0].level(points(0, 400), (1, 2))
    assert len(np.unique(level)) == 2
