"""The device's MQTT side: QoS 1, and every message kept until the broker has taken it."""

from __future__ import annotations

import logging
import time
from collections import deque
from queue import Empty, SimpleQueue
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from iot.plant.wire import Message

logger = logging.getLogger(__name__)

WINDOW = 100  # messages handed to the client and not yet taken by the broker
KEEP = 100_000  # messages kept while the broker is away; the oldest are given up first


class Publisher:
    """Hands messages to the broker in order and keeps each until it is taken.

    While the broker is away messages wait; when it returns, those on their way are sent again by the client and the
    waiting ones follow. Used from one thread; the client's own thread only reports what was taken.
    """

    def __init__(self, url: str, *, name: str = "plant", login: tuple[str, str] | None = None) -> None:
        """`url` is mqtt://[user:password@]host[:port]; raises ValueError when it is something else.

        `login` (user, secret) counts instead of what the URL says.
        """
        address = urlsplit(url)
        if address.scheme not in ("mqtt", "tcp") or not address.hostname:
            raise ValueError(f"MQTT_URL is {url!r}; it must look like mqtt://host:1883")
        self.where = f"{address.hostname}:{address.port or 1883}"
        self.given_up = 0
        self.taken = 0
        self._waiting: deque[Message] = deque()
        self._sent: dict[int, Message] = {}
        self._acknowledged: SimpleQueue[int] = SimpleQueue()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=name, clean_session=False, protocol=MQTTv311)
        if login is None and address.username:
            login = unquote(address.username), unquote(address.password or "")
        if login:
            self._client.username_pw_set(*login)
        self._client.max_inflight_messages_set(20)
        self._client.reconnect_delay_set(min_delay=1, max_delay=5)
        self._client.on_publish = self._on_publish
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.connect_async(address.hostname, address.port or 1883, keepalive=15)

    def start(self) -> None:
        """Connect in the background, trying until the broker answers."""
        self._client.loop_start()

    def offer(self, message: Message) -> None:
        """Queue a message; it leaves at once when the broker is there."""
        if len(self._waiting) >= KEEP:
            self._waiting.popleft()
            self.given_up += 1
            if self.given_up % 1000 == 1:
                logger.warning("the broker has been away too long: %d of the oldest messages given up", self.given_up)
        self._waiting.append(message)
        self.pump()

    def pump(self) -> None:
        """Note what the broker has taken and hand on what waits."""
        while True:
            try:
                taken = self._acknowledged.get_nowait()
            except Empty:
                break
            self.taken += self._sent.pop(taken, None) is not None
        while self._waiting and len(self._sent) < WINDOW and self._client.is_connected():
            message = self._waiting.popleft()
            self._sent[self._client.publish(message.topic, message.payload, qos=1).mid] = message

    def unsent(self) -> list[Message]:
        """Messages the broker has not taken, oldest first."""
        return [*self._sent.values(), *self._waiting]

    def stop(self, *, timeout: float = 2.0) -> list[Message]:
        """Wait up to `timeout` seconds for the broker to take the rest, disconnect, return what it did not take."""
        until = time.monotonic() + timeout
        while self.unsent() and time.monotonic() < until:
            self.pump()
            time.sleep(0.02)
        self._client.disconnect()
        self._client.loop_stop()
        self.pump()
        return self.unsent()

    def _on_publish(
        self, client: Client, userdata: object, mid: int, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self._acknowledged.put(mid)

    def _on_connect(
        self, client: Client, userdata: object, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            logger.warning("the broker at %s refused: %s", self.where, reason)
        else:
            logger.info("connected to the broker at %s", self.where)

    def _on_disconnect(
        self,
        client: Client,
        userdata: object,
        flags: DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            logger.warning("the broker at %s is away (%s); readings are kept until it returns", self.where, reason)
