"""A signal of several variables goes the way of any signal: work, search, cause, exclusion, nonconformity."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from iot.models import Signal
from qms.core import inbox, relay
from qms.core.models import FrozenEvidence
from tests.iot.multivariate.conftest import ROWS

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(browser_of, engineer) -> Client:
    return browser_of(engineer)


def test_it_is_asked_about_in_my_work_with_its_variables(client, signal, engineer, stranger) -> None:
    relay.drain()
    task = inbox.open_for(engineer).get(kind="signal")
    assert "driven by Torque (high)" in task.title
    assert task.detail.startswith("T² ")
    assert "limit" in task.detail
    assert "σ from" not in task.detail
    assert not inbox.open_for(stranger).exists()
    assert "driven by Torque" in client.get(reverse("web:my-work")).content.decode()


def test_its_panel_tells_t_squared_and_its_limit_and_draws_the_chart(client, signal, engineer) -> None:
    relay.drain()
    page = client.get(reverse("web:peek", args=[inbox.open_for(engineer).get(kind="signal").pk])).content.decode()
    assert "First point <b>T² " in page
    assert "Give cause" in page
    assert "<svg" in page


def test_the_list_of_signals_finds_sorts_and_exports_it(client, signal) -> None:
    url = reverse("iot:signals")
    assert "driven by Torque" in client.get(url, {"q": "torque", "sort": "-distance"}).content.decode()
    assert "T²" in client.get(url, {"state": "open"}).content.decode()
    assert b"driven by Torque" in b"".join(client.get(url, {"export": "csv"}))


def test_a_cause_settles_it_and_its_task(client, signal, engineer) -> None:
    relay.drain()
    assert client.get(reverse("iot:cause", args=[signal.pk])).status_code == 200
    client.post(reverse("iot:cause", args=[signal.pk]), {"cause": "Tool", "note": "Worn"})
    relay.drain()
    signal.refresh_from_db()
    assert (signal.state, signal.cause) == ("acknowledged", "Tool")
    assert not inbox.open_for(engineer).filter(kind="signal").exists()


def test_what_moved_is_looked_for_from_it(client, signal) -> None:
    assert client.get(reverse("iot:moved", args=[signal.pk])).status_code == 200


def test_excluded_vectors_stay_on_the_chart_and_leave_the_estimate(client, charted, signal) -> None:
    span = {"first": signal.first_at.isoformat()[:19], "last": signal.last_at.isoformat()[:19]}
    client.post(reverse("iot:exclude", args=[charted.pk]), {**span, "reason": "Set-up pieces"})
    signal.refresh_from_db()
    assert signal.state == "excluded"
    answer = client.post(reverse("iot:propose", args=[charted.pk]), {"reason": "Without set-up"})
    limits = charted.limits.latest("revision")
    assert answer["Location"] == limits.get_absolute_url()
    assert limits.design["mean"][2] < 52
    assert len(client.get(reverse("iot:chart-data", args=[charted.pk])).json()["points"]) == 43


def test_it_becomes_a_nonconformity_with_its_chart_frozen(client, signal) -> None:
    answer = client.post(reverse("capa:from-signal", args=[signal.pk]))
    signal.refresh_from_db()
    assert signal.state == "converted"
    page = client.get(answer["Location"]).content.decode()
    assert "driven by Torque (high)" in page
    assert "sigma above the centre line" not in page
    frozen = FrozenEvidence.objects.get(record=signal.record)
    assert frozen.svg.startswith("<svg")
    assert frozen.data["signal"] == signal.pk


def test_the_frozen_chart_keeps_the_variables_of_its_signal(client, signal) -> None:
    client.post(reverse("capa:from-signal", args=[signal.pk]))
    kept = FrozenEvidence.objects.get().data["variables"]
    assert [one["code"] for one in kept] == ["C201", "C210", "C211"]
    assert [one["drives"] for one in kept] == [False, False, True]
    assert kept[2]["value"] == 58.0


def test_the_nonconformity_tells_t_squared_and_its_limit(client, signal) -> None:
    client.post(reverse("capa:from-signal", args=[signal.pk]))
    signal.refresh_from_db()
    found = client.get(f"/api/v1/nonconformities/{signal.record_id}/").json()
    assert found["actual"].startswith("T² ")
    assert found["requirement"].startswith("T² up to ")
    assert "limit" in found["description"]


def test_the_api_opens_one_from_it_once(client, signal) -> None:
    body = {"signal": signal.pk}
    first = client.post("/api/v1/nonconformities/", body, content_type="application/json")
    assert first.status_code == 201, first.content
    again = client.post("/api/v1/nonconformities/", body, content_type="application/json")
    assert again.json()["id"] == first.json()["id"]


def test_people_of_another_site_can_do_nothing_with_it(browser_of, stranger, signal) -> None:
    client = browser_of(stranger)
    for name in ("iot:cause", "capa:from-signal"):
        assert client.post(reverse(name, args=[signal.pk]), {"cause": "Tool"}).status_code == 404
    assert Signal.objects.get().state == "open"


def test_it_is_withdrawn_when_late_values_show_that_it_never_was(client, charted, signal, press, start) -> None:
    press(ROWS[41:42], at=41)
    assert Signal.objects.get(pk=signal.pk).first_at == start + timedelta(seconds=41)
