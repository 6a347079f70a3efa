"""Who has to do something is warned, and who leads them hears of it in time: each exactly once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qms.core import inbox
from qms.core.actor import system
from qms.core.deadlines import tick, to_say
from qms.core.errors import Denied, Invalid, Refused
from qms.core.extending import extend
from qms.core.models import Extension, Notice, Task
from qms.core.stepping import advance
from qms.core.trail import acting

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def told(actor) -> list[str]:
    return [title.split(",")[0].split(":")[0] for title in actor_notices(actor)]


def actor_notices(actor) -> list[str]:
    return list(Notice.objects.filter(user_id=actor.id).order_by("id").values_list("title", flat=True))


@pytest.fixture
def task(site, engineer) -> Task:
    """A task of ten days, from Monday to Thursday of the next week."""
    task = inbox.ask(
        key="t",
        title="Sort the stock",
        site=site,
        owner=engineer.id,
        due=MONDAY + timedelta(days=10),
        by=system("tests"),
    )
    with acting(system("tests")):
        Task.objects.update(created_at=MONDAY)
    Notice.objects.all().delete()
    return task


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (4.9, []),
        (5, ["Half of the time is used"]),
        (8, ["80 % of the time is used"]),
        (10, ["Due now"]),
        (14, ["Due now"]),  # Monday: two working days late
        (15, ["Due now", "3 working days late"]),
    ],
)
def test_the_owner_hears_how_far_the_time_is(task, engineer, days, expected) -> None:
    tick(MONDAY + timedelta(days=days))
    assert told(engineer) == expected


def test_every_level_is_said_exactly_once(task, engineer) -> None:
    for hours in range(0, 24 * 40, 6):
        tick(MONDAY + timedelta(hours=hours))
    assert told(engineer) == [
        "Half of the time is used",
        "80 % of the time is used",
        "Due now",
        "3 working days late",
        "7 working days late",
        "14 working days late",
    ]


def test_lateness_goes_up_the_ladder(task, manager, make_actor) -> None:
    head, owner = make_actor("Hana Head", "manager"), make_actor("Otto Owner", "owner")
    seen = []
    for day in (12, 15, 22, 31):
        tick(MONDAY + timedelta(days=day))
        seen.append([len(actor_notices(person)) for person in (manager, head, owner)])
    assert seen == [[0, 0, 0], [1, 0, 0], [2, 1, 0], [3, 2, 1]]


def test_after_a_long_silence_only_the_newest_reminder_is_said_with_every_escalation() -> None:
    assert to_say(0, 2) == [2]
    assert to_say(1, 3) == [3]
    assert to_say(0, 5) == [3, 4, 5]


def test_a_task_of_a_role_warns_everybody_of_the_role(site, engineer, operator) -> None:
    inbox.ask(key="r", title="Check", site=site, role="engineer", due=MONDAY, by=system("tests"))
    tick()
    assert (len(actor_notices(engineer)) > 0, actor_notices(operator)) == (True, [])


def test_a_finished_task_is_silent(task, engineer) -> None:
    inbox.done("t", engineer)
    assert tick(MONDAY + timedelta(days=30)) == 0


def test_a_task_moved_to_a_later_day_begins_anew(task, engineer) -> None:
    tick(MONDAY + timedelta(days=10))
    inbox.reschedule("t", MONDAY + timedelta(days=40), by=engineer)
    assert tick(MONDAY + timedelta(days=11)) == 0
    assert tick(MONDAY + timedelta(days=20)) == 1


@pytest.fixture
def gauge(gauges, open_gauge):
    return open_gauge()


def test_a_record_warns_for_its_state_and_again_in_the_next(gauge, engineer) -> None:
    assert tick(gauge.due) == 1
    assert tick(gauge.due + timedelta(hours=1)) == 0
    with acting(engineer):
        gauge.note = "ok"
        gauge.save(update_fields=["note"])
    gauge = advance(gauge, "check", by=engineer)
    assert tick(gauge.due) == 1


def test_an_extension_needs_a_reason_and_somebody_who_leads(gauge, engineer, manager) -> None:
    later = gauge.due + timedelta(days=7)
    with pytest.raises(Denied):
        extend(gauge, later, reason="Parts are late", by=engineer)
    with pytest.raises(Invalid, match="more time"):
        extend(gauge, later, reason=" ", by=manager)
    with pytest.raises(Invalid, match="after the current due date"):
        extend(gauge, gauge.due - timedelta(days=1), reason="Parts are late", by=manager)


def test_extensions_move_the_clock_and_are_counted(gauge, manager) -> None:
    first = gauge.due
    tick(first)
    gauge = extend(gauge, first + timedelta(days=30), reason="Parts are late", by=manager)
    gauge = extend(gauge, first + timedelta(days=60), reason="Parts are lost", by=manager)
    assert [(x.old_due, x.reason) for x in Extension.objects.all()] == [
        (first, "Parts are late"),
        (first + timedelta(days=30), "Parts are lost"),
    ]
    assert tick(first + timedelta(hours=1)) == 0


def test_a_closed_record_cannot_be_extended_and_does_not_warn(gauge, manager) -> None:
    due = gauge.due
    gauge = advance(gauge, "void", by=manager, reason="Opened twice")
    with pytest.raises(Refused, match="closed"):
        extend(gauge, due + timedelta(days=9), reason="x", by=manager)
    assert tick(due) == 0
