"""Each event reaches its handlers once in effect, in order, and failures hold up only their own key."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.db import connection, transaction

from qms.core import events, relay
from qms.core.actor import system
from qms.core.events import DomainEvent, publish
from qms.core.models import Delivery, Site
from qms.core.trail import acting
from tests.core.gauge import effect, effects

US = system("tests")
pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class Ticked(DomainEvent):
    """A tick of one key."""

    gauge: int
    n: int


@pytest.fixture
def subscribe(gauges, monkeypatch):
    """Subscribe functions for this test alone."""
    monkeypatch.setattr(events, "SUBSCRIPTIONS", {})
    for name in ("HANDLERS", "LEAVING"):
        fresh = type(getattr(events, name))()
        monkeypatch.setattr(events, name, fresh)
        monkeypatch.setattr(relay, name, fresh)

    def add(function, *, name="tests.one", leaves=False):
        function.__module__, function.__name__ = "tests.handlers", name.rpartition(".")[2]
        return events.handles(Ticked, leaves=leaves)(function)

    return add


def tick(gauge: int, n: int) -> None:
    with acting(US):
        publish(Ticked(gauge=gauge, n=n), key=f"gauge:{gauge}")


def deliver_everything() -> None:
    """What waits for a back-off is due now."""
    Delivery.objects.filter(done=None).update(due=events.timezone.now())
    while relay.drain():
        pass


def test_each_event_has_one_effect_in_the_order_of_its_key(subscribe) -> None:
    subscribe(lambda event, by: effect("one", event.gauge, event.n))
    for n in range(40):
        tick(n % 3, n)
    deliver_everything()
    for gauge in range(3):
        assert [n for g, n in effects("one") if g == gauge] == [n for n in range(40) if n % 3 == gauge]


def test_a_failing_handler_leaves_no_effect_and_comes_again_later(subscribe) -> None:
    def fail(event, by):
        effect("one", event.gauge, event.n)
        raise ValueError("the scale is broken")

    subscribe(fail)
    tick(1, 1)
    assert relay.drain() == 1
    assert effects("one") == []
    delivery = Delivery.objects.get()
    assert (delivery.tries, delivery.error, delivery.done) == (1, "ValueError: the scale is broken", None)
    assert relay.drain() == 0


def test_a_poisoned_key_holds_up_only_itself(subscribe) -> None:
    def picky(event, by):
        if event.gauge == 1:
            raise ValueError("no")
        effect("one", event.gauge, event.n)

    subscribe(picky)
    for n in range(6):
        tick(n % 2, n)
    while relay.drain():
        pass
    assert effects("one") == [(0, 0), (0, 2), (0, 4)]
    assert Delivery.objects.filter(done=None).count() == 3


def test_a_reference_to_nothing_fails_its_own_delivery_only(subscribe) -> None:
    def break_reference(event, by):
        if event.n == 1:
            with connection.cursor() as cursor:
                cursor.execute("insert into core_holiday (site_id, day, name) values (987654, now(), 'none')")
        effect("one", event.gauge, event.n)

    subscribe(break_reference)
    tick(1, 1)
    tick(2, 2)
    while relay.drain():
        pass
    assert effects("one") == [(2, 2)]
    assert "foreign key" in Delivery.objects.get(done=None).error


def test_a_service_called_by_a_handler_joins_its_act_under_the_relays_name(subscribe, site: Site) -> None:
    def rename(event, by):
        with acting(by):
            Site.objects.filter(pk=site.pk).update(name="Renamed")

    subscribe(rename)
    tick(1, 1)
    relay.drain()
    with connection.cursor() as cursor:
        cursor.execute("select actor, source, known from core_trail where tbl = 'core_site' order by id desc limit 1")
        assert cursor.fetchone() == ("system:relay", "tests.one", True)


def test_an_event_of_a_rolled_back_act_is_never_delivered(subscribe) -> None:
    subscribe(lambda event, by: effect("one", event.gauge, event.n))

    def broken() -> None:
        with acting(US):
            publish(Ticked(gauge=1, n=1), key="gauge:1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert relay.drain() == 0


def test_a_handler_that_leaves_the_house_runs_outside_a_transaction_under_a_lease(subscribe) -> None:
    seen = []

    def send(event, by):
        seen.append((transaction.get_connection().savepoint_ids, Delivery.objects.get().tries))

    subscribe(send, leaves=True)
    tick(1, 1)
    assert relay.drain() == 0
    assert relay.drain_leaving() == 1
    assert len(seen) == 1
    assert seen[0][1] == 1
    assert Delivery.objects.get().done
    assert relay.drain_leaving() == 0


def test_a_message_that_could_not_leave_is_tried_again_with_its_error_kept(subscribe) -> None:
    def send(event, by):
        raise ConnectionRefusedError("mail server away")

    subscribe(send, leaves=True)
    tick(1, 1)
    relay.drain_leaving()
    assert relay.drain_leaving() == 0
    delivery = Delivery.objects.get()
    assert (delivery.tries, delivery.error, delivery.done) == (1, "ConnectionRefusedError: mail server away", None)


def test_deliveries_done_long_ago_are_forgotten_and_their_events_kept(subscribe) -> None:
    subscribe(lambda event, by: None)
    tick(1, 1)
    relay.drain()
    assert relay.forget_delivered() == 0
    Delivery.objects.update(done="2020-01-01T00:00Z")
    assert relay.forget_delivered() == 1
    assert not Delivery.objects.exists()
    assert events.DomainEvent.known
