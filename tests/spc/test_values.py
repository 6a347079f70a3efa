"""Numbers as they come in and go out: long rows at once, with the same answers and errors as one by one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spc.cases.plain import plain
from spc.values import LARGEST, BadInput, numbers, table

ENTRIES = st.one_of(st.none(), st.floats(-1e70, 1e70), st.integers(-(10**9), 10**9), st.just(math.nan))


@given(st.lists(ENTRIES))
def test_a_column_of_numbers_and_gaps_keeps_both(entries: list[Any]) -> None:
    found = numbers(entries)
    assert [None if math.isnan(v) else v for v in found.tolist()] == [
        None if v is None or math.isnan(v) else v for v in entries
    ]


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(ENTRIES, min_size=n, max_size=n), min_size=1)))
def test_even_rows_equal_uneven_rows_cut_to_size(rows: list[list[Any]]) -> None:
    width = len(rows[0])
    slow = table([*rows, [0.0] * (width + 1)])[:-1, :width]
    assert np.array_equal(table(rows), slow, equal_nan=True)


@pytest.mark.parametrize("entry", [True, "7", math.inf, 2 * LARGEST, 10**400, -(10**400), [1.0], b"1"])
def test_what_is_no_number_is_named_by_its_place(entry: Any) -> None:
    with pytest.raises(BadInput, match="x, entry 3 is"):
        numbers([1.0, None, entry, 4])
    with pytest.raises(BadInput, match="subgroups, row 2, column 1 is"):
        table([[1.0, 2.0], [entry, 4.0]])


@given(st.lists(st.one_of(ENTRIES, st.just(math.inf), st.booleans(), st.text(max_size=3))))
def test_rows_become_json_without_nan_or_infinity(row: list[Any]) -> None:
    expected = [None if isinstance(v, float) and not math.isfinite(v) else v for v in row]
    assert plain(row) == expected
    assert plain([row, row]) == [expected, expected]


def test_rows_of_other_things_become_json_one_by_one() -> None:
    assert plain([np.float64(1.5), np.int64(2), np.bool_(True), (1, math.nan), {"a": np.array([1.0, np.inf])}]) == [
        1.5, 2, True, [1, None], {"a": [1.0, None]},
    ]  # fmt: skip


def test_words_of_other_kinds_stay_words() -> None:
    assert plain(np.array(["Dent"])[0]) == "Dent"
