"""Whose due date holds when a record moves on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from qms.core.actor import system
from qms.core.extending import extend
from qms.core.records import change_record
from qms.core.stepping import advance
from tests.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("gauges")


def soon(**span: int):
    return timezone.now().replace(microsecond=0) + timedelta(**span)


def test_a_due_date_given_at_opening_holds_through_a_step(open_gauge, engineer) -> None:
    due = soon(days=3)
    gauge = advance(open_gauge(note="x", due=due), "check", by=engineer)
    assert (gauge.state, gauge.due) == ("checked", due)


def test_a_due_date_set_later_holds_too(open_gauge, engineer) -> None:
    due = soon(hours=5)
    gauge = change_record(open_gauge(note="x"), due=due, by=engineer)
    assert advance(gauge, "check", by=engineer).due == due


def test_without_a_persons_word_each_state_has_its_own_clock(open_gauge, engineer) -> None:
    gauge = advance(open_gauge(note="x"), "check", by=engineer)
    assert gauge.due - gauge.state_since == timedelta(hours=48)


def test_what_the_product_sets_is_moved_by_a_step(open_gauge, engineer) -> None:
    gauge = open_gauge(note="x", due=soon(days=3), by=system("import"))
    assert advance(gauge, "check", by=engineer).due < soon(hours=49)


def test_an_extended_date_never_comes_earlier(open_gauge, engineer, manager) -> None:
    gauge = open_gauge(note="x")
    later = gauge.due + timedelta(days=30)
    gauge = extend(gauge, later, reason="Parts are late", by=manager)
    assert advance(gauge, "check", by=engineer).due == later


def test_the_end_lets_go_of_the_date_and_a_reopened_record_has_a_new_clock(open_gauge, engineer, manager) -> None:
    gauge = advance(open_gauge(note="x", due=soon(days=3)), "check", by=engineer)
    gauge = advance(gauge, "release", by=manager, password=PASSWORD)
    assert (gauge.due, gauge.due_fixed) == (None, False)
    assert advance(gauge, "reopen", by=manager, reason="Scratched").due > soon(days=9)
