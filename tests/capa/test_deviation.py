"""A deviation permit: asked for, agreed by two, in force by itself, used piece by piece, extended, over at its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from capa import services
from capa.models import Deviation
from capa.tasks import tend_permits
from qms.core.actor import system
from qms.core.errors import Refused
from qms.core.models import Notice, Task
from qms.core.stepping import advance
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=True) as traveller:
        yield traveller


@pytest.fixture
def permit(site, engineer, characteristic):
    """A draft with every term: 100 pieces until in ten days."""
    return services.open_deviation(
        title="Housings with the old seal", site=site, by=engineer, part=characteristic.part,
        requirement="Seal C", instead="Seal B", justification="Seal C arrives late", risk="Tightness checked 100 %",
        begins_on=TODAY, ends_on=TODAY + timedelta(days=9), quantity=100,
    )  # fmt: skip


@pytest.fixture
def active(permit, engineer, approver, manager):
    advance(permit, "request", by=engineer)
    advance(permit, "agree_engineering", by=approver, password=PASSWORD)
    advance(permit, "approve", by=manager, password=PASSWORD)
    assert tend_permits() == 1
    return Deviation.objects.get()


def test_a_draft_says_what_is_missing_before_it_is_requested(site, engineer):
    bare = services.open_deviation(title="Old seal", site=site, by=engineer)
    with pytest.raises(Refused) as problem:
        advance(bare, "request", by=engineer)
    assert "what is allowed instead" in str(problem.value)
    assert "Bind it" in str(problem.value)
    assert bare.number == "DEV-2026-0001"


def test_quality_approves_only_what_engineering_agreed_to(permit, engineer, approver, manager):
    advance(permit, "request", by=engineer)
    with pytest.raises(Refused, match="Engineering must agree"):
        advance(permit, "approve", by=manager, password=PASSWORD)
    advance(permit, "agree_engineering", by=manager, password=PASSWORD)
    with pytest.raises(Refused, match="quality must be another person"):
        advance(permit, "approve", by=manager, password=PASSWORD)


def test_what_is_asked_for_is_not_changed(permit, engineer):
    advance(permit, "request", by=engineer)
    with pytest.raises(Refused, match="reject it to change its terms"):
        services.save_deviation(permit, quantity=500, by=engineer)


def test_it_comes_into_force_on_its_first_day_by_itself(permit, engineer, approver, manager, at_noon):
    services.save_deviation(permit, begins_on=TODAY + timedelta(days=2), by=engineer)
    advance(permit, "request", by=engineer)
    advance(permit, "agree_engineering", by=approver, password=PASSWORD)
    advance(permit, "approve", by=manager, password=PASSWORD)
    assert tend_permits() == 0
    at_noon.shift(timedelta(days=2))
    assert tend_permits() == 1
    now = Deviation.objects.get()
    assert (now.state, now.due) == ("active", now.ends_at())


def test_it_expires_after_its_last_day_on_the_plants_calendar(active, at_noon):
    at_noon.move_to(datetime(2026, 11, 29, 22, 30, tzinfo=UTC))  # 23:30 in the plant
    assert tend_permits() == 0
    at_noon.shift(timedelta(hours=1))
    assert tend_permits() == 1
    assert Deviation.objects.get().state == "expired"


def test_no_more_pieces_are_booked_than_it_covers(active, operator):
    services.book_use(active, quantity=70, by=operator)
    with pytest.raises(Refused, match="has 30 pieces left"):
        services.book_use(active, quantity=31, by=operator)
    services.book_use(active, quantity=30, by=operator)
    assert active.used() == 100
    assert tend_permits() == 1
    assert Deviation.objects.get().state == "expired"


def test_nothing_is_booked_before_it_is_in_force(permit, operator):
    with pytest.raises(Refused, match="not in force"):
        services.book_use(permit, quantity=1, by=operator)


def test_its_owner_is_warned_once_from_80_percent_on(active, engineer, operator):
    services.book_use(active, quantity=79, by=operator)
    tend_permits()
    assert not Notice.objects.filter(kind="warning").exists()
    services.book_use(active, quantity=1, by=operator)
    tend_permits()
    tend_permits()
    told = Notice.objects.get(kind="warning")
    assert (told.user_id, "80 of 100 pieces are used" in told.title) == (engineer.id, True)


def test_it_is_extended_by_signature_once_and_again_only_with_a_change_request(active, engineer, manager):
    services.ask_extension(active, until=TODAY + timedelta(days=20), by=engineer)
    assert Task.objects.filter(title__startswith="Approve the extension", done_at=None).exists()
    longer = advance(active, "extend", by=manager, password=PASSWORD, reason="Seal C is later still")
    assert (longer.ends_on, longer.extended, longer.wanted_until) == (TODAY + timedelta(days=20), 1, None)
    assert longer.due == longer.ends_at()
    with pytest.raises(Refused, match="needs a change request"):
        services.ask_extension(longer, quantity=200, by=engineer)
    services.ask_extension(longer, quantity=200, change_request="CR-2026-0007", by=engineer)
    twice = advance(longer, "extend", by=manager, password=PASSWORD, reason="Drawing follows")
    assert (twice.quantity, twice.extended) == (200, 2)


def test_an_extension_only_extends(active, engineer, manager):
    with pytest.raises(Refused, match="later than the present one"):
        services.ask_extension(active, until=TODAY, by=engineer)
    with pytest.raises(Refused, match="Enter the new last day"):
        advance(active, "extend", by=manager, password=PASSWORD, reason="Longer")


def test_it_is_closed_before_its_end_with_a_reason(active, engineer):
    with pytest.raises(Refused, match="bounds are not reached"):
        advance(active, "expire", by=system("tests"))
    assert advance(active, "close", by=engineer, reason="Seal C is here").state == "closed"


def test_its_end_does_not_stop_the_others(active, permit, monkeypatch):
    monkeypatch.setattr(Deviation, "nearly_over", lambda self: 1 / 0)
    assert tend_permits() == 0  # said in the log, and tried again


def test_a_permit_is_asked_for_used_and_extended_on_its_page(browser_of, engineer, site):
    browser = browser_of(engineer)
    made = browser.post(reverse("capa:deviation-new"), {"title": "Old seal"})
    page = browser.get(made["Location"]).content.decode()
    assert "Bind it" in page
    assert "Old seal" in browser.get(reverse("capa:deviations")).content.decode()


def test_pieces_and_extensions_go_through_the_page(browser_of, active, engineer):
    browser = browser_of(engineer)
    booked = browser.post(reverse("capa:deviation-use", args=[active.pk]), {"use-quantity": 12, "use-lot": "A7"})
    assert booked.status_code == 302
    over = browser.post(reverse("capa:deviation-use", args=[active.pk]), {"use-quantity": 200})
    assert over.status_code == 409
    assert "has 88 pieces left" in over.content.decode()
    asked = browser.post(reverse("capa:deviation-extend", args=[active.pk]), {"extension-quantity": 300})
    assert asked.status_code == 302
    assert "300 pieces" in browser.get(active.get_absolute_url()).content.decode()


def test_a_permit_is_walked_by_api(browser_of, engineer, operator, active):
    def call(actor, method, path, data=None):
        client = browser_of(actor)
        return getattr(client, method)(f"/api/v1/deviations/{path}", data, content_type="application/json")

    assert call(engineer, "get", "?state=active").json()["results"][0]["number"] == active.number
    assert call(operator, "post", f"{active.pk}/uses/", {"quantity": 5}).status_code == 201
    assert call(operator, "get", f"{active.pk}/uses/").json()["results"][0]["quantity"] == 5
    asked = call(engineer, "post", f"{active.pk}/extension/", {"quantity": 150})
    assert asked.json()["wanted_quantity"] == 150, asked.content


def test_a_permit_in_force_asks_nobody_to_let_it_expire(browser_of, active, engineer):
    assert "conditions" not in browser_of(engineer).get(active.get_absolute_url()).content.decode().lower()
