"""Sheets of very many rows are made by a job: what the person saw, for that person alone, for a week."""

from __future__ import annotations

import io
import os
import time
import zipfile

import pytest
from django.urls import reverse

from capa import services
from qms.core import jobs
from qms.core.jobs import Running, cancel, run
from qms.core.models import Job, Notice
from qms.web import made, tasks
from qms.web.pages import export
from qms.web.views.jobs import is_there

assert tasks.make_sheet  # the worker finds its work by importing it
LIST = "/quality/nonconformities/"


@pytest.fixture
def db(fresh_database: str) -> None:
    """Real commits: progress is written beside the transaction that reads."""


@pytest.fixture
def many(settings, tmp_path, monkeypatch, site, engineer) -> None:
    """Three rows, which is more than anybody waits for here."""
    settings.FILES_DIR = tmp_path
    monkeypatch.setattr(export, "AT_ONCE", 2)
    monkeypatch.setattr(jobs, "send", lambda job: None)  # no worker is told: each test runs its job itself
    for title in ("Burr", "Scratch", "Burr again"):
        services.open_nonconformity(title=title, site=site, by=engineer)


def asked(browser, query: str = "") -> Job:
    page = browser.get(LIST, {"export": "xlsx"}).content.decode()
    assert "made in the background" in page
    browser.post(reverse("web:sheet-new"), {"path": LIST, "query": query, "token": "once"})
    return Job.objects.get()


def test_a_sheet_of_many_rows_is_made_by_a_job_and_fetched_by_who_asked(many, browser_of, engineer, manager) -> None:
    browser = browser_of(engineer)
    job = asked(browser, "q=burr")
    assert run(job.pk) == "done"
    answer = browser.get(reverse("web:job-file", args=[job.pk]))
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    texts = book.read("xl/worksheets/sheet1.xml").decode()
    assert ("Burr again" in texts, "Scratch" in texts) == (True, False)
    assert Notice.objects.get(user_id=engineer.id, kind="job").title == "Nonconformities as a sheet: 2 rows are ready"
    assert "Download" in browser.get(reverse("web:job", args=[job.pk])).content.decode()
    assert browser_of(manager).get(reverse("web:job-file", args=[job.pk])).status_code == 404


def test_pressing_twice_makes_one_sheet(many, browser_of, engineer) -> None:
    browser = browser_of(engineer)
    first = asked(browser)
    assert asked(browser).pk == first.pk


def test_a_sheet_that_was_stopped_leaves_no_file(many, browser_of, engineer, monkeypatch) -> None:
    job, at = asked(browser_of(engineer)), Running.at

    def stop(running, *said) -> None:
        cancel(job.pk, by=engineer)
        at(running, *said)

    monkeypatch.setattr(Running, "at", stop)
    assert run(job.pk) == "stopped"
    assert not list(made.folder().iterdir())
    job.refresh_from_db()
    assert (job.state, is_there(job)) == ("cancelled", False)


def test_a_sheet_leaves_after_a_week(many, browser_of, engineer) -> None:
    job = asked(browser_of(engineer))
    run(job.pk)
    job.refresh_from_db()
    file = made.folder() / job.result["file"]
    os.utime(file, (time.time() - made.KEPT - 1,) * 2)
    assert made.forget() == 1
    assert browser_of(engineer).get(reverse("web:job-file", args=[job.pk])).status_code == 404


@pytest.mark.parametrize("path", ["/nowhere/", "/settings/profile/"])
def test_only_lists_become_sheets(many, browser_of, engineer, path) -> None:
    assert browser_of(engineer).post(reverse("web:sheet-new"), {"path": path}).status_code == 409
    assert not Job.objects.exists()


def test_the_worker_exports_no_more_than_the_asker_may_see(many, browser_of, stranger) -> None:
    browser = browser_of(stranger)
    browser.post(reverse("web:sheet-new"), {"path": LIST, "token": "t"})
    run(Job.objects.get().pk)
    assert Job.objects.get().result["rows"] == 0
