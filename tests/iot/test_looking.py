"""Around a chart: what moved before a signal, points by stratum, stages side by side."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from iot.queries.strata import shift_at

STARTS = [("06:00", "1"), ("14:00", "2"), ("22:00", "3")]


@pytest.mark.parametrize(
    ("clock", "name"), [("06:00", "Shift 1"), ("13:59", "Shift 1"), ("22:00", "Shift 3"), ("02:30", "Shift 3")]
)
def test_a_time_before_the_first_start_belongs_to_the_shift_of_the_night(clock, name):
    hour, minute = map(int, clock.split(":"))
    assert shift_at(datetime(2026, 11, 20, hour, minute, tzinfo=UTC), STARTS) == name
