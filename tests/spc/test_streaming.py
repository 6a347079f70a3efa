"""Point by point equals batch: random and adversarial series, splits, gaps, many characteristics."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spc.fleet import Fleet, step_all
from spc.rules import NELSON, RULES, Rule, evaluate
from spc.streaming import START, State, from_json, step, stepper, to_json
from spc.values import BadInput

ALL = tuple(RULES)
OWN = Rule("own", 13, "10 of 12 points beyond 1σ on one side", "beyond", 10, 12, 1, 13, "")
level = st.sampled_from([math.nan, -3.5, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5])
series = (
    st.lists(level, max_size=80)
    | st.lists(st.floats(-4, 4), max_size=60)
    | st.builds(
        lambda size, kind: [(-1.0) ** i * 1.2 if kind else i / 8 for i in range(size)],
        st.integers(0, 40),
        st.booleans(),
    )
)


def stream(x: list[float], state: State = START, center: float = 0.0, sigma: float = 1.0) -> tuple[State, list[int]]:
    advance, masks = stepper((*ALL, OWN)), []
    for value in x:
        state, mask = advance(state, value, center, sigma)
        masks.append(mask)
    return state, masks


@given(series)
def test_streaming_equals_batch(x: list[float]) -> None:
    assert stream(x)[1] == evaluate(np.array(x), 0.0, 1.0, (*ALL, OWN)).tolist()


@given(series, st.data())
def test_a_saved_state_continues_at_every_split(x: list[float], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(x)))
    state, first = stream(x[:cut])
    assert first + stream(x[cut:], from_json(to_json(state)))[1] == stream(x)[1]


@given(series, st.floats(-1e3, 1e3), st.floats(0.01, 100))
def test_streaming_equals_batch_at_any_centre_and_sigma(x: list[float], center: float, sigma: float) -> None:
    moved = [center + sigma * value for value in x]
    assert stream(moved, START, center, sigma)[1] == evaluate(np.array(moved), center, sigma, (*ALL, OWN)).tolist()


@given(
    st.lists(st.tuples(level, st.sampled_from([0.0, 0.5, 1.0, math.nan]), st.sampled_from([0.0, 0.25])), max_size=50)
)
def test_streaming_equals_batch_with_limits_that_vary(rows: list[tuple[float, float, float]]) -> None:
    state, masks = START, []
    for x, sigma, center in rows:
        state, mask = step(state, x, center, sigma, ALL)
        masks.append(mask)
    x, sigma, center = (np.array([row[i] for row in rows]) for i in range(3))
    assert masks == evaluate(x, center, sigma, ALL).tolist()


@given(st.lists(st.lists(level, min_size=3, max_size=3), max_size=50), st.booleans())
def test_many_characteristics_at_once_equal_each_alone(rows: list[list[float]], one_side: bool) -> None:
    fleet, masks = Fleet.start(3), []
    for row in rows:
        fleet, mask = step_all(fleet, np.array(row), 0.0, 1.0, (*ALL, OWN), mixture_one_side=one_side)
        masks.append(mask)
    for i in range(3):
        x = np.array([row[i] for row in rows])
        assert [int(m[i]) for m in masks] == evaluate(x, 0.0, 1.0, (*ALL, OWN), mixture_one_side=one_side).tolist()


@given(st.lists(series, min_size=1, max_size=4))
def test_single_states_and_columns_convert_both_ways(many: list[list[float]]) -> None:
    states = [stream(x)[0] for x in many]
    back = [Fleet.of(states).state(i) for i in range(len(states))]
    assert [to_json(state) for state in back] == [to_json(state) for state in states]
    assert Fleet.of(states).texts() == [to_json(state) for state in states]


def test_a_state_is_small() -> None:
    state, _ = stream(np.random.default_rng(2).normal(size=500).tolist())
    assert len(to_json(state)) < 120


@pytest.mark.parametrize(
    "text", ["", "[]", "[1, 2]", '["zz", null]', '["-1", 0.5]', '{"bits": 1}', f'["{2**360:x}", null]']
)
def test_a_broken_state_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not a saved state"):
        from_json(text)


def test_a_state_that_does_not_say_how_many_places_were_seen_is_refused() -> None:
    with pytest.raises(BadInput, match="not a saved state"):
        from_json(f'["{2**329:x}",0.5]')
    with pytest.raises(BadInput, match="not a saved state"):
        from_json('["0",0.0]')
    assert from_json(to_json(START))[0] == START[0]


def test_a_wrong_number_of_values_is_refused() -> None:
    with pytest.raises(BadInput, match="2 values came for 3"):
        step_all(Fleet.start(3), np.zeros(2), 0.0, 1.0, NELSON)


def test_long_random_series_agree() -> None:
    x = np.random.default_rng(3).normal(0.2, 1.1, 20_000)
    assert stream(x.tolist())[1] == evaluate(x, 0.0, 1.0, (*ALL, OWN)).tolist()


@pytest.mark.parametrize(("rule", "value", "first"), [("nelson_5", 2.5, 3), ("we_2", 2.5, 3), ("nelson_6", 1.5, 5)])
def test_a_share_of_a_window_is_marked_once_the_window_is_complete(rule: str, value: float, first: int) -> None:
    x, fleet, state = [value] * 6, Fleet.start(1), START
    wanted = [0] * (first - 1) + [1 << RULES[rule].bit] * (7 - first)
    single, many = [], []
    for one in x:
        state, mask = step(state, one, 0.0, 1.0, [rule])
        fleet, masks = step_all(fleet, np.array([one]), 0.0, 1.0, [rule])
        single.append(mask)
        many.append(int(masks[0]))
    assert evaluate(np.array(x), 0.0, 1.0, [rule]).tolist() == single == many == wanted
