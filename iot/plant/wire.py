"""Wire format v1 as the plant's devices write it: topics and JSON payloads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Message:
    """One MQTT message."""

    topic: str
    payload: bytes


@dataclass(frozen=True)
class Value:
    """One reading on its way out; `t` in epoch seconds, `seq` running within `boot` for its parameter."""

    parameter: str
    v: float
    t: float
    unit: str
    seq: int
    boot: int
    lot: str
    serial: str


def stamp(t: float) -> str:
    """Epoch seconds as RFC 3339 in UTC with milliseconds."""
    return datetime.fromtimestamp(t, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fields(value: Value) -> dict[str, object]:
    fields: dict[str, object] = {"v": value.v, "t": stamp(value.t), "u": value.unit}
    fields |= {"seq": value.seq, "boot": value.boot, "lot": value.lot}
    return fields | {"serial": value.serial} if value.serial else fields


def single(station_topic: str, value: Value) -> Message:
    """One reading on the topic of its parameter."""
    return Message(f"{station_topic}/{value.parameter}", json.dumps(_fields(value)).encode())


def batch(station_topic: str, values: list[Value]) -> Message:
    """Several readings of one station in a single message on the station's own topic."""
    readings = [{"p": value.parameter} | _fields(value) for value in values]
    return Message(station_topic, json.dumps({"readings": readings}).encode())
