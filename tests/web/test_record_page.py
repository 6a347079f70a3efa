"""What stands on the page of every record: who watches it, what is copied, what was said."""

from __future__ import annotations

import pytest
from django.urls import reverse

from capa import services
from capa.models import Nonconformity

pytestmark = pytest.mark.django_db


@pytest.fixture
def ncr(site, engineer) -> Nonconformity:
    return services.open_nonconformity(title="Burr", site=site, by=engineer)


def test_a_person_watches_from_the_page_and_stands_there_by_name(ncr, operator, engineer, browser_of) -> None:
    answer = browser_of(operator).post(reverse("web:record-watch", args=[ncr.pk]), {"do": "watch"}, follow=True)
    assert f"You watch {ncr.number}" in answer.content.decode()
    page = browser_of(engineer).get(ncr.get_absolute_url()).content.decode()
    assert '1<span class="i2">, Tom Berg</span>' in page


def test_who_watches_is_offered_to_stop(ncr, operator, browser_of) -> None:
    browser = browser_of(operator)
    browser.post(reverse("web:record-watch", args=[ncr.pk]), {"do": "watch"})
    assert "Stop watching" in browser.get(ncr.get_absolute_url()).content.decode()
    page = browser.post(reverse("web:record-watch", args=[ncr.pk]), {"do": "unwatch"}, follow=True).content.decode()
    assert "Watchers" not in page


def test_a_record_that_is_not_seen_is_not_watched(ncr, stranger, browser_of) -> None:
    assert browser_of(stranger).post(reverse("web:record-watch", args=[ncr.pk]), {"do": "watch"}).status_code == 404


def test_a_refused_comment_stays_in_its_field_with_the_reason_beside_it(ncr, engineer, browser_of) -> None:
    text = "Typed at length " * 700
    answer = browser_of(engineer).post(reverse("web:record-comment", args=[ncr.pk]), {"text": text})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert text in page
    assert 'id="comment-why" role="alert">Write something, at most 10,000 characters' in page


def test_a_number_that_is_not_found_stays_in_its_field_with_the_reason_beside_it(ncr, engineer, browser_of) -> None:
    answer = browser_of(engineer).post(reverse("web:record-link", args=[ncr.pk]), {"number": "NCR-1999-0001"})
    page = answer.content.decode()
    assert 'value="NCR-1999-0001"' in page
    assert 'id="link-why" role="alert">There is no record NCR-1999-0001' in page
