"""Payloads of other makes: found by a profile, tried before, replayed after."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot import services
from iot.models import DeviceProfile, Quarantine, Reading
from iot.profiles import BadPath, Profile, steps, topic_pattern
from qms.core.errors import Denied, Invalid
from qms.core.models import Trail

TARGET = "nv1/asm/l2/s30/press_force"


@pytest.fixture
def profile(site, engineer) -> DeviceProfile:
    return services.add_profile(
        site=site, name="Scales", topic="scales/+/state", target=TARGET, value="$.m['net weight']", time="$.at",
        time_in="ms", unit="N", quality="$.ok", by=engineer,
    )  # fmt: skip


def scales(start, net: object = 8600, **more: object) -> tuple[str, bytes]:
    at = int(start.timestamp() * 1000)
    return "scales/7/state", json.dumps({"m": {"net weight": net}, "at": at, "ok": True} | more).encode()


@pytest.mark.parametrize("path", ["value", "$.", "$[x]", "$..a", "$.a[-1]", "$['']"])
def test_a_text_that_is_no_path_is_refused(path):
    with pytest.raises(BadPath):
        steps(path)


def test_a_path_is_read_into_names_and_places():
    assert steps("$.data[0]['Oil temp'].value") == ("data", 0, "Oil temp", "value")


@pytest.mark.parametrize(
    ("pattern", "topic", "fits"),
    [
        ("a/+/c", "a/b/c", True),
        ("a/+/c", "a/b/d/c", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("a", "ab", False),
    ],
)
def test_a_topic_filter_fits_as_at_the_broker(pattern, topic, fits):
    assert bool(topic_pattern(pattern).fullmatch(topic)) is fits


@given(st.binary(max_size=200))
def test_no_bytes_break_a_profile(payload):
    one = Profile(1, 1, "nv1", "x", "#", TARGET, "$.v", items="$.d", time="$.t", time_in="ms")
    assert one.read("a", payload, datetime.now(UTC))


@pytest.mark.django_db
def test_a_payload_of_another_make_is_stored_in_the_unit_of_the_parameter(characteristic, profile, hear, start):
    assert hear(scales(start)).outcomes == {"stored": 1}
    row = Reading.objects.get()
    assert (row.value, row.t) == (pytest.approx(8.6), start)


@pytest.mark.django_db
def test_scale_offset_and_names_of_the_topic_are_used(characteristic, site, engineer, hear, start):
    services.add_profile(
        site=site, name="Press", topic="press/#", target="nv1/asm/{2}/{$.st}/press_force", items="$.d", value="$[0]",
        scale=0.001, offset=0.1, by=engineer,
    )  # fmt: skip
    assert hear(("press/l2", b'{"d":[[8500]]}')).outcomes == {"profile.target": 1}
    services.edit_profile(DeviceProfile.objects.get(), target="nv1/asm/{2}/s30/press_force", by=engineer)
    assert hear(("press/l2", b'{"d":[[8500],[]]}')).outcomes == {"stored": 1, "value.missing": 1}
    assert Reading.objects.get().value == pytest.approx(8.6)


@pytest.mark.django_db
def test_what_waited_is_replayed_after_a_profile_is_made(characteristic, hear, start, site, engineer):
    hear(scales(start))
    assert Quarantine.objects.get().state == "kept"
    made = services.add_profile(
        site=site, name="Scales", topic="scales/#", target=TARGET, value="$.m['net weight']", time="$.at", time_in="ms",
        unit="N", by=engineer,
    )  # fmt: skip
    assert services.replay_for(made, by=engineer) == {"stored": 1}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [("topic", "#"), ("topic", "a/b#"), ("value", "v"), ("target", "xx9/a/b/c/d"), ("target", "nv1/a"), ("scale", 0.0)],
)
def test_a_profile_that_cannot_work_is_refused(profile, engineer, field, value):
    with pytest.raises(Invalid) as refused:
        services.edit_profile(profile, by=engineer, **{field: value})
    assert field in refused.value.errors


@pytest.mark.django_db
def test_a_profile_stays_within_its_site(characteristic, site, elsewhere, engineer, hear, start):
    row = services.add_profile(site=site, name="Any", topic="any/+", target=TARGET, value="$.v", by=engineer)
    DeviceProfile.objects.filter(pk=row.pk).update(target="{$.s}/asm/l2/s30/press_force")
    assert hear(("any/1", b'{"v":1,"s":"XX9"}')).outcomes == {"profile.target": 1}


@pytest.mark.django_db
def test_changes_of_a_profile_are_kept_and_others_may_make_none(profile, engineer, operator):
    services.edit_profile(profile, scale=2.0, by=engineer, reason="two cells")
    assert Trail.objects.filter(tbl="iot_deviceprofile", reason="two cells").exists()
    with pytest.raises(Denied):
        services.edit_profile(profile, scale=3.0, by=operator)


@pytest.mark.django_db
def test_a_message_is_tried_and_nothing_stored(characteristic, profile, browser_of, engineer, start):
    topic, payload = scales(start, net="heavy")
    url = "/api/v1/device-profiles/try/"
    client = browser_of(engineer)
    answer = client.post(url, {"topic": topic, "payload": payload.decode()}, content_type="application/json").json()
    assert (answer["read_by"], answer["rows"][0]["reason"]) == ("profile Scales", "value.type")
    topic, payload = scales(start)
    page = client.post("/process/profiles/try/", {"topic": topic, "payload": payload.decode()}).content.decode()
    assert TARGET in page
    assert not Reading.objects.exists()
    assert not Quarantine.objects.exists()


@pytest.mark.django_db
def test_a_profile_is_made_and_changed_on_pages(site, browser_of, engineer, stranger):
    client = browser_of(engineer)
    form = {"site": site.pk, "name": "S", "topic": "s/+", "target": TARGET, "value": "$.v", "time_in": "iso"}
    made = client.post("/process/profiles/new/", form | {"scale": "1", "offset": "0"})
    assert made.status_code == 302, made.content
    row = DeviceProfile.objects.get()
    assert client.get(row.get_absolute_url()).status_code == 200
    assert client.get("/process/profiles/").status_code == 200
    assert client.get(f"/process/profiles/{row.pk}/edit/").status_code == 200
    assert browser_of(stranger).get(row.get_absolute_url()).status_code == 404
    assert client.post(f"/process/profiles/{row.pk}/replay/").status_code == 302
