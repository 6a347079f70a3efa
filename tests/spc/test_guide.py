"""The proposed chart follows the nature of the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spc.guide import advise
from spc.values import BadInput

RNG = np.random.default_rng(50)
WALK = np.cumsum(RNG.normal(size=200)).tolist()
BIG = RNG.integers(9000, 11_000, 30)


@pytest.mark.parametrize(
    ("data", "options", "chart"),
    [
        (RNG.normal(size=60).tolist(), {}, "i-mr"),
        ([1.0, None, 2.0], {}, "i-mr"),
        ([[1.0], 2.0, []], {}, "i-mr"),
        (RNG.normal(size=(9, 3)), {}, "xbar-r"),
        (WALK, {}, "residual"),
        (RNG.normal(size=(20, 5)).tolist(), {}, "xbar-r"),
        (RNG.normal(size=(20, 12)).tolist(), {}, "xbar-s"),
        ([3, 4, 2], {"nature": "items", "sizes": 50}, "np"),
        ([3, 4, 2], {"nature": "items", "sizes": [50, 60, 50]}, "p"),
        ([3, 4, 2], {"nature": "nonconformities"}, "c"),
        ([3, 4, 2], {"nature": "nonconformities", "sizes": [1, 2, 1]}, "u"),
        ([0, 0], {"nature": "items", "sizes": [0, 0]}, "p"),
        (np.rint(BIG * RNG.normal(0.1, 0.02, 30)), {"nature": "items", "sizes": BIG}, "laney-p"),
        (np.rint(BIG * RNG.normal(0.1, 0.02, 30)), {"nature": "nonconformities", "sizes": BIG}, "laney-u"),
        ([4, 0, 9], {"nature": "between"}, "g"),
        ([4.5, 0.2, 9.1], {"nature": "between"}, "t"),
    ],
)
def test_the_chart_follows_the_nature_of_the_data(data: Any, options: Any, chart: str) -> None:
    found = advise(data, **options)
    assert found.chart == chart
    assert found.why


def test_what_does_not_hold_is_said() -> None:
    assert "not normal" in advise(RNG.exponential(size=200).tolist()).warnings[0]
    assert "differ in size" in advise([[1, 2], [1, 2, 3]]).warnings[0]
    assert "g or t chart" in advise([0, 1, 0, 0], nature="nonconformities").warnings[0]
    assert advise([5, 4, 6], nature="nonconformities").warnings == ()


def _related(phi: float, n: int) -> list[float]:
    """A first-order autoregressive series."""
    noise, x = np.random.default_rng(3).normal(size=n), [0.0]
    for step in noise:
        x.append(phi * x[-1] + step)
    return x[1:]


def test_dependence_is_told_by_its_direction_and_size() -> None:
    alike, turning, slight = (advise(_related(phi, 2000)) for phi in (0.6, -0.6, 0.12))
    assert alike.chart == turning.chart == "residual"
    assert "are alike: limits from moving ranges would be about 38 % too narrow" in alike.why
    assert "alternate: limits from moving ranges would be about 26 % too wide" in turning.why
    assert slight.chart == "i-mr"
    assert "alike a little: limits from moving ranges are about 7 % too narrow" in slight.warnings[0]


def test_a_stuck_sensor_is_no_dependence_of_the_process() -> None:
    x = np.random.default_rng(4).normal(60, 0.4, 60)
    x[30:44] = x[30]
    found = advise(x)
    assert found.chart == "i-mr"
    assert "often a stuck sensor" in found.warnings[-1]


@pytest.mark.parametrize(
    ("data", "options"), [([None], {}), ([], {}), ([[]], {}), ([1], {"nature": "words"}), (["a"], {})]
)
def test_data_without_a_chart_are_refused(data: Any, options: Any) -> None:
    with pytest.raises(BadInput):
        advise(data, **options)
