"""Sort messages into readings, refusals and unknown topics; knows no database."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from governance.models import ValueKind
from governance.units import conversion
from iot.access import is_spelt
from iot.formats import LARGEST, OWN_UNIT, Decoded, Entry, Refusal, decode
from iot.ingest.catalogue import Catalogue, Known
from iot.models import ReadingFlag
from iot.profiles import Profile
from iot.sparkplug import wire

_CONVERTED, _POOR, _HISTORICAL = int(ReadingFlag.CONVERTED), int(ReadingFlag.POOR), int(ReadingFlag.HISTORICAL)
_FLOAT, _BOOL, _COUNT = ValueKind.FLOAT.value, ValueKind.BOOL.value, ValueKind.COUNT.value
_DEPTHS = (4, 5)  # levels of a station's topic and of a parameter's, from the site down
_UNMAPPED = "No parameter has this topic yet; it waits under Unmapped topics."
_BLOCKED = Refusal("device.blocked", "The device of this topic is blocked.")
FUTURE = timedelta(minutes=5)
OLDEST = timedelta(days=3650)
FRESH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came from the broker; `again` when it may have been handled before.

    `kept`: it waited in the quarantine, so it says nothing about the order in which messages come now.
    """

    topic: str
    payload: bytes
    received: datetime
    again: bool = False
    kept: bool = False


