"""MQTT 3.1.1 by paho-mqtt: what every broker speaks, the embedded one among them."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from iot.mqtt.line import KEEPALIVE, Broker, Delivery, Line, Wanted, logger


class ClassicLine(Line):
    """A line of MQTT 3.1.1; the library reads and answers message by message."""

    def __init__(self, broker: Broker, *, client_id: str, wanted: Wanted, window: int = 20_000) -> None:
        super().__init__(broker, client_id=client_id, wanted=wanted, window=window)
        self._held: set[int] = set()  # message numbers of this connection that are taken and not acknowledged yet
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,  # what is published while nobody listens must wait for us
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        broker.prepare(self._client)
        self._client.reconnect_delay_set(min_delay=1, max_delay=10)
        self._client.on_pre_connect = self._prepare_will
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._received

    def start(self) -> None:
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=KEEPALIVE)
        self._client.loop_start()

    def stop(self) -> None:
        self.ready.clear()
        if self._state and self._client.is_connected():
            with contextlib.suppress(ValueError, RuntimeError):
                told = self._client.publish(self._state, self._said_state(online=False), qos=1, retain=True)
                told.wait_for_publish(2.0)
        self._client.disconnect()
        self._client.loop_stop()

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        with self._changed:
            for one in deliveries:
                if one.qos and one.connection == self._connection:
                    self._client.ack(one.mid, one.qos)
                    self._held.discard(one.mid)

    def publish(self, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=qos, retain=retain)

    def drop(self) -> None:
        line = self._client.socket()
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]  # a socket, whatever the library says

    def _prepare_will(self, client: paho.Client, userdata: object) -> None:
        """The broker says that the host is away when the connection breaks, with the time of its birth."""
        if self._state:
            self._since = int(time.time() * 1000)
            client.will_set(self._state, self._said_state(online=False), qos=1, retain=True)

    def _connected(
        self,
        client: paho.Client,
        userdata: object,
        flags: paho.ConnectFlags,
        reason: ReasonCode,
        props: Properties | None,
    ) -> None:
        if reason.is_failure:
            logger.warning("the broker refuses the connection: %s", reason)
            return
        with self._changed:
            self._begin(kept=flags.session_present)
            self._held.clear()
        client.subscribe([(topic, 1) for topic in self._filters])

    def _subscribed(
        self, client: paho.Client, userdata: object, mid: int, reasons: list[ReasonCode], props: Properties | None
    ) -> None:
        if refused := [str(reason) for reason in reasons if reason.is_failure]:
            logger.error("the broker refuses the subscription: %s", ", ".join(refused))
            return
        if self._state:
            self._tell_state(online=True)
        self.ready.set()

    def _disconnected(
        self,
        client: paho.Client,
        userdata: object,
        flags: paho.DisconnectFlags,
        reason: ReasonCode,
        props: Properties | None,
    ) -> None:
        with self._changed:
            self._connection += 1
            self._held.clear()
        self.ready.clear()
        if reason.is_failure:
            logger.warning("lost the broker: %s", reason)

    def _is_held(self, mid: int) -> bool:
        """Whether the message waits here already: a broker that waits for an answer sends it again and again."""
        with self._changed:
            if mid in self._held:
                return True
            self._held.add(mid)
            return False

    def _received(self, client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        self.last_heard = time.monotonic()
        try:
            topic = message.topic
        except UnicodeDecodeError as problem:
            topic = problem.object.decode("utf-8", "replace")
        if topic == self._state:
            self._client.ack(message.mid, message.qos)
            self._hear_state(bytes(message.payload))
        elif not self._is_for_us(topic):
            self._client.ack(message.mid, message.qos)
        elif not (message.qos and self._is_held(message.mid)):
            now = datetime.now(UTC)
            payload, mid, qos = bytes(message.payload), message.mid, message.qos
            self._arrive([Delivery(topic, payload, now, message.dup, mid, qos, self._connection)])
