"""The simulator against a real broker: nothing is lost when the broker goes away."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from iot.access import Grant, filters, nats_users
from iot.credentials import new_secret, verifiers
from iot.plant.gateways import Gateways, Login
from iot.plant.memory import Memory
from iot.plant.norrvik import PLANT
from iot.plant.publisher import Publisher
from iot.plant.simulator import Settings, logins_in, main, run
from iot.plant.wire import Message
from qms.embedded.testing import RunningServer
from tests.iot.brokers import Nats

PRESS = PLANT.station_topic("L2", "S30")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def inbox(mqtt_broker: RunningServer) -> Iterator[list[MQTTMessage]]:
    """What a subscriber hears, who stays subscribed while the broker is away."""
    got: list[MQTTMessage] = []
    address = urlsplit(mqtt_broker.url)
    client = Client(CallbackAPIVersion.VERSION2, client_id="ear", clean_session=False)
    client.username_pw_set(address.username, address.password)
    client.reconnect_delay_set(1, 1)
    ready = threading.Event()
    client.on_connect = lambda *_: client.subscribe("norrvik/#", qos=1)
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda _client, _data, message: got.append(message)
    client.connect(address.hostname, address.port)
    client.loop_start()
    assert ready.wait(30)
    yield got
    client.unsubscribe("norrvik/#")
    client.disconnect()
    client.loop_stop()


def wait_until(what: object, seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not what() and time.monotonic() < until:  # type: ignore[operator]
        time.sleep(0.05)


def test_a_run_publishes_and_everything_is_taken(
    mqtt_broker: RunningServer, inbox: list[MQTTMessage], tmp_path: Path
) -> None:
    taken = run(Settings(mqtt_broker.url, speed=20, duration=1.0, state=tmp_path / "plant.json"), threading.Event())
    wait_until(lambda: len(inbox) >= taken)
    assert taken == len(inbox) > 50


def test_messages_survive_a_broker_that_is_killed(mqtt_broker: RunningServer, inbox: list[MQTTMessage]) -> None:
    publisher = Publisher(mqtt_broker.url, name="probe")
    publisher.start()
    for n in range(300):
        publisher.offer(Message("norrvik/nv1/a/l1/s1/p", str(n).encode()))
        if n == 100:
            mqtt_broker.kill()
        if n == 200:
            mqtt_broker.start()
    assert publisher.stop(timeout=20) == []
    wait_until(lambda: len({message.payload for message in inbox}) == 300)
    assert {int(message.payload) for message in inbox} == set(range(300))


def test_messages_not_taken_are_published_by_the_next_run(tmp_path: Path) -> None:
    settings = Settings(f"mqtt://127.0.0.1:{free_port()}", speed=50, duration=0.3, state=tmp_path / "plant.json")
    run(settings, threading.Event())
    boot, left = Memory(settings.state).boot()
    assert boot == 2
    assert len(left) > 10


def test_boot_numbers_rise_over_restarts(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "plant.json")
    assert [memory.boot()[0] for _ in range(3)] == [1, 2, 3]


def test_a_broken_state_file_still_gives_a_higher_boot_number(tmp_path: Path) -> None:
    (tmp_path / "plant.json").write_text("{half")
    assert Memory(tmp_path / "plant.json").boot()[0] > 1_000_000


def test_no_broker_address_is_a_clear_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MQTT_URL", raising=False)
    with pytest.raises(SystemExit):
        main([])
    assert "MQTT_URL is not set" in capsys.readouterr().err


def test_an_unknown_characteristic_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="C201"):
        Settings("mqtt://x", only=("C999",)).specs()


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[Nats]:
    server = Nats(tmp_path, tmp_path / "broker")
    yield server
    server.stop()


def test_the_plant_signs_in_as_its_devices_once_the_broker_knows_them(nats: Nats, tmp_path: Path) -> None:
    sheet, secret = tmp_path / "demo.json", new_secret()
    sheet.write_text(json.dumps({"devices": [{"topic": PRESS, "user": "NV1-L2-S30", "secret": secret}]}))
    plant = Gateways(nats.url, name="rest", devices=logins_in(sheet))
    plant.start()
    plant.offer(Message(f"{PRESS}/press_force", b"1"))
    prefix = PRESS.partition("/")[2]
    grant = Grant("NV1-L2-S30", *verifiers(secret), filters(prefix, frozenset({"nv1"})))
    (tmp_path / "broker" / "nats.json").write_text(nats_users([grant]))
    nats.look()
    wait_until(lambda: plant.pump() or plant.taken == 1)
    assert plant.stop() == []
    assert plant.taken == 1


def test_what_no_device_stands_for_goes_out_under_the_name_of_the_platform(nats: Nats) -> None:
    plant = Gateways(nats.url, name="rest", devices={PRESS: Login("nobody", "none")})
    plant.start()
    for topic in (f"{PRESS}/press_force", "norrvik/nv1/assembly/l2/s99/other"):
        plant.offer(Message(topic, b"1"))
    wait_until(lambda: plant.pump() or plant.taken == 1)
    assert [message.topic for message in plant.stop()] == [f"{PRESS}/press_force"]


def test_a_sheet_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="devices cannot be read from"):
        logins_in(tmp_path / "none.json")
