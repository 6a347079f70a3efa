"""The one place that knows the MQTT library: messages in, acknowledgements out, reconnection in between."""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from iot.access import COMMANDS

logger = logging.getLogger(__name__)
HOST_STATE = "spBv1.0/STATE/"
CANARY = "plumbline/canary/"
MOST_TAKEOVERS = 3  # connections a minute beside the first: a broker takes the line from whoever had the same name


@dataclass(frozen=True)
class Broker:
    """Where the broker is and how to sign in, from `mqtt[s]://user:password@host:port`."""

    host: str
    port: int
    username: str | None
    password: str | None
    secure: bool

    @classmethod
    def from_url(cls, url: str) -> Broker:
        """Read MQTT_URL. Raises ValueError when it names no broker."""
        parts = urlsplit(url)
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
            raise ValueError(f"MQTT_URL must read mqtt://host:port or mqtts://host:port, not {url!r}.")
        secure = parts.scheme == "mqtts"
        return cls(
            host=parts.hostname,
            port=parts.port or (8883 if secure else 1883),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            secure=secure,
        )

    def prepare(self, client: paho.Client) -> None:
        """Give a client the way to sign in."""
        if self.username:
            client.username_pw_set(self.username, self.password)
        if self.secure:
            client.tls_set()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it arrived, with what is needed to acknowledge it on the same connection."""

    topic: str
    payload: bytes
    received: datetime
    redelivered: bool
    mid: int
    qos: int
    connection: int


class Subscription:
    """A kept session with a fixed client id: QoS 1, acknowledged by hand, reconnecting by itself."""

    def __init__(
        self,
        broker: Broker,
        *,
        client_id: str,
        topics: Sequence[str],
        group: str = "",
        window: int = 20_000,
        host: str = "",
        besides: Sequence[str] = (),
        without: str = "",
    ) -> None:
        """`host`: the name under which Sparkplug nodes learn whether this host application is at work.

        `besides`: topics that are heard whole, not shared with the group; `without`: the beginning of topics that
        another member of the group hears so.
        """
        self._topics = [*(f"$share/{group}/{topic}" if group else topic for topic in topics), *besides]
        self._without = without
        self._canary = f"{CANARY}{client_id}"
        self._arrived: queue.Queue[Delivery] = queue.Queue(maxsize=window)
        self._lock = threading.Lock()
        self._connection = 0
        self._held: set[int] = set()  # message numbers of this connection that are taken and not acknowledged yet
        self._broker = broker
        self._state = f"{HOST_STATE}{host}" if host else ""
        self._since = 0  # milliseconds of epoch, of this connection
        self._begun: deque[float] = deque(maxlen=MOST_TAKEOVERS + 1)  # when the newest connections began
        self.ready = threading.Event()
        self.last_heard = time.monotonic()
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
        """Connect in the background; a broker that is not there yet is tried again."""
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=20)
        self._client.loop_start()

    def stop(self) -> None:
        """Leave; the broker keeps the session and what arrives meanwhile. Nodes are told first."""
        self.ready.clear()
        if self._state and self._client.is_connected():
            with contextlib.suppress(ValueError, RuntimeError):
                self._tell_state(online=False).wait_for_publish(2.0)
        self._client.disconnect()
        self._client.loop_stop()

    def take(self, *, most: int, wait: float, gather: float = 0.005) -> list[Delivery]:
        """The next messages: waits up to `wait` seconds for the first, then `gather` for those right behind it."""
        try:
            taken = [self._arrived.get(timeout=wait)]
        except queue.Empty:
            return []
        deadline = time.monotonic() + gather
        while len(taken) < most:
            try:
                taken.append(self._arrived.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                break
        return taken

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Tell the broker that these are safe. Those of an earlier connection are skipped: it sends them again."""
        with self._lock:
            for one in deliveries:
                if one.qos and one.connection == self._connection:
                    self._client.ack(one.mid, one.qos)
                    self._held.discard(one.mid)

    @property
    def contested(self) -> bool:
        """Whether the line was lost so often in the last minute that another client must be using its name."""
        full = len(self._begun) == self._begun.maxlen
        return full and time.monotonic() - self._begun[0] < 60

    def probe(self) -> None:
        """Publish to a topic of our own that the broker must bring back: a granted subscription may still be deaf."""
        self._client.publish(self._canary, b"", qos=0)

    def publish(self, topic: str, payload: bytes, *, qos: int = 0) -> None:
        """Say something to a device. What the broker does not take now is asked for again by whoever needs it."""
        self._client.publish(topic, payload, qos=qos)

    def _tell_state(self, *, online: bool) -> paho.MQTTMessageInfo:
        return self._client.publish(self._state, _state(online=online, at=self._since), qos=1, retain=True)

    def _prepare_will(self, client: paho.Client, userdata: object) -> None:
        """The broker says that the host is away when the connection breaks, with the time of its birth."""
        if self._state:
            self._since = int(time.time() * 1000)
            client.will_set(self._state, _state(online=False, at=self._since), qos=1, retain=True)

    def drop(self) -> None:
        """Cut the line; the library then connects anew."""
        line = self._client.socket()
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]  # a socket, whatever the library says

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
        self._count_connection()
        self.last_heard = time.monotonic()
        self._begun.append(self.last_heard)
        logger.info(
            "connected to %s:%s, session %s",
            self._broker.host,
            self._broker.port,
            "kept" if flags.session_present else "new",
        )
        client.subscribe([(topic, 1) for topic in [*self._topics, self._canary]])

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
        self._count_connection()
        self.ready.clear()
        if reason.is_failure:
            logger.warning("lost the broker: %s", reason)

    def _count_connection(self) -> None:
        with self._lock:  # message numbers of the old connection mean nothing on the next one
            self._connection += 1
            self._held.clear()

    def _is_held(self, mid: int) -> bool:
        """Whether the message waits here already: a broker that waits for an answer sends it again and again."""
        with self._lock:
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
        if topic.startswith(CANARY):
            return
        if topic == self._state:
            self._hear_state(message)
            return
        # commands go to devices
        if topic.startswith(COMMANDS) or (self._without and topic.startswith(self._without)):
            self._client.ack(message.mid, message.qos)
            return
        if message.qos and self._is_held(message.mid):
            return
        # a full queue holds this thread, the socket fills, and the broker keeps what we cannot take
        self._arrived.put(
            Delivery(
                topic,
                bytes(message.payload),
                datetime.now(UTC),
                message.dup,
                message.mid,
                message.qos,
                self._connection,
            )
        )

    def _hear_state(self, message: paho.MQTTMessage) -> None:
        """Whoever says that this host is away is told otherwise: the will of a connection before may come late."""
        self._client.ack(message.mid, message.qos)
        if b"false" in message.payload and self.ready.is_set():
            self._tell_state(online=True)


def _state(*, online: bool, at: int) -> bytes:
    """Birth or death of the host application, as Sparkplug 3.0 words it."""
    return json.dumps({"online": online, "timestamp": at}).encode()
