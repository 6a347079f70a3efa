"""The line to the broker, on a real one."""

from __future__ import annotations

import json
import time
import uuid

import paho.mqtt.client as paho
import pytest

from iot.mqtt import Broker, Delivery, Line, Wanted, line_to


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://broker", ("broker", 1883, None, None, False)),
        ("mqtts://broker", ("broker", 8883, None, None, True)),
        ("mqtt://a:b%20c@10.0.0.1:1884", ("10.0.0.1", 1884, "a", "b c", False)),
    ],
)
def test_a_broker_is_read_from_its_url(url, expected):
    broker = Broker.from_url(url)
    assert (broker.host, broker.port, broker.username, broker.password, broker.secure) == expected


@pytest.mark.parametrize("url", ["", "http://broker", "mqtt://"])
def test_a_url_that_names_no_broker_is_refused(url):
    with pytest.raises(ValueError, match="MQTT_URL must read"):
        Broker.from_url(url)


@pytest.fixture
def topic() -> str:
    return f"t/{uuid.uuid4().hex}"


@pytest.fixture
def open_line(mqtt_broker, topic):
    """Lines to the same session, one after the other."""
    lines, session = [], uuid.uuid4().hex

    def connect() -> Line:
        line = line_to(Broker.from_url(mqtt_broker.url), client_id=session, wanted=Wanted([f"{topic}/#"]))
        lines.append(line)
        line.start()
        assert line.ready.wait(30)
        return line

    yield connect
    for line in lines:
        line.stop()


@pytest.fixture
def publish(mqtt_broker, topic):
    broker = Broker.from_url(mqtt_broker.url)
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    broker.prepare(client)
    client.connect(broker.host, broker.port)
    client.loop_start()
    yield lambda text: client.publish(f"{topic}/x", text, qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


def taken(line: Line, count: int, seconds: float = 10) -> list[Delivery]:
    """Messages until there are so many, or the time is over."""
    found, deadline = [], time.monotonic() + seconds
    while len(found) < count and time.monotonic() < deadline:
        found += line.take(most=10, wait=0.2)
    return found


@pytest.mark.slow  # the broker waits ten seconds for an acknowledgement before it sends again
def test_what_is_not_acknowledged_comes_again_on_the_next_connection(open_line, publish):
    line = open_line()
    publish("1")
    publish("2")
    first = taken(line, 2)
    line.acknowledge(first[:1])
    time.sleep(0.3)
    line.stop()
    [again] = taken(open_line(), 1, seconds=90)
    assert (again.payload, again.redelivered) == (b"2", True)


@pytest.mark.slow
def test_what_is_held_is_not_taken_again(open_line, publish):
    line = open_line()
    publish("1")
    [held] = taken(line, 1)
    assert line.take(most=1, wait=12.0) == []
    line.acknowledge([held])
    publish("2")
    assert [one.payload for one in taken(line, 1)] == [b"2"]


@pytest.mark.slow
def test_an_acknowledgement_of_an_earlier_connection_is_not_sent(open_line, publish):
    line = open_line()
    publish("1")
    stale = taken(line, 1)
    line.drop()
    fresh = taken(line, 1, seconds=90)
    line.acknowledge(stale)
    assert fresh[0].connection > stale[0].connection


def test_the_canary_is_heard_but_not_handed_on(open_line):
    line = open_line()
    line.last_heard = 0.0
    line.probe()
    assert line.take(most=1, wait=1.0) == []
    assert line.last_heard > 0.0


@pytest.fixture
def heard_states(mqtt_broker):
    """What the broker says of a host application, oldest first."""
    broker, name, states = Broker.from_url(mqtt_broker.url), uuid.uuid4().hex, []
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    broker.prepare(client)
    client.on_message = lambda _client, _data, message: states.append(json.loads(message.payload))
    client.connect(broker.host, broker.port)
    client.subscribe(f"spBv1.0/STATE/{name}", 1)
    client.loop_start()
    yield name, states
    client.disconnect()
    client.loop_stop()


def test_a_host_application_says_when_it_comes_and_goes(mqtt_broker, heard_states, topic):
    name, states = heard_states
    session, broker = uuid.uuid4().hex, Broker.from_url(mqtt_broker.url)
    line = line_to(broker, client_id=session, wanted=Wanted([f"{topic}/#", "spBv1.0/#"], host=name))
    line.start()
    assert line.ready.wait(30)
    until_said(states, online=True, count=1)
    line.drop()
    until_said(states, online=True, count=2)
    line.stop()
    until_said(states, online=False, count=2)
    assert states[-1]["online"] is False
    assert [one["online"] for one in states[:3]] == [True, False, True]
    assert states[0]["timestamp"] == states[1]["timestamp"] <= states[2]["timestamp"]


def until_said(states: list[dict[str, object]], *, online: bool, count: int) -> None:
    """Wait until the state was said so often."""
    deadline = time.monotonic() + 20
    while sum(one["online"] is online for one in states) < count:
        assert time.monotonic() < deadline, states
        time.sleep(0.05)
