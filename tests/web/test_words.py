"""Numbers, times and ages as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qms.web import words

NOW = datetime(2026, 11, 20, 13, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "decimals", "said"),
    [(8.4114, 3, "8.411"), (-2.4, 1, "−2.4"), (1204551, None, "1,204,551"), (None, 2, ""), (-0.001, 2, "0.00")],
)
def test_numbers_have_a_true_minus_and_the_decimals_asked_for(value, decimals, said) -> None:
    assert words.number(value, decimals) == said


def test_a_difference_always_shows_its_sign() -> None:
    assert words.number(0.5, 1, sign=True) == "+0.5"


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        (timedelta(seconds=4), "4 s"),
        (timedelta(minutes=28), "28 min"),
        (timedelta(hours=2, minutes=8), "2 h 8 min"),
        (timedelta(hours=14, minutes=8), "14 h"),
        (timedelta(days=3, hours=5), "3 d"),
    ],
)
def test_ages_use_at_most_two_units(delta, said) -> None:
    assert words.age(delta) == said


def test_a_due_time_today_says_how_long_and_the_clock() -> None:
    assert words.due(NOW + timedelta(minutes=28), now=NOW, zone="Europe/Berlin") == ("in 28 min", "15:00", "wat")


def test_a_late_due_time_says_by_how_much() -> None:
    assert words.due(NOW - timedelta(days=1), now=NOW, zone="Europe/Berlin") == ("1 d late", "Thu 19 Nov", "sig")


def test_times_carry_their_zone() -> None:
    assert words.stamp(NOW, "Europe/Berlin") == "Fri 20 Nov 2026 14:32 CET"


@pytest.mark.parametrize(("hours", "group"), [(-1, "overdue"), (2, "today"), (30, "week")])
def test_tasks_fall_into_groups_by_the_persons_day(hours, group) -> None:
    assert words.bucket(NOW + timedelta(hours=hours), now=NOW, zone="Europe/Berlin") == group


@pytest.mark.parametrize(
    ("name", "letters"), [("Elin Lindqvist", "EL"), ("Ana María Ruiz", "AR"), ("Bo", "B"), ("", "?")]
)
def test_initials_are_first_and_last(name, letters) -> None:
    assert words.initials(name) == letters


@pytest.mark.parametrize(
    ("count", "plural", "said"),
    [(1, "keys", "1 key"), (1, "people", "1 person"), (1, "processes", "1 process"), (1200, "rules", "1,200 rules")],
)
def test_one_of_a_list_is_said_in_the_singular(count, plural, said) -> None:
    assert words.counted(count, plural) == said
