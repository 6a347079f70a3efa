"""Who may sign in to the broker, and what the files for the brokers say about it."""

from __future__ import annotations

import json
import stat

import bcrypt
import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from governance.services import add_parameter
from iot import credentials, queries, services
from iot.access import filters, is_spelt
from iot.models import Device
from qms.core import relay
from qms.core.errors import Invalid, Refused
from qms.core.trail import reading
from tests.iot.conftest import TESTS


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.BROKER_ACCESS_DIR = tmp_path / "broker"
    return settings.BROKER_ACCESS_DIR


@pytest.fixture
def add(site, engineer):
    def make(code: str = "gw-1", prefix: str = "nv1/asm/l2", where=site) -> Device:
        return services.add_device(site=where, code=code, name=code, topic_prefix=prefix, by=engineer)

    return make


def grants():
    with reading(TESTS):
        return {grant.user: grant for grant in queries.broker_grants(TESTS)}


def test_both_verifiers_are_of_the_same_secret():
    pbkdf2, kept = credentials.verifiers("of-a-device")
    assert credentials.proves("of-a-device", pbkdf2)
    assert bcrypt.checkpw(b"of-a-device", kept.encode())


@pytest.mark.parametrize("kept", ["", "pbkdf2_sha256$1000$x$y", "$7$x$y$z", "$7$101$!$x", "$6$101$AAAA$AAAA"])
def test_what_is_no_verifier_proves_nothing(kept):
    assert not credentials.proves("secret", kept)


@pytest.mark.parametrize(
    ("code", "name"),
    [("gw-1", "gw-1"), ("NV1.L2_S30", "NV1.L2_S30"), ("Press 7/2", "Press-7-2~9"), ("plumbline", "plumbline~9"),
     ("a:b\nuser x", "a-b-user-x~9"), ("Säge", "S-ge~9")],
)  # fmt: skip
def test_a_user_name_is_the_code_as_brokers_read_it(code, name):
    assert credentials.user_name(code, 9) == name


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_user_names_of_two_devices_differ(one, other):
    if one != other:
        assert credentials.user_name(one, 1) != credentials.user_name(other, 2)


def test_a_prefix_opens_its_topics_with_and_without_an_enterprise():
    opened = ("+/nv1/asm/#", "+/NV1/ASM/#", "nv1/asm/#", "NV1/ASM/#")
    assert filters("nv1/asm", frozenset({"nv1"})) == opened


@pytest.mark.parametrize("prefix", ["nv1", "nv1/xx9", "nv1/xx9/l2"])
def test_a_prefix_that_could_name_another_site_needs_the_enterprise(prefix):
    assert all(one.startswith("+/") for one in filters(prefix, frozenset({"nv1", "xx9"})))


def test_only_small_letters_or_capitals_are_a_devices_spelling():
    assert [is_spelt(text.split("/")) for text in ("nv1/asm", "NV1/ASM", "nv1/ASM", "Nv1/asm")] == [1, 1, 0, 0]


def test_a_device_without_a_credential_is_not_known_to_the_broker(add):
    add()
    assert grants() == {}


def test_blocked_and_retired_devices_are_not_known_to_the_broker(add, engineer):
    device = add()
    services.issue_credential(device, by=engineer)
    assert set(grants()) == {"gw-1"}
    for state in ("blocked", "retired"):
        services.edit_device(device, state=state, by=engineer)
        assert grants() == {}


def test_a_device_may_not_publish_for_one_below_it_nor_give_commands(add, engineer):
    services.issue_credential(add(), by=engineer)
    add("gw-2", "nv1/asm/l2/s30")
    add("gw-3", "nv1/asm/l20")
    denied = grants()["gw-1"].denied
    assert "nv1/asm/l2/s30/#" in denied
    assert "cmd/#" in denied
    assert not any("l20" in one for one in denied)


def test_a_blocked_device_gets_no_secret(add, engineer):
    device = add()
    services.edit_device(device, state="blocked", by=engineer)
    with pytest.raises(Refused, match="is blocked: make it active"):
        services.issue_credential(device, by=engineer)


def test_a_revoked_secret_proves_nothing(add, engineer):
    device = add()
    secret = services.issue_credential(device, by=engineer)
    services.revoke_credential(device, by=engineer)
    device.refresh_from_db()
    assert not credentials.proves(secret, device.credential_hash)
    assert grants() == {}


def test_a_prefix_belongs_to_one_device_until_it_is_retired(add, engineer):
    first = add()
    with pytest.raises(Invalid, match="Another device publishes below this prefix"):
        add("gw-2")
    services.edit_device(first, state="retired", by=engineer)
    assert add("gw-2").topic_prefix == first.topic_prefix


@pytest.mark.parametrize(
    "prefix", ["nv1/+/l2", "nv1/#", "nv1/asm\ntopic write #", "nv1//l2", "nv1/a b", "nv1/*", "nv1/>"]
)
def test_a_prefix_with_a_brokers_pattern_in_it_is_refused(add, prefix):
    with pytest.raises(Invalid):
        add(prefix=prefix)


def test_an_issued_credential_reaches_the_files_by_the_relay(add, engineer, folder):
    services.issue_credential(add("GW.1"), by=engineer)
    relay.drain()
    assert (folder / "mosquitto.passwords").read_text().startswith("GW.1:$7$101$")
    assert "user GW.1\ntopic write +/nv1/asm/l2/#\n" in (folder / "mosquitto.acl").read_text()
    [user] = json.loads((folder / "nats.json").read_text())["users"]
    assert user["permissions"]["subscribe"]["allow"] == ["cmd.GW//1", "cmd.GW//1.>"]
    assert stat.S_IMODE((folder / "nats.json").stat().st_mode) == 0o644


def test_files_that_are_right_stay_untouched(add, engineer):
    services.issue_credential(add(), by=engineer)
    assert len(services.write_broker_access(by=TESTS)) == 3
    assert services.write_broker_access(by=TESTS) == []


def test_the_command_writes_to_any_folder(add, engineer, tmp_path, capsys):
    services.issue_credential(add(), by=engineer)
    call_command("broker_access", "--to", str(tmp_path / "there"))
    assert {file.name for file in (tmp_path / "there").iterdir()} == {
        "mosquitto.acl",
        "mosquitto.passwords",
        "nats.json",
    }
    assert "written" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("prefix", "topic"),
    [("nv1/asm/l2", "nv1/asm/l2/s30/connection_test"), ("nv1/asm/l9", "nv1/asm/l9/station/connection_test"),
     ("nv1", "enterprise/nv1/asm/l2/s30/connection_test"), ("nv1/asm/l2/s30/depth", "nv1/asm/l2/s30/depth")],
)  # fmt: skip
def test_the_first_message_goes_to_a_topic_of_the_device(add, site, station, settings, prefix, topic):
    settings.MQTT_PUBLIC_URL = "mqtt://floor.example.org"
    add_parameter(site=site, path="nv1/asm/l2/s30/press_force", station=station, unit="kN", by=TESTS)
    device = add(prefix=prefix)
    with reading(TESTS):
        line = queries.first_message(device, "s3cret")
    assert line.startswith("mosquitto_pub -h floor.example.org -p 1883 -u gw-1 -P s3cret -i gw-1 -q 1 -t ")
    assert f" -t {topic} -m " in line
