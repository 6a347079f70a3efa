"""What is known of a device from what it sends."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from iot import queries, services
from iot.models import DeviceActivity, Quarantine, Reading
from qms.core.trail import reading
from tests.iot.conftest import wire

pytestmark = pytest.mark.django_db


def test_a_device_counts_readings_and_not_messages(characteristic, means, send, start, site, engineer):
    device = services.add_device(site=site, code="gw-1", name="Gateway", topic_prefix="nv1/asm/l2", by=engineer)
    said = [{"p": "press_force", "v": 8.6, "t": start.isoformat(), "u": "kN"},
            {"p": "depth", "v": 12.0, "t": start.isoformat(), "u": "mm"},
            {"p": "depth", "v": "deep", "t": start.isoformat(), "u": "mm"}]  # fmt: skip
    send(("NV1/ASM/L2/S30", json.dumps({"readings": said}).encode()))
    device.refresh_from_db()
    assert (device.activity.readings, device.activity.errors) == (3, 1)
    assert device.activity.last_error == "The value v must be a number."


def test_the_rate_of_a_device_that_fell_silent_is_not_shown_as_the_present_one(site, engineer):
    device = services.add_device(site=site, code="gw-1", name="Gateway", topic_prefix="nv1/asm/l2", by=engineer)
    now = timezone.now()
    assert DeviceActivity(device=device, last_seen=now, rate=2.0).present_rate == 2.0
    assert DeviceActivity(device=device, last_seen=now - timedelta(hours=1), rate=2.0).present_rate == 0.0
    assert DeviceActivity(device=device, last_seen=now - timedelta(hours=1), rate=1 / 1800).present_rate > 0


def test_the_clock_of_a_device_is_told_by_its_readings(characteristic, send, site, engineer):
    device = services.add_device(site=site, code="gw-1", name="Gateway", topic_prefix="nv1/asm/l2", by=engineer)
    send(("NV1/ASM/L2/S30/press_force", wire(8.6, timezone.now() - timedelta(seconds=4))))
    send(("NV1/ASM/L2/S30/press_force", wire(8.6, timezone.now() - timedelta(days=4))))
    device.refresh_from_db()
    assert 4000 <= device.activity.skew_ms < 6000


def test_what_was_refused_below_a_prefix_is_not_that_of_its_neighbour(characteristic, send, site, engineer):
    device = services.add_device(site=site, code="gw-1", name="Gateway", topic_prefix="nv1/asm/l2", by=engineer)
    send(("NV1/ASM/L2/S30/press_force", b"x"), ("NV1/ASM/L20/S30/press_force", b"x"))
    with reading(engineer):
        assert queries.refused_below(device, actor=engineer).count() == 1


def test_readings_are_added_by_api_only_where_one_may(browser_of, stranger, engineer, characteristic, start):
    message = {"topic": "acme/NV1/ASM/L2/S30/press_force", "message": json.loads(wire(8.6, start))}
    url = "/api/v1/readings/"
    refused = browser_of(stranger).post(url, message, content_type="application/json")
    assert refused.status_code == 403, refused.content
    assert not Reading.objects.exists()
    assert browser_of(engineer).post(url, message, content_type="application/json").status_code == 201


def test_a_device_page_says_readings_and_its_last_refusal(browser_of, characteristic, send, start, site, engineer):
    device = services.add_device(site=site, code="gw-1", name="Gateway", topic_prefix="nv1/asm/l2", by=engineer)
    send(("NV1/ASM/L2/S30/press_force", wire("high", start)))
    page = browser_of(engineer).get(device.get_absolute_url()).content.decode()
    assert "Readings per second, now" in page
    assert "The value v must be a number." in page


def test_a_payload_in_quarantine_is_read_and_sent_again(browser_of, characteristic, send, start, engineer, stranger):
    send(("NV1/ASM/L2/S30/press_force", wire("high", start)))
    row = Quarantine.objects.get()
    browser, url = browser_of(engineer), reverse("iot:quarantined", args=[row.pk])
    page = browser.get(url).content.decode()
    assert "&quot;v&quot;: &quot;high&quot;" in page
    assert url in browser.get(reverse("iot:quarantine")).content.decode()
    assert browser_of(stranger).get(url).status_code == 404
    assert browser.post(reverse("iot:replay"), {"ids": row.pk}).status_code == 302
    row.refresh_from_db()
    assert row.state == Quarantine.State.REPLAYED
