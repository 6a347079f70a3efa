"""Laney, g and t charts: definitions, clipping, edge data."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from spc.charts.rare import g_chart, laney, t_chart
from spc.constants import d2
from spc.rules import points
from spc.values import BadInput

COUNTS, SIZES = [210, 260, 190, 300, 240, 205, 310, 250], [10_000, 12_000, 9_000, 11_000, 10_500, 9_800, 12_500, 11_200]


@pytest.mark.parametrize("chart", ["p", "u"])
def test_laney_limits_widen_by_the_spread_of_the_standardised_values(chart: str) -> None:
    n = np.array(SIZES)
    rate = sum(COUNTS) / n.sum()
    sigma = np.sqrt(rate * (1 - rate if chart == "p" else 1) / n)
    z = (np.array(COUNTS) / n - rate) / sigma
    found = laney(COUNTS, SIZES, chart=chart)  # type: ignore[arg-type]
    assert found.sigma_z == pytest.approx(np.mean(np.abs(np.diff(z))) / d2(2))
    assert found.ucl == pytest.approx(rate + 3 * sigma * found.sigma_z)


def test_laney_calms_a_chart_that_huge_sizes_upset() -> None:
    rng = np.random.default_rng(1)
    sizes = np.full(40, 200_000)
    counts = np.rint(sizes * rng.normal(0.1, 0.01, 40))
    found = laney(counts, sizes, chart="p")
    assert len(found.plain_beyond) > 20
    assert found.mask.astype(bool).sum() <= 1
    assert found.sigma_z is not None
    assert found.sigma_z > 5


def test_laney_without_neighbours_has_no_limits_but_a_reason() -> None:
    found = laney([3], [10], chart="u")
    assert found.sigma_z is None
    assert "sigma_z" in found.reasons


def test_g_chart_limits_are_geometric_and_not_below_zero() -> None:
    found = g_chart([4, 0, 9, 3, 60, None, 2])
    assert found.center == pytest.approx(13.0)
    assert (found.ucl, found.lcl) == (pytest.approx(13 + 3 * math.sqrt(13 * 14)), 0.0)
    assert points(found.mask, ["nelson_1"])["nelson_1"] == [5]


@pytest.mark.parametrize("x", [[None, None], [0, 0, 0]])
def test_g_chart_without_events_gives_a_reason(x: list[float | None]) -> None:
    assert g_chart(x).reasons
    assert not g_chart(x).mask.any()


def test_t_chart_is_an_individuals_chart_of_the_power() -> None:
    x = [286.0, 948.0, 536.0, 124.0, 816.0, 729.0, 4.0, 143.0, 431.0, 8.0, 2837.0, 596.0, 81.0, 227.0, 603.0]
    moved = np.array(x) ** (1 / 3.6)
    sigma = float(np.mean(np.abs(np.diff(moved)))) / d2(2)
    found = t_chart(x)
    assert found.center == pytest.approx(moved.mean() ** 3.6)
    assert (found.ucl, found.lcl) == (pytest.approx((moved.mean() + 3 * sigma) ** 3.6), 0.0)
    assert found.limits_of is not None
    assert found.limits_of.sigma == pytest.approx(sigma)


def test_the_power_makes_weibull_times_nearly_normal() -> None:
    times = np.random.default_rng(2).exponential(100.0, 20_000)
    found = t_chart(times)
    assert abs(found.mask.astype(bool).mean() - 2 * special.ndtr(-3)) < 0.003


@pytest.mark.parametrize("x", [[5.0], [None]])
def test_t_chart_without_neighbours_has_no_limits(x: list[float | None]) -> None:
    assert t_chart(x).ucl is None
    assert t_chart(x).reasons


def test_negative_times_and_powers_are_refused() -> None:
    with pytest.raises(BadInput, match="entry 2 is negative"):
        t_chart([1.0, -1.0])
    with pytest.raises(BadInput, match="above 0"):
        t_chart([1.0], power=0.0)
