"""What a line to a broker is, whichever protocol it speaks: messages in, acknowledgements out, nothing lost between."""

from __future__ import annotations

import json
import logging
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec

from iot.access import COMMANDS

if TYPE_CHECKING:
    import paho.mqtt.client as paho

logger = logging.getLogger("iot.mqtt")
HOST_STATE = "spBv1.0/STATE/"
CANARY = "plumbline/canary/"
MOST_TAKEOVERS = 3  # connections a minute beside the first: a broker takes the line from whoever had the same name
KEEPALIVE = 20  # seconds


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
        """Give a client of paho-mqtt the way to sign in."""
        if self.username:
            client.username_pw_set(self.username, self.password)
        if self.secure:
            client.tls_set()


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """One message as it arrived, with what is needed to acknowledge it on the same connection."""

    topic: str
    payload: bytes
    received: datetime
    redelivered: bool
    mid: int
    qos: int
    connection: int


@dataclass(frozen=True)
class Wanted:
    """What a line listens to. `host`: the name under which Sparkplug nodes learn whether this host is at work.

    `besides`: topics that are heard whole, not shared with the group; `without`: the beginning of topics that another
    member of the group hears so.
    """

    topics: Sequence[str]
    group: str = ""
    host: str = ""
    besides: Sequence[str] = ()
    without: str = ""

    @property
    def filters(self) -> list[str]:
        """The topic filters to subscribe to."""
        shared = (f"$share/{self.group}/{topic}" if self.group else topic for topic in self.topics)
        return [*shared, *self.besides]


class Line(ABC):
    """A kept session with a fixed client id: QoS 1, acknowledged by hand, reconnecting by itself."""

    def __init__(self, broker: Broker, *, client_id: str, wanted: Wanted, window: int = 20_000) -> None:
        """`window`: messages that are held at most."""
        self.ready = threading.Event()
        self.last_heard = time.monotonic()
        self.window = window
        self._broker, self._client_id, self._without = broker, client_id, wanted.without
        self._canary = f"{CANARY}{client_id}"
        self._filters = [*wanted.filters, self._canary]
        self._state = f"{HOST_STATE}{wanted.host}" if wanted.host else ""
        self._since = 0  # milliseconds of epoch, of this connection
        self._begun: deque[float] = deque(maxlen=MOST_TAKEOVERS + 1)  # when the newest connections began
        self._arrived: deque[Delivery] = deque()
        self._changed = threading.Condition()
        self._connection = 0

    @abstractmethod
    def start(self) -> None:
        """Connect in the background; a broker that is not there yet is tried again."""

    @abstractmethod
    def stop(self) -> None:
        """Leave; the broker keeps the session and what arrives meanwhile. Nodes are told first."""

    @abstractmethod
    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Tell the broker that these are safe. Those of an earlier connection are skipped: it sends them again."""

    @abstractmethod
    def publish(self, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False) -> None:
        """Say something to a device. What the broker does not take now is asked for again by whoever needs it."""

    @abstractmethod
    def drop(self) -> None:
        """Cut the line; it then connects anew."""

    def take(self, *, most: int, wait: float, gather: float = 0.005) -> list[Delivery]:
        """The next messages: waits up to `wait` seconds for the first, then `gather` for those right behind it."""
        with self._changed:
            if not self._arrived:
                self._changed.wait(wait)
            if not self._arrived:
                return []
        if len(self._arrived) < most:
            time.sleep(gather)
        with self._changed:
            taken = [self._arrived.popleft() for _ in range(min(most, len(self._arrived)))]
            self._changed.notify_all()
        return taken

    def probe(self) -> None:
        """Publish to a topic of our own that the broker must bring back: a granted subscription may still be deaf."""
        self.publish(self._canary, b"")

    @property
    def contested(self) -> bool:
        """Whether the line was lost so often in the last minute that another client must be using its name."""
        full = len(self._begun) == self._begun.maxlen
        return full and time.monotonic() - self._begun[0] < 60

    def _arrive(self, some: Sequence[Delivery]) -> None:
        """Hand messages on; while too many are held this waits, the socket fills, and the broker keeps the rest."""
        with self._changed:
            while len(self._arrived) >= self.window:
                self._changed.wait(1.0)
            self._arrived.extend(some)
            self._changed.notify_all()

    def _is_for_us(self, topic: str) -> bool:
        """Whether a message is to be stored: commands go to devices, and some topics are another worker's."""
        return not (topic.startswith((COMMANDS, CANARY)) or (self._without and topic.startswith(self._without)))

    def _begin(self, *, kept: bool) -> None:
        """Note a new connection: message numbers of the old one mean nothing on it."""
        self._connection += 1
        self.last_heard = time.monotonic()
        self._begun.append(self.last_heard)
        where = f"{self._broker.host}:{self._broker.port}"
        logger.info("connected to %s, session %s", where, "kept" if kept else "new")

    def _tell_state(self, *, online: bool) -> None:
        self.publish(self._state, self._said_state(online=online), qos=1, retain=True)

    def _said_state(self, *, online: bool) -> bytes:
        """Birth or death of the host application, as Sparkplug 3.0 words it."""
        return json.dumps({"online": online, "timestamp": self._since}).encode()

    def _hear_state(self, payload: bytes) -> None:
        """Whoever says that this host is away is told otherwise: the will of a connection before may come late."""
        if b"false" in payload and self.ready.is_set():
            self._tell_state(online=True)
