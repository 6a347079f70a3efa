"""Charts with a memory, point by point: equal to the batch, and their run lengths equal to published ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spc.charts.timeweighted import cusum, ewma
from spc.memory import CusumDesign, EwmaDesign, beyond, cusum_run_length, cusum_step, ewma_run_length, ewma_step
from spc.values import BadInput

SERIES = st.lists(st.sampled_from([-4.0, -1.5, -0.5, 0.0, 0.5, 1.0, 2.5, 5.0]), min_size=1, max_size=80)


@given(x=SERIES, weight=st.sampled_from([0.05, 0.2, 0.5, 1.0]))
def test_averages_and_their_signals_are_those_of_the_batch(x: list[float], weight: float) -> None:
    batch = ewma(x, weight=weight, target=0.5, sigma=1.5, limits="asymptotic")
    design, z, values, signals = EwmaDesign(weight), None, [], []
    for point, value in enumerate(x, start=1):
        z = ewma_step(z, value, target=0.5, weight=weight)
        values.append(z)
        if beyond(abs(z - 0.5), design.reach(1.5), sigma=1.5, target=0.5):
            signals.append(point)
    assert values == batch.values.tolist()
    assert signals == list(batch.violations)


@given(x=SERIES, k=st.sampled_from([0.0, 0.25, 0.5]))
def test_sums_and_their_signals_are_those_of_the_batch(x: list[float], k: float) -> None:
    batch = cusum(x, target=0.5, k=k, h=4.0)
    sums, found, upper = None, [], []
    for point, value in enumerate(x, start=1):
        sums = cusum_step(sums, value, target=0.5, k=k)
        found.append(sums)
        if beyond(sums[0], 4.0, sigma=1.0, target=0.5):
            upper.append(point)
    assert [up for up, _ in found] == pytest.approx(batch.c_plus.tolist())
    assert [down for _, down in found] == pytest.approx(batch.c_minus.tolist())
    assert upper == list(batch.upper)


@pytest.mark.parametrize(
    ("design", "quiet", "shifted"), [(EwmaDesign(0.2, 2.962), 499.7, 10.5), (EwmaDesign(0.1, 2.7), 369.0, 9.7)]
)
def test_run_lengths_of_averages_are_the_published_ones(design: EwmaDesign, quiet: float, shifted: float) -> None:
    assert ewma_run_length(design) == pytest.approx(quiet, abs=0.5)
    assert ewma_run_length(design, shift=1.0) == pytest.approx(shifted, abs=0.1)


@pytest.mark.parametrize(("h", "quiet", "shifted"), [(5.0, 465.4, 10.4), (4.0, 167.7, 8.4)])
def test_run_lengths_of_sums_are_the_published_ones(h: float, quiet: float, shifted: float) -> None:
    assert cusum_run_length(CusumDesign(0.5, h)) == pytest.approx(quiet, abs=0.1)
    assert cusum_run_length(CusumDesign(0.5, h), shift=1.0) == pytest.approx(shifted, abs=0.05)


@given(weight=st.floats(0.05, 1.0), width=st.floats(1.0, 3.5), shift=st.floats(0.5, 2.0))
def test_a_shift_is_seen_sooner_than_a_false_alarm(weight: float, width: float, shift: float) -> None:
    design = EwmaDesign(weight, width)
    assert 1 <= ewma_run_length(design, shift=shift) < ewma_run_length(design)
    assert ewma_run_length(design, shift=-shift) == pytest.approx(ewma_run_length(design, shift=shift))


def test_an_average_that_forgets_at_once_costs_what_rule_one_costs() -> None:
    assert ewma_run_length(EwmaDesign(1.0, 3.0)) == pytest.approx(370.398, abs=1e-3)


def test_nothing_is_beyond_limits_without_width() -> None:
    assert not beyond(5.0, 0.0, sigma=0.0, target=0.0)
    assert np.isclose(EwmaDesign(0.2, 3.0).reach(2.0), 2.0)


@pytest.mark.parametrize(
    "wrong",
    [lambda: EwmaDesign(0.0), lambda: EwmaDesign(0.2, 0.0), lambda: CusumDesign(-1.0), lambda: CusumDesign(h=0)],
)
def test_a_design_that_cannot_be_is_refused(wrong) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInput, match="needs a"):
        wrong()
