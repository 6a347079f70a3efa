"""Clocks run on the working calendar of the site."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from qms.core import clock
from qms.core.clock import due_after, every, pulse
from qms.core.flow import Within
from qms.core.models import Heartbeat, Holiday

FRIDAY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)  # 10:30 in Berlin
pytestmark = pytest.mark.django_db


def test_working_days_skip_the_weekend(site) -> None:
    assert due_after(site, FRIDAY, Within(workdays=2)) == FRIDAY + timedelta(days=4)


def test_working_days_skip_a_holiday_of_the_site(site) -> None:
    Holiday.objects.create(site=site, day=date(2026, 11, 23), name="Founders' day")
    assert due_after(site, FRIDAY, Within(workdays=1)) == FRIDAY + timedelta(days=4)


def test_hours_run_through_the_night_and_the_weekend(site) -> None:
    assert due_after(site, FRIDAY, Within(hours=48)) == FRIDAY + timedelta(hours=48)


def test_a_working_day_ends_at_the_same_local_time_after_the_clocks_go_back(site) -> None:
    friday = datetime(2026, 10, 23, 8, 0, tzinfo=UTC)  # 10:00 summer time
    assert due_after(site, friday, Within(workdays=1)) == datetime(2026, 10, 26, 9, 0, tzinfo=UTC)  # 10:00 winter time


@pytest.fixture
def chores(monkeypatch) -> None:
    monkeypatch.setattr(clock, "CHORES", {})


def test_a_chore_runs_once_in_its_time_however_many_schedulers_ask(chores) -> None:
    ran = []
    every(30)(lambda: ran.append(1))
    pulse()
    pulse()
    assert ran == [1]
    Heartbeat.objects.update(at=FRIDAY)
    pulse()
    assert ran == [1, 1]


def test_a_chore_that_fails_does_not_hold_up_the_others(chores) -> None:
    def fail() -> None:
        raise OSError("disk full")

    ran = []
    every(30)(fail)
    every(30)(lambda: ran.append(1))
    pulse()
    assert ran == [1]
