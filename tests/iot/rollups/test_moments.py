"""Sums of buckets, and that merging them loses nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from iot.rollups.moments import DAY, HOUR, MINUTE, SECOND, ladder, merged, moments

values = some.lists(
    some.tuples(some.integers(1, 2), some.integers(0, 3 * HOUR), some.floats(-1e6, 1e6), some.booleans()), max_size=60
)


def columns(found):
    p, t, v, ok = (np.array(column) for column in zip(*found, strict=True)) if found else ([], [], [], [])
    return (
        np.array(p, dtype=np.int64),
        np.array(t, dtype=np.int64) * SECOND,
        np.array(v, dtype=np.float64),
        np.array(ok, dtype=np.bool_),
    )


@given(values)
def test_every_bucket_is_what_its_readings_come_to(found):
    for row in moments(*columns(found), width=HOUR):
        inside = [(p, t, v) for p, t, v, ok in found if ok and p == row["parameter"]]
        mine = np.array([v for _, t, v in inside if t // HOUR == row["bucket"] // (HOUR * SECOND)])
        assert row["n"] == len(mine)
        if len(mine):
            assert row["mean"] == pytest.approx(mine.mean(), abs=1e-6)
            assert row["m2"] == pytest.approx(((mine - mine.mean()) ** 2).sum(), rel=1e-9, abs=1e-4)
            assert (row["low"], row["high"]) == (mine.min(), mine.max())


@given(values, some.integers(0, 60))
def test_merged_parts_are_the_whole(found, cut):
    whole = moments(*columns(found), width=HOUR)
    parts = merged(np.concatenate([moments(*columns(found[:cut])), moments(*columns(found[cut:]))]), width=HOUR)
    assert len(parts) == len(whole)
    for name in ("parameter", "bucket", "n", "aside", "low", "high", "first_t", "last_t"):
        assert (parts[name] == whole[name]).all()
    assert parts["mean"] == pytest.approx(whole["mean"], abs=1e-6)
    assert parts["m2"] == pytest.approx(whole["m2"], rel=1e-9, abs=1e-3)


def test_sigma_is_exact_far_from_zero():
    rng = np.random.default_rng(7)
    v = 1e9 + rng.normal(0, 0.01, 5000)
    t = np.arange(5000) * SECOND
    rows = merged(moments(np.ones(5000, np.int64), t, v, np.ones(5000, np.bool_)), width=DAY)
    assert np.sqrt(rows["m2"][0] / 4999) == pytest.approx(v.std(ddof=1), rel=1e-6)


def test_minutes_are_kept_of_hours_that_fill_them():
    t = np.concatenate([np.arange(3600), 3600 + np.arange(200) * 18, 7200 + np.arange(60) * 60]) * SECOND
    ones = np.ones(len(t), dtype=np.int64)
    kept, finest = ladder(moments(ones, t, ones.astype(float), ones.astype(bool)))
    assert finest.tolist() == [MINUTE, 600, HOUR]
    assert {width: len(rows) for width, rows in kept.items()} == {HOUR: 3, 600: 12, MINUTE: 60}


def test_first_and_last_are_those_in_time_and_no_reading_set_aside():
    found = [(1, 50, 5.0, True), (1, 10, 1.0, True), (1, 5, 9.0, False), (1, 59, 8.0, False)]
    (row,) = moments(*columns(found))
    assert (row["first"], row["last"], row["n"], row["aside"]) == (1.0, 5.0, 2, 2)
