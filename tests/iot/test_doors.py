"""Corrections, exclusions, notes and the quarantine through the API."""

from __future__ import annotations

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from governance.services import add_process
from iot import services
from iot.models import Annotation, Correction, Quarantine, Reading, Subgroup
from qms.core.errors import Denied, Invalid
from qms.core.models import Trail, User

pytestmark = pytest.mark.django_db
CALM = [8.6, 8.65, 8.55, 8.62, 8.58]


@pytest.fixture
def client_of():
    """A signed-in client of the API."""

    def make(actor) -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.default_format = "json"
        client.force_login(User.objects.get(pk=actor.id), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def heard_twice(characteristic, measure) -> Correction:
    measure([8.6])
    measure([8.9])
    return Correction.objects.get()


@pytest.fixture
def refused(characteristic, measure) -> Quarantine:
    measure(["high"])
    return Quarantine.objects.get()


@pytest.fixture
def excluded(characteristic, measure, engineer):
    measure([*CALM, 12.0])
    wild = Subgroup.objects.get(mean=12.0)
    return services.exclude_points(characteristic, first=wild.t, last=wild.t, reason="Set-up piece", by=engineer)


def test_a_correction_is_listed_and_decided(client_of, engineer, heard_twice):
    client = client_of(engineer)
    row = client.get("/api/v1/corrections/", {"state": "open"}).json()["results"][0]
    assert (row["stored"], row["heard"], row["site"]) == (8.6, 8.9, "NV1")
    done = client.post(f"/api/v1/corrections/{row['id']}/decide/", {"holds": "heard", "reason": "clock was right"})
    assert done.json()["state"] == "accepted"
    assert Reading.objects.get().value == 8.9


def test_a_correction_is_decided_once(client_of, engineer, heard_twice):
    client, url = client_of(engineer), f"/api/v1/corrections/{heard_twice.pk}/decide/"
    assert client.post(url, {"holds": "stored", "reason": "typo"}).status_code == 200
    again = client.post(url, {"holds": "heard", "reason": "no"})
    assert (again.status_code, again["Content-Type"]) == (409, "application/problem+json")


def test_a_repeated_decision_with_its_key_is_answered_again(client_of, engineer, heard_twice):
    client, url = client_of(engineer), f"/api/v1/corrections/{heard_twice.pk}/decide/"
    sent = {"holds": "stored", "reason": "typo"}
    answers = [client.post(url, sent, headers={"Idempotency-Key": "c-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1]["Idempotency-Replayed"] == "true"


def test_an_operator_decides_nothing(client_of, operator, heard_twice):
    url = f"/api/v1/corrections/{heard_twice.pk}/decide/"
    assert client_of(operator).post(url, {"holds": "heard", "reason": "x"}).status_code == 403


def test_an_exclusion_is_lifted_once_with_a_reason(client_of, engineer, excluded):
    client, url = client_of(engineer), f"/api/v1/exclusions/{excluded.pk}/"
    assert client.post(f"{url}lift/", {}).status_code == 400
    assert client.post(f"{url}lift/", {"reason": "It was the process"}).json()["lifted_reason"] == "It was the process"
    assert client.post(f"{url}lift/", {"reason": "again"}).status_code == 409
    assert not Subgroup.objects.filter(state="excluded").exists()
    assert client.get("/api/v1/exclusions/", {"lifted": "false"}).json()["results"] == []
    assert len(client.get("/api/v1/exclusions/", {"lifted": "true"}).json()["results"]) == 1


def test_an_exclusion_has_an_etag(client_of, engineer, excluded):
    client, url = client_of(engineer), f"/api/v1/exclusions/{excluded.pk}/"
    seen = client.get(url)["ETag"]
    assert client.get(url, headers={"If-None-Match": seen}).status_code == 304
    client.post(f"{url}lift/", {"reason": "It was the process"})
    assert client.get(url, headers={"If-None-Match": seen}).status_code == 200


def test_a_note_is_added_listed_and_taken_out(client_of, operator, characteristic):
    client = client_of(operator)
    url = f"/api/v1/characteristics/{characteristic.pk}/annotate/"
    note = client.post(url, {"text": "Tool changed", "kind": "tool"}).json()
    assert [row["id"] for row in client.get("/api/v1/annotations/", {"kind": "tool"}).json()["results"]] == [note["id"]]
    gone = client.post(f"/api/v1/annotations/{note['id']}/remove/", {"reason": "wrong chart"})
    assert gone.status_code == 204
    assert not Annotation.objects.exists()
    trail = Trail.objects.get(tbl="iot_annotation", op="D")
    assert (trail.reason, "Tool changed" in trail.image) == ("wrong chart", True)


def test_a_note_of_another_site_is_not_there(client_of, stranger, engineer, characteristic):
    note = services.annotate(characteristic, text="Tool changed", by=engineer)
    assert client_of(stranger).post(f"/api/v1/annotations/{note.pk}/remove/", {"reason": "x"}).status_code == 404


def test_a_payload_is_let_go_once_with_a_reason(client_of, engineer, refused):
    client, url = client_of(engineer), f"/api/v1/quarantine/{refused.pk}/discard/"
    assert client.post(url, {"reason": ""}).status_code == 400
    assert client.post(url, {"reason": "test bench"}).json()["state"] == "discarded"
    assert client.post(url, {"reason": "test bench"}).status_code == 409


def test_payloads_are_let_go_with_a_reason_only_where_one_decides(make_actor, engineer, stranger, refused):
    rows = Quarantine.objects.filter(pk=refused.pk)
    with pytest.raises(Invalid):
        services.discard(rows, reason=" ", by=engineer)
    assert services.discard(rows, reason="not mine", by=stranger) == 0
    with pytest.raises(Denied):
        services.discard(rows, reason="x", by=make_actor("Nora Body"))


def test_a_note_is_taken_out_on_its_page(browser_of, engineer, characteristic):
    note = services.annotate(characteristic, text="Tool changed", by=engineer)
    browser, url = browser_of(engineer), reverse("iot:note-remove", args=[note.pk])
    assert url in browser.get(characteristic.get_absolute_url()).content.decode()
    assert browser.post(url, {"reason": "wrong chart"}).url == characteristic.get_absolute_url()
    assert not Annotation.objects.exists()


def test_a_characteristic_is_put_into_a_process_as_seen(client_of, engineer, site, characteristic):
    process = add_process(site=site, code="PRS", name="Pressing", by=engineer)
    client, url = client_of(engineer), f"/api/v1/characteristics/{characteristic.pk}/"
    seen = client.get(url)["ETag"]
    changed = client.patch(url, {"process": process.pk}, headers={"If-Match": seen})
    assert changed.json()["process"] == process.pk
    assert client.patch(url, {"process": None}, headers={"If-Match": seen}).status_code == 412
    assert client.patch(url, {"process": 0}).status_code == 404


def test_a_device_is_answered_whole_whatever_one_has(client_of, engineer, site):
    row = services.add_device(site=site, code="gw-7", name="Gateway", topic_prefix="nv1/asm/l2", by=engineer)
    api = client_of(engineer)
    seen = api.get(f"/api/v1/devices/{row.pk}/")
    assert api.get(f"/api/v1/devices/{row.pk}/", HTTP_IF_NONE_MATCH=seen["ETag"]).status_code == 200
    doors = api.get("/api/v1/schema/?format=json").json()["paths"]
    assert "304" not in doors["/api/v1/devices/{id}/"]["get"]["responses"]
    assert "304" in doors["/api/v1/parts/{id}/"]["get"]["responses"]


def test_a_credential_is_revoked_only_as_it_was_seen(client_of, engineer, site):
    row = services.add_device(site=site, code="gw-7", name="Gateway", topic_prefix="nv1/asm/l2", by=engineer)
    seen = client_of(engineer).get(f"/api/v1/devices/{row.pk}/")["ETag"]
    services.issue_credential(row, by=engineer)
    gone = client_of(engineer).delete(f"/api/v1/devices/{row.pk}/credential/", HTTP_IF_MATCH=seen)
    assert gone.status_code == 412
    row.refresh_from_db()
    assert row.has_credential
