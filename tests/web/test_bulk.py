"""The bulk bar acts on what it names: the ticked rows, or every row of the filter, never on a filter misread."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from iot.models import Quarantine
from qms.core.models import Notice
from qms.core.notify import tell
from qms.core.trail import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(site) -> list[Quarantine]:
    """Three payloads of one topic and one of another."""
    return [
        Quarantine.objects.create(
            site=site, topic=topic, payload=b"?", reason="format", detail="", size=1, received_at=timezone.now()
        )
        for topic in ("press", "press", "press", "oven")
    ]


def states() -> list[str]:
    return list(Quarantine.objects.order_by("id").values_list("state", flat=True))


def test_discarding_the_whole_filter_lets_all_of_it_go_and_nothing_else(browser_of, manager, kept) -> None:
    sent = {"ids": [kept[0].pk], "all": "1", "query": "q=press"}
    browser = browser_of(manager)
    asked = browser.post(reverse("iot:discard"), sent).content.decode()
    assert 'name="all" value="1"' in asked
    assert 'value="q=press"' in asked
    assert browser.post(reverse("iot:discard"), {**sent, "reason": "Test bench"}).status_code == 302
    assert states() == ["discarded"] * 3 + ["kept"]


def test_discarding_ticked_rows_leaves_the_others(browser_of, manager, kept) -> None:
    sent = {"ids": f"{kept[0].pk},{kept[3].pk}", "reason": "Test bench"}
    browser_of(manager).post(reverse("iot:discard"), sent)
    assert states() == ["discarded", "kept", "kept", "discarded"]


def test_replaying_the_whole_filter_takes_all_of_it(browser_of, manager, kept) -> None:
    browser_of(manager).post(reverse("iot:replay"), {"ids": [kept[0].pk], "all": "1", "query": "q=press"})
    assert states()[:4] == ["replayed"] * 3 + ["kept"]


def test_all_notices_in_the_filter_are_read_and_the_others_are_not(browser_of, engineer) -> None:
    with acting(engineer):
        for title in ("press one", "press two", "oven"):
            tell(engineer.id, "task", title, key=title)
    browser_of(engineer).post(reverse("web:notices-read"), {"all": "1", "query": "q=press"})
    assert [notice.title for notice in Notice.objects.filter(read_at=None)] == ["oven"]


def test_an_act_on_a_filter_that_cannot_be_read_is_refused(browser_of, manager, kept) -> None:
    sent = {"all": "1", "query": "state=nonsense", "reason": "Test bench"}
    assert browser_of(manager).post(reverse("iot:discard"), sent).status_code == 400
    assert states() == ["kept"] * 4


def test_a_list_whose_filter_cannot_be_read_shows_why_and_no_row(browser_of, manager, kept) -> None:
    page = browser_of(manager).get(reverse("iot:quarantine"), {"state": "nonsense"}).content.decode()
    assert "No row is shown until the filter is put right" in page
    assert "data-row " not in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_of_a_filter_that_cannot_be_read_is_refused(browser_of, manager, kept, kind) -> None:
    page = browser_of(manager).get(reverse("iot:quarantine"), {"state": "nonsense", "export": kind})
    assert page.status_code == 400
    assert "valid choice" in page.content.decode()
