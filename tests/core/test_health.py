"""Health says what is missing in a sentence, and takes nothing out of service for what can wait."""

from __future__ import annotations

import pytest
from django.test import Client

from qms.core import health
from qms.core.health import Finding, beat, heard, report
from qms.core.models import Delivery, Event, Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def silent(monkeypatch) -> None:
    monkeypatch.setattr(health, "_last", {})


def test_a_process_that_never_spoke_is_not_well() -> None:
    assert not heard("relay", "relay").ok


def test_a_process_is_well_while_it_beats() -> None:
    beat("relay", pid=7)
    assert heard("relay", "relay").ok
    Heartbeat.objects.update(at="2020-01-01T00:00Z")
    beat("relay")  # too soon after the last one: not written
    assert not heard("relay", "relay").ok


def test_who_carries_the_clocks_and_jobs_is_asked_after_too() -> None:
    beat("relay")
    names = {finding.name: finding.ok for finding in report()}
    assert (names["relay"], names["worker"]) == (True, False)
    beat("worker")
    assert next(finding for finding in report() if finding.name == "worker").ok


def test_waiting_deliveries_show_as_lag() -> None:
    event = Event.objects.create(uid="0" * 32, at="2020-01-01T00:00Z", type="x", key="x", act="", actor="", data={})
    Delivery.objects.create(event=event, handler="gone", key="x", due="2020-01-01T00:00Z")
    assert not health.outbox().ok


def test_a_check_that_breaks_is_a_finding_and_not_an_error(monkeypatch) -> None:
    def broken() -> Finding:
        raise OSError("no such broker\ndetails")

    monkeypatch.setattr(health, "CHECKS", [broken])
    assert report()[1] == Finding("broken", ok=False, text="Could not be asked: no such broker")


def test_lag_degrades_and_a_missing_need_takes_out_of_service(monkeypatch) -> None:
    client = Client()
    monkeypatch.setattr(health, "CHECKS", [lambda: Finding("ingest", ok=False, text="slow")])
    assert [client.get("/health/").json()["status"], client.get("/health/").status_code] == ["degraded", 200]
    monkeypatch.setattr(health, "database", lambda: Finding("database", ok=False, text="away", needed=True))
    response = client.get("/health/")
    assert (response.status_code, response.json()["status"], response["Retry-After"]) == (503, "down", "2")


def test_the_process_lives_without_asking_the_database(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert Client().get("/health/live/").json() == {"status": "ok"}
