"""Own rules as sentences: what a person writes is read, what is read says the same again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spc.rules import evaluate
from spc.rulesets import read_rule, ruleset
from spc.streaming import START, stepper
from spc.values import BadInput

own = st.one_of(
    st.tuples(st.sampled_from(["beyond", "side"]), st.integers(1, 15), st.integers(0, 5), st.integers(0, 3)),
    st.tuples(st.sampled_from(["trend", "alternating", "mixture"]), st.integers(3, 15), st.just(0), st.integers(0, 3)),
    st.tuples(st.just("within"), st.integers(1, 15), st.integers(0, 5), st.just(1)),
).map(lambda one: {"test": one[0], "needed": one[1], "window": one[1] + one[2], "sigmas": _sigmas(one[0], one[3])})


def _sigmas(test: str, sigmas: int) -> int:
    return 0 if test in ("side", "trend", "alternating") else sigmas


@given(own)
def test_the_words_of_a_rule_are_read_back_as_the_same_rule(entry: dict[str, Any]) -> None:
    assert read_rule(ruleset([entry])[0].words) == entry


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 of 4 beyond 2 sigma on one side", ("beyond", 3, 4, 2)),
        ("10 of 11 on one side", ("side", 10, 11, 0)),
        ("7 falling", ("trend", 7, 7, 0)),
        ("12 Alternating", ("alternating", 12, 12, 0)),
        ("  15   within 1σ ", ("within", 15, 15, 1)),
        ("6 beyond 1 sigma on both sides", ("mixture", 6, 6, 1)),
    ],
)
def test_a_rule_is_read_as_people_write_it(text: str, expected: tuple[object, ...]) -> None:
    assert tuple(read_rule(text)[name] for name in ("test", "needed", "window", "sigmas")) == expected


@pytest.mark.parametrize("text", ["", "beyond 2 sigma", "5 points", "3 of 4 beyond", "3 beyond 1.5 sigma", "x of 3"])
def test_what_is_no_rule_is_refused_with_examples(text: str) -> None:
    with pytest.raises(BadInput, match="Write it like"):
        read_rule(text)


@given(st.lists(own, min_size=1, max_size=8), st.lists(st.integers(-28, 28).map(lambda x: x / 8), max_size=60))
def test_own_rules_are_judged_point_by_point_as_in_the_batch(entries: list[dict[str, Any]], x: list[float]) -> None:
    rules = ruleset(["nelson_1", *entries], first_bit=16)
    step, state, masks = stepper(rules), START, []
    for value in x:
        state, mask = step(state, value, 0.0, 1.0)
        masks.append(mask)
    assert masks == evaluate(np.array(x), 0.0, 1.0, rules).tolist()
