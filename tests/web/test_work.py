"""My work, the palette and what happens to a record from its page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from qms.core import inbox
from qms.core.links import link
from qms.core.models import Comment, Extension, Link, Task
from qms.web.views.finding import fits


@pytest.fixture
def task(engineer, make_record) -> Task:
    record = make_record()
    due = timezone.now() - timedelta(hours=3)
    fields = {"record": record, "owner": engineer.id, "due": due, "url": "/x/"}
    return inbox.ask(key="one", title="Review the change", by=engineer, **fields)


def test_an_overdue_task_stands_in_its_group(browser_of, engineer, task) -> None:
    page = browser_of(engineer).get(reverse("web:my-work")).content.decode()
    assert re.search(r"Overdue<span[^>]*>1</span>", page)
    assert "3 h late" in page


def test_the_kind_filter_shows_its_counts(browser_of, engineer, task) -> None:
    page = browser_of(engineer).get(reverse("web:my-work") + "?kind=signal").content.decode()
    assert re.search(r"Tasks <span[^>]*>1</span>", page)
    assert "Review the change" not in page


def test_the_side_panel_shows_the_task_of_its_owner_only(browser_of, engineer, operator, task) -> None:
    url = reverse("web:peek", args=[task.pk])
    assert "Review the change" in browser_of(engineer).get(url).content.decode()
    assert browser_of(operator).get(url).status_code == 404


def test_finishing_an_item_leads_to_the_next(browser_of, engineer, task) -> None:
    answer = browser_of(engineer).post(reverse("web:task-finish", args=[task.pk]))
    assert answer.status_code == 204
    assert "peek:next" in answer.headers["HX-Trigger"]
    assert not inbox.open_for(engineer).exists()


def test_snoozing_needs_a_reason(browser_of, engineer, task) -> None:
    url = reverse("web:task-finish", args=[task.pk])
    assert browser_of(engineer).post(url, {"snooze": "4"}).status_code == 400
    assert browser_of(engineer).post(url, {"snooze": "4", "reason": "parts come at noon"}).status_code == 204
    assert inbox.open_for(engineer, snoozed=True).count() == 1


def test_the_palette_finds_a_record_by_the_beginning_of_its_number(browser_of, engineer, make_record) -> None:
    record = make_record("Bearing outer Ø low")
    page = browser_of(engineer).get(reverse("web:palette"), {"q": record.number[:8].lower()}).content.decode()
    assert record.number in page


def test_the_palette_finds_a_record_by_its_words(browser_of, engineer, make_record) -> None:
    record = make_record("Bearing outer diameter low third")
    assert record.number in browser_of(engineer).get(reverse("web:palette"), {"q": "beari diam"}).content.decode()


def test_the_palette_never_shows_records_of_another_plant(browser_of, stranger, make_record) -> None:
    record = make_record("Bearing outer diameter")
    assert record.number not in browser_of(stranger).get(reverse("web:palette"), {"q": "bearing"}).content.decode()


def test_the_palette_offers_pages_by_the_beginnings_of_words(browser_of, engineer) -> None:
    assert "People and roles" in browser_of(engineer).get(reverse("web:palette"), {"q": "peo ro"}).content.decode()


@pytest.mark.parametrize(("text", "hit"), [("my wo", True), ("", True), ("ork", False)])
def test_words_match_from_their_beginning(text, hit) -> None:
    assert fits(text, "My work") is hit


def test_a_step_that_is_not_possible_says_what_is_missing(browser_of, engineer, make_record) -> None:
    record = make_record()
    url = reverse("web:record-advance", args=[record.pk])
    page = browser_of(engineer).get(url, {"step": "contain"}).content.decode()
    assert "how many pieces are nonconforming" in page


def test_signing_with_a_wrong_password_signs_nothing(browser_of, manager, make_record) -> None:
    record = make_record()
    fields = {"step": "void", "reason": "opened twice", "password": "wrong", "version": record.version}
    answer = browser_of(manager).post(reverse("web:record-advance", args=[record.pk]), fields)
    assert answer.status_code == 403
    assert "not your password" in answer.content.decode()
    assert record.signatures.count() == 0


def test_a_record_of_another_plant_does_not_exist_for_a_stranger(browser_of, stranger, make_record) -> None:
    url = reverse("web:record-advance", args=[make_record().pk])
    assert browser_of(stranger).get(url, {"step": "contain"}).status_code == 404


def test_a_comment_is_kept_and_mentions_ask_to_read(browser_of, engineer, operator, make_record) -> None:
    record = make_record()
    text = f"Same press? @{operator.name}"
    browser_of(engineer).post(reverse("web:record-comment", args=[record.pk]), {"text": text})
    assert Comment.objects.get(record_id=record.pk).text == text
    assert inbox.open_for(operator).get().kind == "mention"


def test_a_file_is_kept_with_its_record(browser_of, engineer, make_record, settings, tmp_path) -> None:
    settings.FILES_DIR = tmp_path
    record = make_record()
    upload = SimpleUploadedFile("trial.txt", b"three pieces, all good\n", "text/plain")
    browser_of(engineer).post(reverse("web:record-file", args=[record.pk]), {"file": upload})
    assert record.attachments.get().name == "trial.txt"


def test_a_link_can_be_taken_away_again(browser_of, engineer, make_record) -> None:
    one, other = make_record("Burr"), make_record("Chip")
    found = link(one, other, by=engineer)
    browser_of(engineer).post(reverse("web:record-unlink", args=[other.pk]), {"link": found.pk})
    assert not Link.objects.exists()


def test_a_record_gets_more_time_from_somebody_who_leads(browser_of, engineer, manager, make_record) -> None:
    record = make_record(due=timezone.now() + timedelta(days=1))
    url, fields = (
        reverse("web:record-extend", args=[record.pk]),
        {"due": "2099-01-01T12:00", "reason": "Parts are late"},
    )
    assert browser_of(engineer).post(url, fields).status_code == 403
    assert browser_of(manager).post(url, {**fields, "due": "2001-01-01T12:00"}).status_code == 400
    assert browser_of(manager).post(url, fields).status_code == 302
    assert Extension.objects.get().reason == "Parts are late"
