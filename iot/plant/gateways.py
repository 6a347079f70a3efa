"""The plant's devices at the broker: each signs in as itself and says only what its station measures."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from iot.plant.publisher import Publisher
from iot.plant.wire import Message

LEVELS = 5  # of a station's topic: enterprise, site, area, line, station


@dataclass(frozen=True)
class Login:
    """What a device signs in with."""

    user: str
    secret: str


class Gateways:
    """One connection for each device; what no device stands for goes out under the name in the URL.

    Used like a Publisher, from one thread.
    """

    def __init__(self, url: str, *, name: str, devices: Mapping[str, Login]) -> None:
        """`devices` by the topic of their station. Raises ValueError for a URL that names no broker."""
        self._rest = Publisher(url, name=name)
        self._needs_rest = not devices
        self._of = {
            topic: Publisher(url, name=one.user, login=(one.user, one.secret)) for topic, one in devices.items()
        }
        self.where = self._rest.where

    @property
    def taken(self) -> int:
        """Messages the broker has taken."""
        return sum(line.taken for line in self._lines())

    def start(self) -> None:
        """Connect in the background, trying until the broker answers and knows the devices."""
        for line in self._lines():
            line.start()

    def offer(self, message: Message) -> None:
        """Queue a message with its device."""
        line = self._of.get("/".join(message.topic.split("/")[:LEVELS]))
        if line is None and not self._needs_rest:
            self._needs_rest = True
            self._rest.start()
        (line or self._rest).offer(message)

    def pump(self) -> None:
        """Look after every connection."""
        for line in self._lines():
            line.pump()

    def stop(self, *, timeout: float = 2.0) -> list[Message]:
        """Wait up to `timeout` seconds for the broker to take the rest, disconnect, return what it did not take."""
        until = time.monotonic() + timeout
        while any(line.unsent() for line in self._lines()) and time.monotonic() < until:
            self.pump()
            time.sleep(0.02)
        return [message for line in self._lines() for message in line.stop(timeout=0)]

    def _lines(self) -> list[Publisher]:
        return [*self._of.values(), *([self._rest] if self._needs_rest else [])]
