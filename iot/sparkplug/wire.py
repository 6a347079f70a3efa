"""Sparkplug B payloads in protobuf; field numbers and data types as the Sparkplug 3.0 specification publishes them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

LARGEST = 256 * 1024  # bytes of one payload: a birth names every metric of its node
MOST_METRICS = 20_000
PREFIX = "spBv1.0/"
REBIRTH = "Node Control/Rebirth"
BD_SEQ = "bdSeq"

BOOLEAN = 11
TEXTS = frozenset({12, 14, 15})
# bits of the signed whole numbers: they travel as two's complement in an unsigned field
_SIGNED = {1: 8, 2: 16, 3: 32, 4: 64}
NUMBERS = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, BOOLEAN})
_UNITS = ("engunit", "engineeringunits", "engineering units", "units", "unit")

_F = descriptor_pb2.FieldDescriptorProto
_MESSAGES: dict[str, tuple[tuple[str, int, int | str, bool], ...]] = {
    "PropertyValue": (
        ("is_null", 2, _F.TYPE_BOOL, False),
        ("string_value", 8, _F.TYPE_STRING, False),
    ),
    "PropertySet": (
        ("keys", 1, _F.TYPE_STRING, True),
        ("values", 2, "PropertyValue", True),
    ),
    "Metric": (
        ("name", 1, _F.TYPE_STRING, False),
        ("alias", 2, _F.TYPE_UINT64, False),
        ("timestamp", 3, _F.TYPE_UINT64, False),
        ("datatype", 4, _F.TYPE_UINT32, False),
        ("is_historical", 5, _F.TYPE_BOOL, False),
        ("is_null", 7, _F.TYPE_BOOL, False),
        ("properties", 9, "PropertySet", False),
        ("int_value", 10, _F.TYPE_UINT32, False),
        ("long_value", 11, _F.TYPE_UINT64, False),
        ("float_value", 12, _F.TYPE_FLOAT, False),
        ("double_value", 13, _F.TYPE_DOUBLE, False),
        ("boolean_value", 14, _F.TYPE_BOOL, False),
        ("string_value", 15, _F.TYPE_STRING, False),
    ),
    "Payload": (
        ("timestamp", 1, _F.TYPE_UINT64, False),
        ("metrics", 2, "Metric", True),
        ("seq", 3, _F.TYPE_UINT64, False),
    ),
}
_VALUES = ("double_value", "float_value", "int_value", "long_value", "boolean_value", "string_value")
Value = float | bool | str | None


class BadPayload(ValueError):
    """Bytes that are no Sparkplug payload; the message says why."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric as sent: `at` in milliseconds of epoch, `value` None when it is null or of a kind not read."""

    name: str
    alias: int | None
    at: int | None
    datatype: int
    value: Value
    null: bool = False
    historical: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Payload:
    """One payload: `at` in milliseconds of epoch, `seq` 0 to 255 or None."""

    at: int | None
    seq: int | None
    metrics: tuple[Metric, ...]


def _payload_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="plumbline/sparkplug.proto", package="plumbline.sparkplug")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind, many in fields:
            one = message.field.add(name=field, number=number, label=_F.LABEL_REPEATED if many else _F.LABEL_OPTIONAL)
            if isinstance(kind, str):
                one.type, one.type_name = _F.TYPE_MESSAGE, f".plumbline.sparkplug.{kind}"
            else:
                one.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("plumbline.sparkplug.Payload"))


_Payload = _payload_class()


def decode(data: bytes) -> Payload:
    """The payload of these bytes. Raises BadPayload: too large, no protobuf, a text that is not UTF-8, seq past 255."""
    if len(data) > LARGEST:
        raise BadPayload(f"The payload has {len(data)} bytes; {LARGEST} are allowed.")
    try:
        found = _Payload.FromString(data)
        if len(found.metrics) > MOST_METRICS:
            raise BadPayload(f"The payload has {len(found.metrics)} metrics; {MOST_METRICS} are allowed.")
        metrics = tuple(_metric(one) for one in found.metrics)
    except (DecodeError, UnicodeDecodeError) as problem:
        raise BadPayload("The payload is not a Sparkplug B message (protobuf).") from problem
    seq = int(found.seq) if found.HasField("seq") else None
    if seq is not None and seq > 255:
        raise BadPayload(f"The sequence number {seq} is more than 255.")
    return Payload(int(found.timestamp) if found.HasField("timestamp") else None, seq, metrics)


