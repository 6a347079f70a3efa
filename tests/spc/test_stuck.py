"""A row of equal readings is told when chance would hardly ever give it, and never otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spc.guide import advise
from spc.stuck import standstill

RNG = np.random.default_rng(7)
MOVING = np.round(20.0 + 0.004 * RNG.standard_normal(60), 3)


def stuck_at(first: int, length: int) -> list[float | None]:
    return [*MOVING[:first].tolist(), *[float(MOVING[first])] * length, *MOVING[first:].tolist()[1:]]


def test_a_row_of_equal_readings_is_told_with_its_place() -> None:
    found = standstill(stuck_at(30, 12))
    assert found is not None
    assert (found.first, found.last, found.length, found.value) == (31, 42, 12, float(MOVING[30]))
    assert found.expected < 1e-6


def test_missing_readings_do_not_break_a_row_and_count_as_places() -> None:
    data = stuck_at(30, 12)
    data[33:33] = [None, None]
    found = standstill(data)
    assert found is not None
    assert (found.first, found.last) == (31, 44)


@pytest.mark.parametrize(
    "data",
    [
        MOVING.tolist(),
        np.round(MOVING, 2).tolist(),  # a coarse gauge repeats often
        np.repeat(np.arange(12.0), 5).tolist(),  # slow steps repeat always
        [1.0] * 50,
        [1.0, 1.0],
        [],
        [None, None, None, 2.0],
        [1.0, 2.0, 2.0, 2.0],
    ],
)
def test_readings_that_repeat_by_resolution_or_slowness_are_no_standstill(data: list[float]) -> None:
    assert standstill(data) is None


@given(st.integers(0, 2**32 - 1), st.integers(20, 300), st.integers(1, 4))
def test_standstill_is_the_same_in_any_unit(seed: int, n: int, decimals: int) -> None:
    x = np.round(np.random.default_rng(seed).standard_normal(n), decimals)
    found, scaled = standstill(x), standstill(x * 2.0 + 8.0)
    assert (found is None) == (scaled is None)
    if found is not None and scaled is not None:
        assert (found.first, found.last) == (scaled.first, scaled.last)


def test_chance_alone_is_hardly_ever_called_a_standstill() -> None:
    series = np.round(RNG.standard_normal((2000, 100)), 1)
    assert sum(standstill(row) is not None for row in series) <= 6


def test_the_guide_warns_of_a_stuck_sensor() -> None:
    assert any("31 to 42" in text and "stuck sensor" in text for text in advise(stuck_at(30, 12)).warnings)
