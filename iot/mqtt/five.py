"""MQTT 5 by a compiled codec: whole buffers in, the acknowledgements of a batch out in one piece."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import mqtt5
import numpy as np

from iot.mqtt.line import KEEPALIVE, Broker, Delivery, Line, Wanted, logger

FOREVER = 0xFFFFFFFF  # seconds a session is kept: until it is taken up again
MOST_INFLIGHT = 20_000  # messages that the broker may send without an answer: the only backpressure there is
_BUFFER = 1 << 18
_CONNECT, _ANSWER = 5.0, 10.0  # seconds
_NAP, _LONGEST_NAP = 1.0, 10.0  # seconds between two attempts
_GRANTED = (mqtt5.SubAckReasonCode.GRANTED_QOS_AT_MOST_ONCE, mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE)
_PUBACK = np.dtype([("head", ">u2"), ("mid", ">u2")])
_SUBSCRIBE = 1  # the number of the one subscription packet; our own messages count from there


class BrokenLine(OSError):
    """The line cannot be used any more; the message says why."""


def speaks_five(broker: Broker) -> bool | None:
    """Whether a broker takes MQTT 5; None when it does not answer."""
    try:
        with contextlib.closing(_dial(broker)) as line:
            line.sendall(_connect(broker, client_id="", clean=True))
            answer = line.recv(4)
    except OSError:
        return None
    return len(answer) == 4 and answer[0] == 0x20 and answer[3] == 0


def _dial(broker: Broker) -> socket.socket:
    line = socket.create_connection((broker.host, broker.port), timeout=_CONNECT)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return ssl.create_default_context().wrap_socket(line, server_hostname=broker.host) if broker.secure else line


def _connect(broker: Broker, *, client_id: str, clean: bool = False, will: mqtt5.Will | None = None) -> bytes:
    packet = mqtt5.ConnectPacket(
        client_id,
        username=broker.username,
        password=None if broker.password is None else broker.password.encode(),
        clean_start=clean,
        session_expiry_interval=0 if clean else FOREVER,
        keep_alive=KEEPALIVE,
        receive_max=MOST_INFLIGHT,
        will=will,
    )
    return packet.write()


class FiveLine(Line):
    """A line of MQTT 5: a thread reads, whoever has something to say writes."""

    def __init__(self, broker: Broker, *, client_id: str, wanted: Wanted, window: int = MOST_INFLIGHT) -> None:
        super().__init__(broker, client_id=client_id, wanted=wanted, window=window)
        self._socket: socket.socket | None = None
        self._sending = threading.Lock()
        self._sent = time.monotonic()
        self._numbers = _SUBSCRIBE
        self._leaving = threading.Event()
        self._reader = threading.Thread(target=self._run, name="mqtt", daemon=True)

    def start(self) -> None:
        self._reader.start()

    def stop(self) -> None:
        if self._state and self.ready.is_set():
            self._tell_state(online=False)
        self.ready.clear()
        self._leaving.set()
        self._send(mqtt5.DisconnectPacket().write())
        self.drop()
        self._reader.join(_CONNECT)

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        mids = [one.mid for one in deliveries if one.qos and one.connection == self._connection]
        if mids:
            answers = np.empty(len(mids), _PUBACK)
            answers["head"], answers["mid"] = 0x4002, mids
            self._send(answers.tobytes())

    def publish(self, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False) -> None:
        self._numbers = self._numbers % 60_000 + 1
        number = self._numbers + _SUBSCRIBE if qos else None
        packet = mqtt5.PublishPacket(topic, payload, qos=mqtt5.QoS(qos), retain=retain, packet_id=number)
        self._send(packet.write())

    def drop(self) -> None:
        if (line := self._socket) is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _send(self, data: bytes) -> None:
        """Say something; on a line that breaks meanwhile it is lost, and the broker asks again for what it needs."""
        with self._sending, contextlib.suppress(OSError):
            if self._socket is not None:
                self._socket.sendall(data)
                self._sent = time.monotonic()

    def _run(self) -> None:
        nap = _NAP
        while not self._leaving.is_set():
            begun = time.monotonic()
            try:
                with contextlib.closing(_dial(self._broker)) as line:
                    self._talk(line)
            except (OSError, ValueError) as problem:
                if not self._leaving.is_set():
                    logger.warning("lost the broker: %s", problem)
            self.ready.clear()
            with self._sending:
                self._socket = None
                self._connection += 1
            nap = _NAP if time.monotonic() - begun > _LONGEST_NAP else min(nap * 2, _LONGEST_NAP)
            self._leaving.wait(nap)

    def _talk(self, line: socket.socket) -> None:
        """Sign in and read until the line breaks."""
        self._since = int(time.time() * 1000)
        will = None
        if self._state:
            will = mqtt5.Will(
                self._state, payload=self._said_state(online=False), qos=mqtt5.QoS.AT_LEAST_ONCE, retain=True
            )
        line.sendall(_connect(self._broker, client_id=self._client_id, will=will))
        line.settimeout(KEEPALIVE / 4)
        self._socket = line
        for packets in self._packets(line):
            now = datetime.now(UTC)
            found = [self._delivery(one, now) for one in packets if isinstance(one, mqtt5.PublishPacket)]
            if some := [one for one in found if one is not None]:
                self._arrive(some)
            for one in packets:
                if not isinstance(one, mqtt5.PublishPacket):
                    self._hear(one)

    def _packets(self, line: socket.socket) -> Iterator[list[mqtt5.Packet]]:
        """What came in, as many packets as are whole. Raises BrokenLine when the broker says nothing at all."""
        held, heard = b"", time.monotonic()
        while True:
            try:
                data = line.recv(_BUFFER)
            except TimeoutError:
                data = None
            if data == b"":
                raise BrokenLine("the broker closed the connection")
            if data:
                heard = time.monotonic()
                packets, held = _whole(held + data)
                yield packets
            elif time.monotonic() - heard > KEEPALIVE + _ANSWER:
                raise BrokenLine("the broker does not answer")
            if time.monotonic() - self._sent > KEEPALIVE / 2:
                self._send(mqtt5.PingReqPacket().write())

    def _delivery(self, one: mqtt5.PublishPacket, now: datetime) -> Delivery | None:
        """A message for the worker; what is none is answered here."""
        self.last_heard = time.monotonic()
        told = Delivery(
            one.topic,
            one.payload,
            now,
            one.duplicate,
            one.packet_id or 0,
            int(one.packet_id is not None),
            self._connection,
        )
        if one.topic != self._state and self._is_for_us(one.topic):
            return told
        self.acknowledge([told])
        if one.topic == self._state:
            self._hear_state(one.payload)
        return None

    def _hear(self, packet: mqtt5.Packet) -> None:
        """Whatever is no message."""
        if isinstance(packet, mqtt5.ConnAckPacket):
            if packet.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
                raise BrokenLine(f"the broker refuses the connection: {packet.reason_code}")
            self._begin(kept=packet.session_present)
            wanted = [mqtt5.TopicFilter(one, max_qos=mqtt5.QoS.AT_LEAST_ONCE) for one in self._filters]
            self._send(mqtt5.SubscribePacket(_SUBSCRIBE, wanted).write())
        elif isinstance(packet, mqtt5.SubAckPacket):
            if refused := [str(one) for one in packet.reason_codes if one not in _GRANTED]:
                logger.error("the broker refuses the subscription: %s", ", ".join(refused))
                return
            self.ready.set()
            if self._state:
                self._tell_state(online=True)
        elif isinstance(packet, mqtt5.DisconnectPacket):
            raise BrokenLine(f"the broker ends the connection: {packet.reason_code}")


def _whole(data: bytes) -> tuple[list[mqtt5.Packet], bytes]:
    """The whole packets of a buffer, and what is left of it. Raises ValueError for bytes that are no MQTT."""
    found, at, view = list[mqtt5.Packet](), 0, memoryview(data)
    while at < len(data):
        try:
            packet, size = mqtt5.read(view[at:])
        except IndexError:  # the rest of it has not come yet
            break
        found.append(packet)
        at += size
    return found, data[at:]
