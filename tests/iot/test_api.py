"""The floor through the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.models import Characteristic, UnmappedTopic
from iot import services
from iot.credentials import proves, verifiers
from iot.models import DeviceActivity, Reading, Signal
from qms.core.rest.conditions import etag_of
from qms.core.trail import acting
from tests.iot.conftest import TESTS, wire

pytestmark = pytest.mark.django_db
COLLECTIONS = [
    "characteristics", "readings", "signals", "devices", "parts", "parameters", "equipment", "control-limits",
    "unmapped-topics", "quarantine",
]  # fmt: skip


@pytest.fixture
def api(browser_of, engineer) -> Client:
    """A signed-in client that speaks JSON."""
    client = browser_of(engineer)
    client.enforce_csrf_checks = False
    return client


def post(client: Client, path: str, data: object):
    return client.post(f"/api/v1/{path}", data, content_type="application/json")


@pytest.fixture
def charted(characteristic, limits_for, measure, start) -> Characteristic:
    limits_for(characteristic, since=start - timedelta(days=1))
    measure([8.6, 8.65, 8.55] * 10 + [9.2])
    return characteristic


@pytest.mark.parametrize("name", COLLECTIONS)
def test_every_collection_lists_what_there_is(api, charted, name):
    answer = api.get(f"/api/v1/{name}/")
    assert answer.status_code == 200, answer.content
    assert "results" in answer.json()


def test_readings_are_paged_without_gaps_or_repeats(api, charted):
    url, seen = f"/api/v1/readings/?parameter={charted.parameter_id}&limit=7", []
    while url:
        page = api.get(url).json()
        seen += [row["t"] for row in page["results"]]
        url = page["next"]
    assert len(seen) == len(set(seen)) == 31
    assert seen == sorted(seen, reverse=True)


def test_a_message_is_taken_as_the_broker_would_bring_it(api, charted, start):
    body = {"topic": "acme/nv1/asm/l2/s30/press_force", "message": {"v": 8.6, "t": start.isoformat(), "u": "kN"}}
    body["message"]["seq"] = 7
    answer = post(api, "readings/", body)
    assert (answer.status_code, answer.json()["outcomes"]) == (201, {"stored": 1, "late": 1})
    assert Reading.objects.filter(seq=7).exists()


def test_a_signal_gets_its_cause(api, charted):
    signal = Signal.objects.get()
    answer = post(api, f"signals/{signal.pk}/acknowledge/", {"cause": "Material lot"})
    assert answer.json()["state"] == "acknowledged"


def test_a_settled_signal_refuses_another_cause_once_points_are_excluded(api, charted):
    signal = Signal.objects.get()
    span = {"first": signal.first_at.isoformat(), "last": signal.last_at.isoformat(), "reason": "Set-up piece"}
    assert post(api, f"characteristics/{charted.pk}/exclude/", span).status_code == 201
    assert post(api, f"signals/{signal.pk}/acknowledge/", {"cause": "Tool"}).status_code == 409


def test_the_chart_of_a_characteristic_is_data(api, charted):
    data = api.get(f"/api/v1/characteristics/{charted.pk}/chart/").json()
    assert len(data["points"]) == 31


def test_capability_says_why_it_is_greyed(api, charted):
    data = api.get(f"/api/v1/characteristics/{charted.pk}/capability/").json()
    assert "open signal" in data["greyed"]
    assert data["result"]["cpk"] > 0


def test_limits_are_proposed_and_not_in_force(api, charted):
    answer = post(api, "control-limits/", {"characteristic": charted.pk, "reason": "Phase I"})
    assert (answer.status_code, answer.json()["state"]) == (201, "proposed")


def test_a_topic_is_mapped_with_its_proposal(api, site, station, send, start):
    send(("NV1/ASM/L2/S30/temperature", wire(20.5, start, "°C")))
    topic = UnmappedTopic.objects.get()
    answer = post(api, f"unmapped-topics/{topic.pk}/map/", {})
    assert answer.status_code == 201, answer.content
    assert (answer.json()["path"], answer.json()["unit"]) == ("nv1/asm/l2/s30/temperature", "°C")


def test_an_estimator_there_is_not_is_named_with_those_there_are(api, charted):
    answer = post(api, "control-limits/", {"characteristic": charted.pk, "reason": "Phase I", "estimator": "guess"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/estimator")
    assert "Known: " in answer.json()["detail"]


def test_a_characteristic_refuses_limits_out_of_order(api, charted):
    url = f"/api/v1/characteristics/{charted.pk}/"
    answer = api.patch(url, {"lsl": 9.0, "usl": 8.0}, content_type="application/json")
    assert answer.status_code == 400
    assert "lsl" in str(answer.json()["errors"])


def test_a_stranger_reads_nothing(browser_of, stranger, charted):
    client = browser_of(stranger)
    assert client.get("/api/v1/characteristics/").json()["results"] == []
    assert client.get(f"/api/v1/readings/?parameter={charted.parameter_id}").json()["results"] == []


def test_the_document_describes_every_collection(api, site):
    paths = api.get(reverse("api:schema")).content.decode()
    assert all(f"/api/v1/{name}/" in paths for name in COLLECTIONS)


@pytest.fixture
def device(site, engineer):
    return services.add_device(site=site, code="gw 1", name="Gateway", topic_prefix="nv1/asm", by=engineer)


def test_a_device_changed_meanwhile_is_not_changed(api, device):
    url = f"/api/v1/devices/{device.pk}/"
    seen = api.get(url)["ETag"]
    change = {"data": {"name": "Press"}, "content_type": "application/json", "headers": {"If-Match": seen}}
    changed = api.patch(url, **change)
    assert (changed.status_code, changed["ETag"]) == (200, api.get(url)["ETag"])
    assert api.patch(url, **change).status_code == 412


def test_what_a_device_sends_does_not_stand_against_a_change(api, device):
    url = f"/api/v1/devices/{device.pk}/"
    seen = api.get(url)["ETag"]
    with acting(TESTS):
        DeviceActivity.objects.create(device=device, last_seen=timezone.now(), readings=1)
    read = api.get(url, headers={"If-None-Match": seen})
    assert (read.status_code, read["ETag"], read.json()["readings"]) == (200, seen, 1)
    change = {"data": {"name": "Press"}, "content_type": "application/json", "headers": {"If-Match": seen}}
    assert api.patch(url, **change).status_code == 200


def test_an_etag_is_made_of_no_secret(device):
    seen = etag_of(device)
    device.credential_hash, device.credential_bcrypt = verifiers("of-a-device")
    assert etag_of(device) == seen


def test_a_credential_comes_with_its_user_name_and_topics(api, device):
    answer = post(api, f"devices/{device.pk}/credential/", {})
    assert answer.status_code == 201, answer.content
    made, user = answer.json(), device.user_name
    assert (made["username"], made["subscribe"]) == (user, [f"cmd/{user}/#"])
    assert "nv1/asm/#" in made["publish"]
    device.refresh_from_db()
    assert proves(made["secret"], device.credential_hash)
    shown = api.get(f"/api/v1/devices/{device.pk}/").json()
    assert shown["username"] == user
    assert shown["credential_set_at"]


def test_a_repeated_request_for_a_credential_does_not_show_it_again(api, device):
    def ask():
        url = f"/api/v1/devices/{device.pk}/credential/"
        return api.post(url, {}, content_type="application/json", headers={"Idempotency-Key": "once"}).json()

    assert ask()["secret"]
    assert ask()["secret"] is None


def test_a_credential_is_revoked(api, device):
    post(api, f"devices/{device.pk}/credential/", {})
    assert api.delete(f"/api/v1/devices/{device.pk}/credential/").status_code == 204
    device.refresh_from_db()
    assert not device.has_credential
