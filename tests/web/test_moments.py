"""Times people type: years nobody means, hours that never came, hours that come twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django import forms
from django.utils import timezone

from capa.models import Nonconformity
from qms.core.errors import Invalid
from qms.web.forms import Day, Moment
from qms.web.pages.merging import own_changes, seal

FIRST_HALF_PAST_TWO = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
SECOND_HALF_PAST_TWO = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def stockholm():
    with timezone.override("Europe/Stockholm"):
        yield


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "1899-12-31T23:59", "2200-01-01T00:00", "9999-12-31T23:59"])
def test_a_year_nobody_means_is_refused_in_words(typed) -> None:
    with pytest.raises(forms.ValidationError, match="between 1900 and 2199"):
        Moment().clean(typed)


def test_a_day_of_the_year_one_is_refused_in_words() -> None:
    with pytest.raises(forms.ValidationError, match="between 1900 and 2199"):
        Day().clean("0001-01-01")


def test_an_hour_that_never_came_says_why_and_what_to_do() -> None:
    with pytest.raises(forms.ValidationError, match=r"no 02:30 on 2026-03-29 .* Choose a later time"):
        Moment().clean("2026-03-29T02:30")


def test_an_hour_that_comes_twice_is_taken_as_the_first() -> None:
    found = Moment().clean("2026-10-25T02:30")
    assert found is not None
    assert found.astimezone(UTC) == FIRST_HALF_PAST_TWO


def test_a_moment_with_an_offset_keeps_it() -> None:
    assert Moment().clean("2026-10-25T02:30:00+01:00") == SECOND_HALF_PAST_TWO


def test_the_second_of_two_hours_stays_when_another_field_is_saved() -> None:
    now = {"detected_at": SECOND_HALF_PAST_TWO, "title": "Burr"}
    typed = {"detected_at": Moment().clean("2026-10-25T02:30"), "title": "Burr on the rim"}
    assert own_changes(seal(now), typed, now) == ({"title": "Burr on the rim"}, [])


@pytest.mark.django_db
def test_the_database_takes_no_moment_that_it_could_not_give_back(make_record) -> None:
    record = make_record()
    with pytest.raises(Invalid, match="between 1900 and 2199"):
        Nonconformity._base_manager.filter(pk=record.pk).update(due=datetime(1, 1, 1, tzinfo=UTC))
