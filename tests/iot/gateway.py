"""A gateway that counts what it sends, loses some of it, and sends again what it is asked for and still has."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterable, Sequence

import paho.mqtt.client as paho

from iot.mqtt import Broker
from tests.iot.device import patient_client

PARAMETERS, TOGETHER = 3, 10
MOST = 600  # readings in one message: a broker and the platform take 64 KB
LOSES, FORGETS, EVERY = 197, 394, 250  # one reading in so many never leaves, is not kept either, is out of its limits


class Gateway(threading.Thread):
    """Sends columns of a station until told to stop; what the broker did not acknowledge it sends again."""

    def __init__(self, url: str, station: str, *, pause: float, fast: int) -> None:
        """`pause`: seconds between two messages until `fast` readings are measured; then it goes on slowly."""
        super().__init__(daemon=True)
        self.station, self.pause, self.fast, self.boot = station, pause, fast, int(time.time())
        self.times: list[int] = []  # microseconds, by sequence number; the same for each parameter
        self.published = self.taken = 0  # messages, and those the broker acknowledged
        self.stopping, self.lock = threading.Event(), threading.Lock()
        broker = Broker.from_url(url)
        self.client = patient_client(broker, "gateway")
        self.client.on_connect = lambda client, *_: client.subscribe("cmd/+/replay", 1)
        self.client.on_publish = self._acknowledged
        self.client.on_message = self._asked
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()

    @property
    def sent(self) -> int:
        """Readings of each parameter that were measured."""
        return len(self.times)

    @property
    def forgotten(self) -> set[int]:
        """Sequence numbers that nobody can have any more; the gap before the first reading is none."""
        return {seq for seq in range(1, self.sent) if seq % FORGETS == 0}

    @property
    def kept(self) -> int:
        """Readings that are stored at the end, over all parameters."""
        return PARAMETERS * (self.sent - len(self.forgotten))

    @property
    def beyond(self) -> int:
        """Readings out of their limits, over all parameters."""
        return PARAMETERS * sum(_is_beyond(seq) for seq in range(self.sent))

    def run(self) -> None:
        """Measure and send."""
        while not self.stopping.is_set():
            self.measure()
            time.sleep(self.pause if PARAMETERS * self.sent < self.fast else 0.5)

    def measure(self) -> None:
        """The next readings of every parameter in one message; the newest of them always leaves."""
        now, first = int(time.time() * 1e6), self.sent
        self.times += [now + i for i in range(TOGETHER)]
        self._send([seq for seq in range(first, self.sent) if seq == 0 or seq % LOSES])

    def _acknowledged(self, *_: object) -> None:
        self.taken += 1  # counted, not named: it may come before the sender has read what the message is called

    def _asked(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        for one in json.loads(message.payload)["ranges"]:
            if one["boot"] == str(self.boot):
                self._send(seq for seq in range(one["first"], one["last"] + 1) if seq % FORGETS)

    def _send(self, numbers: Iterable[int]) -> None:
        rows = [(seq, number) for seq in numbers for number in range(PARAMETERS)]
        for some in range(0, len(rows), MOST):
            self._publish(rows[some : some + MOST])

    def _publish(self, rows: Sequence[tuple[int, int]]) -> None:
        told = {
            "ts": [self.times[seq] for seq, _ in rows],
            "p": [f"force_{number}" for _, number in rows],
            "v": [9.5 if _is_beyond(seq) else 8.6 + 0.02 * (seq % 5 - 2) for seq, _ in rows],
            "seq": [seq for seq, _ in rows],
            "u": "kN",
            "boot": self.boot,
        }
        with self.lock:
            self.published += 1
            self.client.publish(self.station, json.dumps(told), qos=1)

    def wait_acknowledged(self, seconds: float = 60) -> None:
        """Until the broker has taken everything that was sent."""
        deadline = time.monotonic() + seconds
        while self.taken < self.published:
            assert time.monotonic() < deadline, f"the broker took {self.taken} of {self.published} messages"
            time.sleep(0.2)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def _is_beyond(seq: int) -> bool:
    return seq % EVERY == EVERY // 2 and seq % LOSES != 0


class Cable(threading.Thread):
    """A line to a port on this machine that can be cut."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.there, self.pairs = port, list[socket.socket]()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]

    def run(self) -> None:
        """Join every caller to the port; while nobody listens there, callers are hung up on."""
        while True:
            caller, _ = self.listening.accept()
            try:
                callee = socket.create_connection(("127.0.0.1", self.there), timeout=5)
            except OSError:
                caller.close()
                continue
            callee.settimeout(None)
            self.pairs += [caller, callee]
            for source, sink in ((caller, callee), (callee, caller)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()

    def cut(self) -> None:
        """Break every connection over it; new ones can be made at once."""
        pairs, self.pairs = self.pairs, []
        for one in pairs:
            _hang_up(one)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    _hang_up(source)
    _hang_up(sink)


def _hang_up(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
