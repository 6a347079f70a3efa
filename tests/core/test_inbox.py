"""The inbox shows what was asked of a person or a role, once, until it is done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from qms.core import inbox, relay
from qms.core.actor import system
from qms.core.errors import Denied, Invalid, Refused
from qms.core.models import Notice, Task, User
from qms.core.notify import read, tell
from qms.core.trail import acting

US = system("tests")
pytestmark = pytest.mark.django_db


def titles(actor, **which) -> list[str]:
    return [task.title for task in inbox.open_for(actor, **which)]


def test_asking_twice_under_one_key_asks_once(site, engineer) -> None:
    for title in ("First", "Second"):
        inbox.ask(key="check", title=title, site=site, owner=engineer.id, by=US)
    assert titles(engineer) == ["First"]
    assert Notice.objects.filter(user_id=engineer.id).count() == 1


def test_a_role_of_the_site_sees_its_tasks_and_other_sites_do_not(
    site, engineer, operator, stranger, make_actor
) -> None:
    inbox.ask(key="r", title="For engineers", site=site, role="engineer", by=US)
    inbox.ask(key="m", title="For managers", site=site, role="manager", by=US)
    everywhere = make_actor("Olga All", "manager")
    assert titles(engineer) == ["For engineers"]
    assert titles(operator) == titles(stranger) == []
    assert titles(everywhere) == ["For managers"]


def test_the_most_urgent_comes_first(site, engineer) -> None:
    now = timezone.now()
    for key, priority, due in (("c", 2, None), ("b", 2, now), ("a", 1, None)):
        inbox.ask(key=key, title=key, site=site, owner=engineer.id, priority=priority, due=due, by=US)
    assert titles(engineer) == ["a", "b", "c"]


def test_a_task_ends_when_what_it_asked_for_has_happened(site, engineer) -> None:
    inbox.ask(key="check", title="Check", site=site, owner=engineer.id, by=US)
    assert inbox.done("check", US)
    assert not inbox.done("check", US)
    assert titles(engineer) == []
    assert Task.objects.get().done_by == "system:tests"


def test_only_the_one_who_was_asked_can_tick_a_task_off(site, engineer, operator) -> None:
    task = inbox.ask(key="check", title="Check", site=site, owner=engineer.id, by=US)
    with pytest.raises(Denied):
        inbox.finish(task.pk, by=operator)
    inbox.finish(task.pk, by=engineer)
    with pytest.raises(Refused, match="Elin Lindqvist has done this already"):
        inbox.finish(task.pk, by=engineer)


def test_snoozing_needs_a_reason_and_hides_the_task_until_then(site, engineer) -> None:
    task = inbox.ask(key="check", title="Check", site=site, owner=engineer.id, by=US)
    tomorrow = timezone.now() + timedelta(days=1)
    with pytest.raises(Invalid):
        inbox.snooze(task.pk, until=tomorrow, reason=" ", by=engineer)
    inbox.snooze(task.pk, until=tomorrow, reason="The part arrives tomorrow", by=engineer)
    assert (titles(engineer), titles(engineer, snoozed=True)) == ([], ["Check"])
    Task.objects.update(snoozed_until=timezone.now() - timedelta(minutes=1))
    assert titles(engineer) == ["Check"]


def test_the_counts_say_how_many_of_each_kind_and_how_many_are_late(site, engineer) -> None:
    now = timezone.now()
    inbox.ask(key="a", title="a", site=site, owner=engineer.id, due=now - timedelta(hours=1), by=US)
    inbox.ask(key="b", title="b", kind="mention", site=site, owner=engineer.id, by=US)
    assert inbox.counts(engineer) == {"task": 1, "mention": 1, "all": 2, "late": 1}


def test_a_task_without_a_site_or_somebody_to_do_it_is_a_mistake(site) -> None:
    with pytest.raises(ValueError, match="needs a site"):
        inbox.ask(key="a", title="a", site=site, by=US)


@pytest.fixture
def told(engineer):
    def make(**given) -> Notice | None:
        with acting(US):
            return tell(engineer.id, "signal", "Point out of control", "/signals/4/", **given)

    return make


def deliver() -> None:
    while relay.drain_leaving():
        pass


def test_a_notice_goes_out_by_mail_once_with_its_address(told, engineer) -> None:
    notice = told(key="signal:4")
    assert told(key="signal:4") is None
    deliver()
    [message] = mail.outbox
    assert (message.to, message.subject) == ([engineer.email], "Point out of control")
    assert "http://localhost:8000/signals/4/" in message.body
    assert message.extra_headers["Message-ID"].startswith(f"<notice-{notice.pk}@")
    assert Notice.objects.get().mailed_at


def test_no_mail_goes_to_somebody_who_wants_none_or_has_read_it(told, engineer) -> None:
    told()
    read(engineer)
    deliver()
    with acting(US):
        User.objects.filter(pk=engineer.id).update(mail_notices=False)
    told()
    deliver()
    assert mail.outbox == []


def test_a_repeated_delivery_sends_no_second_mail(told) -> None:
    told()
    deliver()
    from qms.core.models import Delivery

    Delivery.objects.update(done=None, due=timezone.now())
    deliver()
    assert len(mail.outbox) == 1


def test_reading_notices_touches_only_ones_own(told, operator, engineer) -> None:
    notice = told()
    assert read(operator, notice.pk) == 0
    assert read(engineer, notice.pk) == 1