class Row(msgspec.Struct, frozen=True, gc=False):  # half a million in a batch: made fast, unseen by the collector
    """One reading ready to be stored."""

    parameter: int
    t: datetime
    seq: int
    value: float
    received: datetime
    flags: int
    lot: str | None
    serial: str | None
    message: Message


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused payload or entry, to be kept with its message."""

    message: Message
    reason: str
    detail: str
    position: str
    site: int | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """One reading on a topic no parameter answers to."""

    topic: str
    site: int | None
    received: datetime
    value: float
    unit: str


class Counted(NamedTuple):
    """One reading of a device that counts what it sends, taken or not."""

    parameter: int
    boot: str
    seq: int
    t: datetime
    device: int | None


@dataclass
class Heard:
    """What a batch heard of one device: readings, those refused, the last refusal, the least delay in ms."""

    readings: int = 0
    errors: int = 0
    fault: str = ""
    delay: float | None = None


@dataclass
class Intake:
    """A batch, sorted."""

    rows: list[Row] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    heard: dict[int, Heard] = field(default_factory=dict)  # by device
    counted: list[Counted] = field(default_factory=list)
    nulls: list[tuple[int, datetime]] = field(default_factory=list)  # parameter and the time it had no value

    def take(self, message: Message, catalogue: Catalogue, now: datetime) -> None:
        """Sort one message; never raises."""
        if catalogue.profiles and (profile := catalogue.profile(message.topic)):
            self._take_foreign(profile, message, catalogue, now)
            return
        raw = message.topic.rstrip("/").split("/")
        levels = [level.lower() for level in raw]
        base = catalogue.base(levels)
        if (base is None or len(levels) - base not in _DEPTHS) and (named := catalogue.named_path(message.topic)):
            raw = levels = named.split("/")
            base = 0
        site = catalogue.sites[levels[base]] if base is not None else None
        if base is None:
            self.refuse(message, Refusal("topic.site", "No level of the topic is the code of a site."), None)
            self._hear_unknown(message, None)
            return
        path = "/".join(levels[base:])
        device = catalogue.device(path)
        refused, taken = len(self.rejects), len(self.rows)
        if device and not device[1]:
            self.refuse(message, _BLOCKED, site)
        elif device and not is_spelt(raw[base : base + device[2]]):
            detail = "A device's topic is written in small letters or in capitals down to the end of its prefix."
            self.refuse(message, Refusal("topic.case", detail), site)
        else:
            self._take_entries(message, path, site, catalogue, now=now, device=device[0] if device else None)
        if device:
            self._note(device[0], self.rows[taken:], self.rejects[refused:])

    def _note(self, device: int, rows: list[Row], rejects: list[Reject]) -> None:
        """Count what came of a device; readings of long ago say nothing about its clock."""
        one = self.heard.setdefault(device, Heard())
        one.readings += len(rows) + len(rejects)
        one.errors += len(rejects)
        one.fault = rejects[-1].detail if rejects else one.fault
        if rows and (least := rows[0].received - max(row.t for row in rows)) < FRESH:
            delay = least.total_seconds() * 1000
            one.delay = delay if one.delay is None else min(delay, one.delay)

    def _take_entries(
        self, message: Message, path: str, site: int | None, catalogue: Catalogue, *, now: datetime, device: int | None
    ) -> None:
        depth = path.count("/") + 1
        for position, entry in decode(message.payload):
            if isinstance(entry, Refusal):
                self.refuse(message, entry, site)
                continue
            many = position != "$" and bool(entry.p)
            own = f"{path}/{entry.p.lower()}" if many else path
            if depth != (4 if many else 5):
                wanted = "site/area/line/station" if many else "site/area/line/station/parameter"
                self.refuse(message, Refusal("topic.levels", f"The topic needs the levels {wanted}.", position), site)
                continue
            known = catalogue.parameters.get(own) or catalogue.named_parameter(message.topic)
            if known is None:
                topic = f"{message.topic.strip('/')}/{entry.p}" if many else message.topic
                self.hear(topic, site, entry, message)
                self.refuse(_alone(message, entry, position), Refusal("topic.unmapped", _UNMAPPED, position), site)
                continue
            if entry.boot is not None:
                self.counted.append(Counted(known.id, str(entry.boot), entry.seq, entry.t, device))
            taken = check(entry, known, position, message, now)
            if isinstance(taken, Refusal):
                self.refuse(_alone(message, entry, position), taken, site)
            else:
                self.rows.append(taken)

    def take_alone(
        self, entry: Entry, known: Known | None, topic: str, site: int | None, message: Message, *, now: datetime
    ) -> None:
        """Take a reading of another format; when it is refused, it is kept in wire format v1 on a plain topic.

        So it can be replayed whatever the format's own state is by then.
        """
        taken: Row | Refusal = Refusal("topic.unmapped", _UNMAPPED)
        if known is not None:
            taken = check(entry, known, "$", message, now)
        if isinstance(taken, Row):
            self.rows.append(taken)
            return
        plain = Message(topic, msgspec.json.encode(entry), message.received, message.again)
        if known is None:
            self.hear(topic, site, entry, plain)
        self.refuse(plain, taken, site)

    def _take_foreign(self, profile: Profile, message: Message, catalogue: Catalogue, now: datetime) -> None:
        """The readings a profile finds in a payload of another make."""
        for topic, _, entry in profile.read(message.topic, message.payload, message.received):
            if isinstance(entry, Refusal):
                self.refuse(message, entry, profile.site)
                continue
            site, known = catalogue.find(topic)
            device = catalogue.device(topic.lower())
            refused, taken = len(self.rejects), len(self.rows)
            if device and not device[1]:
                self.refuse(message, _BLOCKED, site)
            else:
                self.take_alone(entry, known, topic, site, message, now=now)
            if device:
                self._note(device[0], self.rows[taken:], self.rejects[refused:])

    def refuse(self, message: Message, refusal: Refusal, site: int | None) -> None:
        self.rejects.append(Reject(message, refusal.reason, refusal.detail, refusal.position, site))

    def hear(self, topic: str, site: int | None, entry: Entry, message: Message) -> None:
        if len(topic) <= 400:
            unit = "" if entry.u == OWN_UNIT else entry.u or ""
            self.unknown.append(Unknown(topic.strip("/"), site, message.received, float(entry.v), unit))

    def _hear_unknown(self, message: Message, site: int | None) -> None:
        """Also a topic of no known site is worth showing, when it carries readings."""
        decoded: Decoded = decode(message.payload)
        if len(decoded) == 1 and isinstance(decoded[0][1], Entry):
            self.hear(message.topic, site, decoded[0][1], message)


def _alone(message: Message, entry: Entry, position: str) -> Message:
    """A reading of a columnar payload is kept by itself: one payload of thousands must not be kept for each of them."""
    if not position.startswith("$["):
        return message
    topic = f"{message.topic.strip('/')}/{entry.p}" if entry.p else message.topic
    alone = msgspec.structs.replace(entry, p="")
    return Message(topic, msgspec.json.encode(alone), message.received, message.again)


def check(entry: Entry, known: Known, position: str, message: Message, now: datetime) -> Row | Refusal:
    """The row of an entry, or why its value, unit or time is not taken."""
    if refusal := _refuse_value(entry, known, position) or _refuse_time(entry.t, position, now):
        return refusal
    if not known.active:
        return Refusal("parameter.inactive", "The parameter is not in use.", position)
    unit = entry.u if entry.u is not None else ("" if not known.unit else None)
    if unit == OWN_UNIT:
        unit = known.unit
    if unit is None:
        return Refusal("unit.missing", f"The unit u is missing; values are kept in {known.unit}.", f"{position}.u")
    kept = _convert(entry, unit, known, position) if unit != known.unit else (float(entry.v), 0)
    if isinstance(kept, Refusal):
        return kept
    value, flags = kept
    if entry.q < 192:
        flags |= _POOR
    if entry.hist:
        flags |= _HISTORICAL
    return Row(known.id, entry.t, entry.seq, value, message.received, flags, entry.lot, entry.serial, message)


def _convert(entry: Entry, unit: str, known: Known, position: str) -> tuple[float, int] | Refusal:
    """The value in the parameter's own unit with its flag, or why there is none."""
    step = conversion(unit, known.unit)
    if step.refusal:
        return Refusal(step.reason, step.refusal, f"{position}.u")
    if (step.factor, step.offset) == (1.0, 0.0):
        return float(entry.v), 0
    value = float(entry.v) * step.factor + step.offset
    if not math.isfinite(value):
        return Refusal("value.not_finite", f"The value does not fit after conversion to {known.unit}.", f"{position}.v")
    return value, _CONVERTED


def _refuse_value(entry: Entry, known: Known, position: str) -> Refusal | None:
    if known.kind == _FLOAT and entry.v.__class__ is float:
        return None
    if isinstance(entry.v, bool):
        if known.kind != _BOOL:
            return Refusal("value.type", "The value v must be a number.", f"{position}.v")
        return None
    if known.kind == _BOOL and entry.v not in (0.0, 1.0):
        return Refusal("value.kind", "The parameter takes true, false, 1 or 0.", f"{position}.v")
    if known.kind == _COUNT and (entry.v < 0 or entry.v != int(entry.v)):
        return Refusal("value.kind", "The parameter takes whole numbers from 0 on.", f"{position}.v")
    return None


def _refuse_time(t: datetime, position: str, now: datetime) -> Refusal | None:
    ahead = t - now
    if ahead > FUTURE:
        minutes = ahead.total_seconds() / 60
        return Refusal("time.future", f"The time lies {minutes:.0f} min ahead. Check the clock.", f"{position}.t")
    if ahead < -OLDEST:
        return Refusal("time.ancient", "The time lies more than ten years back. Check the clock.", f"{position}.t")
    return None


def kept(payload: bytes) -> bytes:
    """The bytes of a payload that the quarantine keeps."""
    return payload[: max(LARGEST, wire.LARGEST)]
