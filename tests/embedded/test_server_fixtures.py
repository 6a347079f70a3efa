"""The servers that tests may use: real ones, that can be killed and come back with what they had promised to keep."""

from __future__ import annotations

import threading
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
import redis

from qms.embedded.testing import RunningServer


def client(url: str, name: str, on_message: Callable[..., None] | None = None) -> mqtt.Client:
    """A connected MQTT client with a session that is kept."""
    parts = urlsplit(url)
    link = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name, clean_session=False)
    link.username_pw_set(parts.username, unquote(parts.password))
    link.on_message = on_message
    link.connect("127.0.0.1", parts.port)
    link.loop_start()
    return link


def leave(link: mqtt.Client) -> None:
    link.disconnect()
    link.loop_stop()


def test_valkey_answers(valkey_server: RunningServer) -> None:
    with redis.Redis.from_url(valkey_server.url) as store:
        store.set("unit", "mm")
        assert store.get("unit") == b"mm"


def test_what_the_broker_acknowledged_outlives_its_kill(mqtt_broker: RunningServer) -> None:
    come = threading.Event()
    subscribed = threading.Event()
    floor = client(mqtt_broker.url, "floor")
    floor.on_subscribe = lambda *_: subscribed.set()
    floor.subscribe("plant/+/force", qos=1)
    assert subscribed.wait(30)
    leave(floor)
    press = client(mqtt_broker.url, "press")
    press.publish("plant/press/force", b"12.3", qos=1).wait_for_publish(5)
    leave(press)
    mqtt_broker.kill()
    mqtt_broker.start()
    floor = client(mqtt_broker.url, "floor", lambda *_: come.set())
    assert come.wait(30)
    leave(floor)