def _metric(found: Any) -> Metric:
    datatype = int(found.datatype)
    null = bool(found.is_null)
    return Metric(
        _kept(found.name),
        int(found.alias) if found.HasField("alias") else None,
        int(found.timestamp) if found.HasField("timestamp") else None,
        datatype,
        None if null else _value(found, datatype),
        null,
        bool(found.is_historical),
        _unit(found.properties) if found.HasField("properties") else "",
    )


def _value(found: Any, datatype: int) -> Value:
    field = next((name for name in _VALUES if found.HasField(name)), None)
    if field is None:
        return None
    value: Value = getattr(found, field)
    if datatype == BOOLEAN and not isinstance(value, str):
        return bool(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(signed(value, datatype))
    if field == "float_value":
        return nearest(float(value or 0.0))
    return _kept(value) if isinstance(value, str) else value


def _kept(text: str) -> str:
    """A text as the database can hold it."""
    return text.replace("\x00", "\ufffd")


def signed(value: int, datatype: int) -> int:
    """A whole number as its data type means it: signed ones travel as two's complement of 32 or 64 bits."""
    if datatype not in _SIGNED:
        return value
    width = 64 if value >= 1 << 32 or datatype == 4 else 32
    bits = _SIGNED[datatype] if value < 1 << _SIGNED[datatype] else width
    return value - (1 << bits) if value >> (bits - 1) & 1 else value


def nearest(value: float) -> float:
    """A single-precision number as people write it: 0.1 and not 0.10000000149011612."""
    return float(f"{value:.7g}") if math.isfinite(value) else value


def _unit(properties: Any) -> str:
    for key, value in zip(properties.keys, properties.values, strict=False):
        if key.lower() in _UNITS and not value.is_null and value.HasField("string_value"):
            return _kept(value.string_value).strip()[:40]
    return ""


def rebirth_request(at: int) -> bytes:
    """The payload of a command that asks a node for its births; `at` in milliseconds of epoch."""
    payload = _Payload(timestamp=at)
    payload.metrics.add(name=REBIRTH, timestamp=at, datatype=BOOLEAN, boolean_value=True)
    return bytes(payload.SerializeToString())


def encode(payload: Payload) -> bytes:
    """The bytes of a payload, for simulators and tests; numbers travel as doubles, whole ones by their data type."""
    out = _Payload()
    if payload.at is not None:
        out.timestamp = payload.at
    if payload.seq is not None:
        out.seq = payload.seq
    for one in payload.metrics:
        _add(out.metrics.add(), one)
    return bytes(out.SerializeToString())


def _add(out: Any, one: Metric) -> None:
    for field, value in (("name", one.name), ("alias", one.alias), ("timestamp", one.at), ("datatype", one.datatype)):
        if value not in (None, "", 0) or (field == "alias" and value == 0):
            setattr(out, field, value)
    if one.historical:
        out.is_historical = True
    if one.null:
        out.is_null = True
    if one.unit:
        out.properties.keys.append("engUnit")
        out.properties.values.add(string_value=one.unit)
    if one.value is not None:
        _set_value(out, one.value, one.datatype)


def _set_value(out: Any, value: float | bool | str, datatype: int) -> None:
    if isinstance(value, str):
        out.string_value = value
    elif isinstance(value, bool):
        out.boolean_value = value
    elif datatype in (4, 8):
        out.long_value = int(value) % (1 << 64)
    elif datatype in (1, 2, 3, 5, 6, 7):
        out.int_value = int(value) % (1 << 32)
    else:
        out.double_value = float(value)
