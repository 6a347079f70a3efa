"""Pages of the floor, through the front door."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from governance.models import UnmappedTopic
from iot import queries
from iot.credentials import proves
from iot.models import ControlLimits, Correction, Device, Exclusion, Quarantine, Reading, Signal, SignalState
from iot.services import add_device, issue_credential
from qms.core.trail import reading
from tests.iot.conftest import TESTS, wire

pytestmark = pytest.mark.django_db
LISTS = [
    "iot:overview", "iot:characteristics", "iot:signals", "iot:limits-list", "iot:devices", "iot:quarantine",
    "iot:corrections",
    "governance:unmapped", "governance:parts", "governance:equipment-list", "governance:parameters", "governance:rules",
]  # fmt: skip
DIALOGS = ["iot:device-new", "governance:part-new", "governance:equipment-new", "governance:rule-new"]


@pytest.fixture
def charted(characteristic, limits_for, measure, start):
    """A chart with an open signal at its end."""
    limits_for(characteristic, since=start - timedelta(days=1))
    measure([8.6, 8.65, 8.55] * 12 + [9.2])
    return characteristic


@pytest.fixture
def client(browser_of, engineer):
    return browser_of(engineer)


@pytest.mark.parametrize("name", LISTS + DIALOGS)
def test_every_page_opens_with_data(client, charted, means, name):
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_every_page_opens_without_data(client, site, name):
    assert client.get(reverse(name)).status_code == 200


def test_the_overview_shows_a_signal_by_rule_and_words(client, charted):
    page = client.get(reverse("iot:overview")).content.decode()
    assert "Rule 1: 1 point beyond 3σ, high side" in page
    assert "is-signal" in page


def test_the_overview_filters_by_state(client, charted, means):
    page = client.get(reverse("iot:overview"), {"state": "signal"}).content.decode()
    assert "C201" in page
    assert "C202" not in page


def test_the_wall_has_no_navigation(client, charted):
    page = client.get(reverse("iot:overview"), {"wall": "1"}).content.decode()
    assert 'class="wall"' in page
    assert 'id="palette"' not in page


def test_the_characteristic_page_offers_what_a_signal_needs(client, charted):
    page = client.get(charted.get_absolute_url()).content.decode()
    assert "Give cause" in page
    assert "Greyed: an open signal" in page
    assert "one false alarm in" in page


@pytest.mark.parametrize("part", ["head", "side", "below"])
def test_parts_of_the_page_come_alone(client, charted, part):
    page = client.get(charted.get_absolute_url(), {"part": part}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page


def test_the_chart_comes_as_data(client, charted):
    data = client.get(reverse("iot:chart-data", args=[charted.pk])).json()
    assert len(data["points"]) == 37
    assert data["points"][-1]["rules"] == [1]
    assert data["stages"][0]["label"].startswith("Limits v")
    assert [mark["state"] for mark in data["signals"]] == ["open"]


def test_only_newer_points_are_sent_when_asked(client, charted):
    data = client.get(reverse("iot:chart-data", args=[charted.pk]), {"after": "35"}).json()
    assert [point["n"] for point in data["points"]] == [36, 37]


def test_the_chart_is_drawn_for_print(client, charted):
    answer = client.get(reverse("iot:chart-svg", args=[charted.pk]))
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg")


def test_a_point_says_which_rule_it_breaks(client, charted):
    page = client.get(reverse("iot:point", args=[charted.pk, 37])).content.decode()
    assert "Nelson 1: 1 point beyond 3σ" in page


@pytest.mark.parametrize(("kind", "begins"), [("csv", "\ufeff".encode()), ("xlsx", b"PK")])
def test_points_are_exported(client, charted, kind, begins):
    page = client.get(reverse("iot:points", args=[charted.pk]), {"export": kind})
    assert page.getvalue().startswith(begins)


def test_giving_a_cause_settles_the_signal(client, charted):
    signal = Signal.objects.get()
    client.post(reverse("iot:cause", args=[signal.pk]), {"cause": "Material lot", "note": "KB-90117"})
    signal.refresh_from_db()
    assert (signal.state, signal.cause) == (SignalState.ACKNOWLEDGED, "Material lot")


def test_a_cause_left_out_is_asked_for_again(client, charted):
    answer = client.post(reverse("iot:cause", args=[Signal.objects.get().pk]), {"cause": ""})
    assert answer.status_code == 400
    assert Signal.objects.get().state == SignalState.OPEN


def test_points_are_excluded_with_a_reason(client, charted):
    signal = Signal.objects.get()
    at = signal.first_at.isoformat()[:19]
    form = client.get(reverse("iot:exclude", args=[charted.pk]), {"first": signal.first_at.isoformat()})
    assert form.status_code == 200
    client.post(reverse("iot:exclude", args=[charted.pk]), {"first": at, "last": at, "reason": "Set-up piece"})
    assert Exclusion.objects.get().reason == "Set-up piece"
    assert Signal.objects.get().state == SignalState.EXCLUDED


def test_limits_are_proposed_from_the_page(client, charted):
    answer = client.post(reverse("iot:propose", args=[charted.pk]), {"reason": "Load cell recalibrated"})
    with reading(TESTS):
        limits = ControlLimits.objects.get(state="proposed")
    assert answer["Location"] == limits.get_absolute_url()
    assert client.get(limits.get_absolute_url()).status_code == 200


def test_a_topic_is_mapped_in_one_form(client, site, station, send, start):
    send(("NV1/ASM/L2/S30/temperature", wire(20.5, start, "°C")))
    topic = UnmappedTopic.objects.get()
    assert client.get(topic.get_absolute_url()).status_code == 200
    form = {"code": "T1", "name": "Temperature", "unit": "°C", "kind": "float", "chart": "i-mr", "subgroup_size": "1"}
    answer = client.post(topic.get_absolute_url(), form | {"decimals": "1"})
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200


def test_a_device_gets_a_credential_once(client, site):
    form = {"site": site.pk, "code": "gw-1", "name": "Gateway", "topic_prefix": "nv1/asm"}
    client.post(reverse("iot:device-new"), form)
    device = Device.objects.get()
    answer = client.post(reverse("iot:device-credential", args=[device.pk]))
    assert "no-store" in answer["Cache-Control"]
    assert "mosquitto_pub -h" in answer.content.decode()
    [secret] = re.findall(r"<dt>Secret</dt><dd class=\"mono\">(\S+)</dd>", answer.content.decode())
    device.refresh_from_db()
    assert proves(secret, device.credential_hash)
    assert secret not in client.get(device.get_absolute_url()).content.decode()


def test_a_credential_is_revoked_with_a_reason(client, site, engineer):
    device = add_device(site=site, code="gw-1", name="Gateway", topic_prefix="nv1/asm", by=engineer)
    issue_credential(device, by=engineer)
    assert "Revoke credential" in client.get(device.get_absolute_url()).content.decode()
    client.post(reverse("iot:device-revoke", args=[device.pk]), {"reason": "Gateway was stolen"})
    device.refresh_from_db()
    assert not device.has_credential


def test_a_quarantined_payload_is_replayed(client, characteristic, send):
    send(("NV1/ASM/L2/S30/press_force", b"{"))
    client.post(reverse("iot:replay"), {"ids": [Quarantine.objects.get().pk]})
    assert set(Quarantine.objects.values_list("state", flat=True)) == {"replayed", "kept"}


def test_a_stranger_sees_no_characteristic(browser_of, stranger, charted):
    assert browser_of(stranger).get(charted.get_absolute_url()).status_code == 404


def test_which_of_two_values_holds_is_decided_on_a_page(client, characteristic, measure):
    measure([8.6])
    measure([8.9])
    url = reverse("iot:correction", args=[Correction.objects.get().pk])
    assert "8.9 kN, heard later" in client.get(url).content.decode()
    assert client.post(url, {"holds": "heard", "reason": " "}).status_code == 400
    assert client.post(url, {"holds": "heard", "reason": "Gauge was zeroed late"}).status_code == 302
    assert Correction.objects.get().state == "accepted"
    assert client.post(url, {"holds": "stored", "reason": "no"}).status_code == 400


def test_the_palette_finds_a_characteristic_by_code_and_by_name(client, browser_of, stranger, characteristic):
    for typed in (characteristic.code[:3].lower(), characteristic.name.split()[0]):
        page = client.get(reverse("web:palette"), {"q": typed}).content.decode()
        assert characteristic.get_absolute_url() in page
    hidden = browser_of(stranger).get(reverse("web:palette"), {"q": characteristic.code}).content.decode()
    assert characteristic.get_absolute_url() not in hidden


def test_payloads_are_discarded_with_a_reason(client, send, characteristic):
    send(("NV1/ASM/L2/S30/press_force", b"broken"))
    ids, url = [Quarantine.objects.get().pk], reverse("iot:discard")
    assert "Discard payloads" in client.post(url, {"ids": ids}).content.decode()
    assert client.post(url, {"ids": ids, "reason": " "}).status_code == 400
    assert client.post(url, {"ids": ids, "reason": "A test of the cable"}).status_code == 302
    assert Quarantine.objects.get().state == "discarded"


def test_a_point_opened_by_its_address_stands_in_a_whole_page(client, charted) -> None:
    url = reverse("iot:point", args=[charted.pk, 1])
    alone, inside = client.get(url), client.get(url, headers={"HX-Request": "true"})
    assert f'href="{charted.get_absolute_url()}"' in alone.content.decode()
    assert "<html" in alone.content.decode()
    assert "<html" not in inside.content.decode()


def test_all_of_a_chart_begins_with_its_oldest_point_though_the_readings_are_gone(charted, engineer):
    Reading.objects.all().delete()
    with reading(engineer):
        chart = queries.chart_asked(charted, {"range": "all"}, actor=engineer)
    assert len(chart.points) == 37
