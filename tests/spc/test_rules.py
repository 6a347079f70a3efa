"""Run rules: each definition, its borders, gaps, and the catalogue."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spc.rules import NELSON, RULES, WESTERN_ELECTRIC, Rule, chosen, evaluate, fired, points
from spc.values import BadInput

NAN = math.nan


def marks(x: list[float], rule: str, *, center: float = 0.0, sigma: float = 1.0) -> list[int]:
    return points(evaluate(np.array(x), center, sigma, [rule]), [rule])[rule]


@pytest.mark.parametrize(
    ("rule", "x", "expected"),
    [
        ("nelson_1", [3.0, 3.01, -3.0, -3.2], [2, 4]),
        ("nelson_2", [0.1] * 9, [9]),
        ("nelson_2", [0.1] * 8 + [0.0] + [0.1] * 8, []),
        ("nelson_2", [-0.1] * 11, [9, 10, 11]),
        ("nelson_3", [1, 2, 3, 4, 5, 6], [6]),
        ("nelson_3", [1, 2, 3, 3, 4, 5, 6, 7], []),
        ("nelson_3", [6, 5, 4, 3, 2, 1, 0], [6, 7]),
        ("nelson_4", [1, -1] * 7, [14]),
        ("nelson_4", [1, -1] * 6 + [1], []),
        ("nelson_4", [1, -1, 1, 1] + [-1, 1] * 6, []),
        ("nelson_5", [2.1, 0, 2.1], [3]),
        ("nelson_5", [2.1, 2.1, 0], []),
        ("nelson_5", [2.1, 2.1, 0, 2.1, 2.1], [4, 5]),
        ("nelson_5", [2.1, 2.1, 2.1], [3]),
        ("nelson_5", [2.1, -2.1, 2.0], []),
        ("nelson_6", [1.1, 1.1, 0, 1.1, 1.1], [5]),
        ("nelson_6", [1.1, 1.1, 1.1, 1.1, 0], []),
        ("nelson_6", [1.1, 1.1, 1.1, 1.1, 1.1], [5]),
        ("nelson_6", [1.1, 1.1, 1.0, 1.1, 0.5], []),
        ("nelson_7", [0.9, -0.9, 0.0] * 5, [15]),
        ("nelson_7", [0.9] * 14 + [1.0], []),
        ("nelson_8", [1.1, -1.1] * 4, [8]),
        ("nelson_8", [1.1] * 8, []),
        ("nelson_8", [1.1, -1.1] * 3 + [1.0, 1.1], []),
        ("we_4", [0.1] * 8, [8]),
    ],
)
def test_a_rule_marks_the_point_that_completes_its_window(rule: str, x: list[float], expected: list[int]) -> None:
    assert marks(x, rule) == expected


def test_western_electric_two_and_three_equal_nelson_five_and_six() -> None:
    x = np.random.default_rng(5).normal(0.0, 1.5, 500)
    found = points(evaluate(x, 0.0, 1.0, tuple(RULES)), tuple(RULES))
    assert (found["we_1"], found["we_2"], found["we_3"]) == (found["nelson_1"], found["nelson_5"], found["nelson_6"])


def test_every_rule_that_fires_at_a_point_is_reported() -> None:
    mask = evaluate(np.array([0.0, 1.5, 2.5, 2.5, 3.5]), 0.0, 1.0, NELSON)
    assert fired(int(mask[4]), NELSON) == ("nelson_1", "nelson_5", "nelson_6")


def test_float_noise_on_a_limit_is_not_beyond_it() -> None:
    assert marks([0.1 + 3 * 0.1, 0.4], "nelson_1", center=0.1, sigma=0.1) == []
    assert marks([0.1 + 0.2] * 9, "nelson_2", center=0.3) == []


def test_a_gap_ends_a_run_holds_its_place_and_is_never_marked() -> None:
    assert marks([0.1] * 5 + [NAN] + [0.1] * 8, "nelson_2") == []
    assert marks([1, 2, 3, NAN, 4, 5, 6], "nelson_3") == []
    assert marks([2.1, NAN, 2.1], "nelson_5") == [3]
    assert marks([2.1, NAN, NAN, 2.1], "nelson_5") == []
    assert marks([NAN, 2.1, 2.1], "nelson_5") == [3]


@pytest.mark.parametrize("sigma", [0.0, NAN, -1.0, math.inf])
def test_without_a_sigma_no_rule_runs(sigma: float) -> None:
    assert not evaluate(np.arange(30.0), 5.0, sigma, tuple(RULES)).any()


def test_varying_sigma_judges_standardised_distances() -> None:
    x, sigma = np.array([10.0, 14.0, 14.0]), np.array([1.0, 2.0, 1.0])
    assert points(evaluate(x, 10.0, sigma, ["nelson_1"]), ["nelson_1"]) == {"nelson_1": [3]}


def test_rule_eight_accepts_one_side_on_request() -> None:
    mask = evaluate(np.full(8, 1.5), 0.0, 1.0, ["nelson_8"], mixture_one_side=True)
    assert points(mask, ["nelson_8"]) == {"nelson_8": [8]}


def test_an_own_rule_takes_its_own_bit() -> None:
    seven = Rule("own_run_7", 7, "7 points in a row on one side", "side", 7, 7, 0, 12, "A shift.")
    mask = evaluate(np.full(8, 0.5), 0.0, 1.0, [*NELSON, seven])
    assert points(mask, [seven]) == {"own_run_7": [7, 8]}
    assert mask[6] == 1 << 12


@pytest.mark.parametrize(
    "rule",
    [
        Rule("long", 1, "", "side", 31, 31, 0, 12, ""),
        Rule("odd", 1, "", "trend", 3, 5, 0, 12, ""),
        Rule("wide", 1, "", "within", 15, 15, 2, 12, ""),
        Rule("clash", 1, "", "side", 7, 7, 0, 1, ""),
    ],
)
def test_rules_that_cannot_be_evaluated_are_refused(rule: Rule) -> None:
    with pytest.raises(BadInput):
        chosen([*NELSON, rule])


def test_unknown_rules_are_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="Known rules: nelson_1"):
        evaluate(np.zeros(3), 0.0, 1.0, ["nelson_9"])


def test_the_catalogue_is_complete_and_worded() -> None:
    assert len(NELSON) == 8
    assert len(WESTERN_ELECTRIC) == 4
    assert len({rule.bit for rule in RULES.values()}) == 12
    assert RULES["nelson_5"].words == "2 of 3 points beyond 2σ on one side"
    assert RULES["we_2"].label == "Western Electric 2"


@given(
    st.lists(st.integers(-35, 35), min_size=1, max_size=60), st.sampled_from([0.25, 2.0, 1024.0]), st.integers(-50, 50)
)
def test_masks_ignore_shift_and_scale(tenths: list[int], scale: float, shift: int) -> None:
    x = np.array(tenths) / 8.0
    moved = evaluate(scale * x + shift, float(shift), scale, tuple(RULES))
    assert np.array_equal(evaluate(x, 0.0, 1.0, tuple(RULES)), moved)


@given(st.lists(st.integers(-30, 30), min_size=1, max_size=60))
def test_masks_are_the_same_seen_from_below(tenths: list[int]) -> None:
    x = np.array(tenths) / 8.0
    assert np.array_equal(evaluate(x, 0.0, 1.0, tuple(RULES)), evaluate(-x, 0.0, 1.0, tuple(RULES)))


@given(st.lists(st.floats(-4, 4), min_size=1, max_size=40), st.floats(1.0, 3.0))
def test_wider_limits_never_add_a_point_beyond_them(x: list[float], factor: float) -> None:
    rules = ("nelson_1", "nelson_5", "nelson_6")
    narrow, wide = (evaluate(np.array(x), 0.0, sigma, rules) for sigma in (1.0, factor))
    assert not (wide & ~narrow).any()


def test_chunks_of_long_series_do_not_show() -> None:
    x = np.random.default_rng(11).normal(0.3, 1.0, 40_000)
    whole = evaluate(x, 0.0, 1.0, tuple(RULES))
    for start in (16_370, 16_384, 32_760):
        assert np.array_equal(
            evaluate(x[start - 40 : start + 40], 0.0, 1.0, tuple(RULES))[40:], whole[start : start + 40]
        )
