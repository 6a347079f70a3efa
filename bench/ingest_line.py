"""MQTT 3.1.1 on a bare socket for the ingest bench: whole buffers out and in, so that the other end is the limit."""

from __future__ import annotations

import multiprocessing
import socket
import struct
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from urllib.parse import unquote, urlsplit

WINDOW = 500  # messages on their way without an acknowledgement
_FORK = multiprocessing.get_context("fork")


def packet(topic: str, payload: bytes, number: int) -> bytes:
    """A message of QoS 1 as bytes; `number` is any count, its packet identifier never 0."""
    name = topic.encode()
    body = struct.pack(">H", len(name)) + name + struct.pack(">H", number % 60_000 + 1) + payload
    return b"\x32" + _length(len(body)) + body


def _length(count: int) -> bytes:
    out = bytearray()
    while True:
        count, low = divmod(count, 128)
        out.append(low | (128 if count else 0))
        if not count:
            return bytes(out)


class Line:
    """One connection, signed in."""

    def __init__(self, url: str, name: str) -> None:
        where = urlsplit(url)
        self.socket = socket.create_connection((where.hostname or "127.0.0.1", where.port or 1883), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        texts = [name, *(unquote(one) for one in (where.username, where.password) if one)]
        flags = 0x02 | (0xC0 if where.username else 0)
        body = b"\0\4MQTT\4" + bytes([flags]) + struct.pack(">H", 600)
        body += b"".join(struct.pack(">H", len(text)) + text.encode() for text in texts)
        self.socket.sendall(b"\x10" + _length(len(body)) + body)
        if self._exactly(4)[3]:
            raise SystemExit(f"the broker at {url} refuses the bench")

    def close(self) -> None:
        """Hang up; the broker keeps nothing of a line."""
        self.socket.close()

    def _exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            heard = self.socket.recv(count - len(found))
            if not heard:
                raise SystemExit("the broker closed the line of the bench")
            found += heard
        return found

    def publish(self, packets: Sequence[bytes], *, window: int = WINDOW) -> None:
        """Send everything and wait until the broker has taken it."""
        acknowledged, some = 0, max(1, window // 10)
        for start in range(0, len(packets), some):
            self.socket.sendall(b"".join(packets[start : start + some]))
            while start + some - acknowledged // 4 > window:
                acknowledged += self._heard()
        while acknowledged < 4 * len(packets):
            acknowledged += self._heard()

    def _heard(self) -> int:
        found = len(self.socket.recv(65_536))
        if not found:
            raise SystemExit("the broker closed the line of the bench")
        return found

    def subscribe(self, topic: str) -> None:
        """Ask for a topic at QoS 1."""
        name = topic.encode()
        self.socket.sendall(b"\x82" + _length(5 + len(name)) + b"\0\1" + struct.pack(">H", len(name)) + name + b"\1")
        self._exactly(5)

    def drain(self, count: int) -> None:
        """Take so many messages, each acknowledged, those of one buffer together."""
        buffer, seen = b"", 0
        while seen < count:
            heard = self.socket.recv(262_144)
            if not heard:
                raise SystemExit("the broker closed the line of the bench")
            buffer += heard
            at, answers = 0, []
            while (found := _frame(buffer, at)) is not None:
                body, end = found
                if buffer[at] >> 4 == 3:
                    after = body + 2 + int.from_bytes(buffer[body : body + 2], "big")
                    answers.append(b"\x40\x02" + buffer[after : after + 2])
                at = end
            buffer, seen = buffer[at:], seen + len(answers)
            self.socket.sendall(b"".join(answers))


def _frame(buffer: bytes, at: int) -> tuple[int, int] | None:
    """Where the body of the packet at `at` begins and ends; None while it is not whole."""
    length, shift, place = 0, 0, at + 1
    while place < len(buffer):
        byte = buffer[place]
        length |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return (place, place + length) if place + length <= len(buffer) else None
    return None


def pass_through(url: str, packets: Sequence[bytes], topic: str) -> float:
    """Messages a second that a broker takes from one client and gives to another, both acknowledged."""
    ours, theirs = _FORK.Pipe()
    process = _FORK.Process(target=_drain, args=(url, topic, len(packets), theirs), daemon=True)
    process.start()
    theirs.close()  # so that the end of the other is heard
    try:
        ours.recv()
        began = time.monotonic()
        Line(url, "bench-source").publish(packets)
        ours.recv()
        took = time.monotonic() - began
    except EOFError:
        raise SystemExit("the bare subscriber of the bench ended too early") from None
    finally:
        process.kill()
        process.join()
    return len(packets) / took


def _drain(url: str, topic: str, count: int, told: Connection) -> None:
    line = Line(url, "bench-sink")
    line.subscribe(topic)
    told.send(True)
    line.drain(count)
    told.send(True)
