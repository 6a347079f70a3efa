"""Chart constants against printed tables, closed forms and each other."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from spc.constants import c4, chart_constants, d2, d3, d4, range_cdf
from spc.values import BadInput

# ASTM MNL 7, table of factors (also Montgomery, appendix VI), as printed.
PRINTED = {
    2: (1.128, 0.853, 0.7979, 1.880, 2.659, 0.0, 3.267, 0.0, 3.267),
    3: (1.693, 0.888, 0.8862, 1.023, 1.954, 0.0, 2.575, 0.0, 2.568),
    5: (2.326, 0.864, 0.9400, 0.577, 1.427, 0.0, 2.114, 0.0, 2.089),
    7: (2.704, 0.833, 0.9594, 0.419, 1.182, 0.076, 1.924, 0.118, 1.882),
    10: (3.078, 0.797, 0.9727, 0.308, 0.975, 0.223, 1.777, 0.284, 1.716),
    25: (3.931, 0.708, 0.9896, 0.153, 0.606, 0.459, 1.541, 0.565, 1.435),
}


@pytest.mark.parametrize("n", PRINTED)
def test_constants_round_to_the_printed_table(n: int) -> None:
    found = chart_constants(n)
    names = ("d2", "d3", "c4", "A2", "A3", "D3", "D4", "B3", "B4")
    assert [found[name] for name in names] == pytest.approx(PRINTED[n], abs=1.01e-3)


def test_two_and_three_values_have_closed_forms() -> None:
    assert d2(2) == pytest.approx(2 / math.sqrt(math.pi), rel=1e-14)
    assert d3(2) == pytest.approx(math.sqrt(2 - 4 / math.pi), rel=1e-10)
    assert d2(3) == pytest.approx(3 / math.sqrt(math.pi), rel=1e-13)
    assert c4(2) == pytest.approx(math.sqrt(2 / math.pi), rel=1e-14)


def test_the_median_range_of_two_is_the_published_one() -> None:
    assert d4(2) == pytest.approx(0.9538726, abs=5e-8)  # Wheeler, Advanced Topics in SPC
    assert float(range_cdf(np.array([d4(2)]), 2)[0]) == pytest.approx(0.5, abs=1e-9)
    assert d4(5) == pytest.approx(2.257, abs=1e-3)


def test_known_misprints_of_the_table_are_not_repeated() -> None:
    assert chart_constants(18)["D4"] == pytest.approx(1.6087, abs=5e-5)  # printed 1.608
    assert chart_constants(24)["D3"] == pytest.approx(0.4516, abs=5e-5)  # printed 0.451


def test_any_size_works_and_constants_grow_smoothly() -> None:
    sizes = (50, 100, 1000, 100_000, 1_000_000)
    assert all(d2(a) < d2(b) and d3(a) > d3(b) and c4(a) < c4(b) < 1 for a, b in itertools.pairwise(sizes))
    assert d2(100) == pytest.approx(5.015, abs=1e-3)  # Tippett 1925


def test_the_series_for_large_sizes_joins_the_exact_form() -> None:
    assert c4(1001) - c4(1000) == pytest.approx(1 / (4 * 1000**2), rel=3e-3)
    assert c4(1001) ** 2 + (1 / 2000) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("n", [1, 0, -3])
def test_a_subgroup_of_one_has_no_constants(n: int) -> None:
    with pytest.raises(BadInput, match="at least two"):
        chart_constants(n)
