"""Sort messages into readings, refusals and unknown topics; knows no database."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import numpy as np

from governance.models import ValueKind
from governance.units import conversion
from iot.copying import UNIX, micros
from iot.formats import LARGEST, OWN_UNIT, Decoded, Entry, Plain, Refusal, decode, plain
from iot.ingest.catalogue import Catalogue, Known
from iot.ingest.topics import BLOCKED, PARAMETER, STATION, Place, Roster, place
from iot.models import ReadingFlag
from iot.profiles import Profile
from iot.readings import Gathering, Readings, begins
from iot.sparkplug import wire

_CONVERTED, _POOR, _HISTORICAL = int(ReadingFlag.CONVERTED), int(ReadingFlag.POOR), int(ReadingFlag.HISTORICAL)
_FLOAT, _BOOL, _COUNT = ValueKind.FLOAT.value, ValueKind.BOOL.value, ValueKind.COUNT.value
_UNMAPPED = "No parameter has this topic yet; it waits under Unmapped topics."
GOOD = 192  # on the OPC scale
_MICROSECOND = timedelta(microseconds=1)
FUTURE = timedelta(minutes=5)
OLDEST = timedelta(days=3650)
FRESH = timedelta(minutes=10)


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message as it came from the broker; `again` when it may have been handled before.

    `kept`: it waited in the quarantine, so it says nothing about the order in which messages come now.
    """

    topic: str
    payload: bytes
    received: datetime
    again: bool = False
    kept: bool = False


class Taken(NamedTuple):
    """What is stored of one reading."""

    parameter: int
    t: datetime
    seq: int
    value: float
    flags: int
    lot: str | None
    serial: str | None


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

    now: datetime
    rejects: list[Reject] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    heard: dict[int, Heard] = field(default_factory=dict)  # by device
    counted: list[Counted] = field(default_factory=list)
    nulls: list[tuple[int, datetime]] = field(default_factory=list)  # parameter and the time it had no value
    messages: list[Message] = field(default_factory=list)  # those that readings came with
    gathering: Gathering = field(default_factory=Gathering)
    _spans: tuple[int, int] = field(init=False)  # the oldest and the newest time that is taken
    _received: tuple[datetime | None, int] = (None, 0)  # the last moment of receipt and its number

    def __post_init__(self) -> None:
        now = micros(self.now) + UNIX
        self._spans = now - OLDEST // _MICROSECOND, now + FUTURE // _MICROSECOND

    def take(self, message: Message, catalogue: Catalogue) -> None:
        """Sort one message; never raises."""
        if catalogue.profiles and (profile := catalogue.profile(message.topic)):
            self._take_foreign(profile, message, catalogue)
            return
        where = catalogue.places.get(message.topic) or place(message.topic, catalogue)
        refused = len(self.rejects)
        if where.refusal is not None:
            self.refuse(message, where.refusal, where.site)
            if where.site is None:
                self._hear_homeless(message)
        elif not self._take_plain(message, where, catalogue):
            for position, entry in decode(message.payload):
                self._take_entry(message, position, entry, where, catalogue)
        if where.device >= 0 and len(self.rejects) > refused:
            self._fault(where.device, self.rejects[refused:])

    def _take_plain(self, message: Message, where: Place, catalogue: Catalogue) -> bool:
        """Take a payload without a fault whole; False, and nothing is taken, when it needs a closer look."""
        told = plain(message.payload)
        if told is None or told.boot is not None:
            return False
        if isinstance(told, Entry):
            return self._take_reading(message, told, where)
        if min(told.ts) < self._spans[0] or max(told.ts) > self._spans[1]:
            return False
        roster = where.roster(told, catalogue)
        if roster is None:
            return False
        self._take_columns(message, told, roster, where)
        if roster.odd:
            entries = decode(message.payload)
            for at in roster.odd:
                self._take_entry(message, *entries[at], where, catalogue)
        return True

    def _take_reading(self, message: Message, told: Entry, where: Place) -> bool:
        t = micros(told.t) + UNIX
        known = where.known
        sound = known is not None and told.u in known.plain and told.v.__class__ is float
        if not sound or not self._spans[0] <= t <= self._spans[1]:
            return False
        self.gathering.add(where.own, (t,), (told.v,), self._part(message, where.device))
        if told.seq or told.lot is not None or told.serial is not None or told.q < GOOD or told.hist:
            self.gathering.also(1, seq=told.seq, flags=_flags(told.q, told.hist), lot=told.lot, serial=told.serial)
        return True

    def _take_columns(self, message: Message, told: Plain, roster: Roster, where: Place) -> None:
        """The readings of plain columns that need no closer look."""
        if not roster.even:
            return
        places = roster.even if roster.odd else None
        t, value = _picked(told.ts, places), _picked(told.v, places)
        self.gathering.add(roster.parameters, t, value, self._part(message, where.device))
        self.gathering.also(
            len(t),
            seq=_picked(told.seq, places),
            flags=_picked(_flags(told.q, told.hist), places),
            lot=_picked(told.lot, places),
            serial=_picked(told.serial, places),
        )

    def _part(self, message: Message, device: int) -> tuple[int, int, int]:
        """Under which number, device and time of receipt the readings of a message are gathered."""
        if not self.messages or self.messages[-1] is not message:
            self.messages.append(message)
        if message.received is not self._received[0]:
            self._received = message.received, micros(message.received)
        return len(self.messages) - 1, device, self._received[1]

    def _add(self, taken: Taken, message: Message, device: int) -> None:
        self.gathering.add(
            np.array([taken.parameter], np.int32),
            (micros(taken.t) + UNIX,),
            (taken.value,),
            self._part(message, device),
        )
        self.gathering.also(1, seq=taken.seq, flags=taken.flags, lot=taken.lot, serial=taken.serial)

    def _fault(self, device: int, rejects: Sequence[Reject]) -> None:
        """Note what a device sent that was refused."""
        one = self.heard.setdefault(device, Heard())
        one.readings += len(rejects)
        one.errors += len(rejects)
        one.fault = rejects[-1].detail

    def readings(self) -> Readings:
        """The columns of what is to be stored; the devices they came from are noted on the way."""
        found = self.gathering.readings()
        if (found.device >= 0).any():
            self._hear(found)
        return found

    def _hear(self, found: Readings) -> None:
        """Count what came of each device, and its least delay; readings of long ago say nothing about its clock."""
        device = found.device
        starts = np.flatnonzero(begins(found.message, device))
        delays = (found.received[starts] - np.maximum.reduceat(found.t, starts)) / 1000
        for one, delay, many in zip(
            device[starts].tolist(), delays.tolist(), np.diff(starts, append=len(found)).tolist(), strict=True
        ):
            if one >= 0:
                heard = self.heard.setdefault(one, Heard())
                heard.readings += many
                if delay < FRESH.total_seconds() * 1000:
                    heard.delay = delay if heard.delay is None else min(delay, heard.delay)

    def _take_entry(
        self, message: Message, position: str, entry: Entry | Refusal, where: Place, catalogue: Catalogue
    ) -> None:
        """Take one reading, or say why it is not taken."""
        if isinstance(entry, Refusal):
            self.refuse(message, entry, where.site)
            return
        many = position != "$" and bool(entry.p)
        if where.depth != (STATION if many else PARAMETER):
            wanted = "site/area/line/station" if many else "site/area/line/station/parameter"
            refusal = Refusal("topic.levels", f"The topic needs the levels {wanted}.", position)
            self.refuse(message, refusal, where.site)
            return
        known = where.named(entry.p if many else "", catalogue)
        if known is None:
            topic = f"{message.topic.strip('/')}/{entry.p}" if many else message.topic
            self.hear(topic, where.site, entry, message)
            self.refuse(_alone(message, entry, position), Refusal("topic.unmapped", _UNMAPPED, position), where.site)
            return
        if entry.boot is not None:
            device = where.device if where.device >= 0 else None
            self.counted.append(Counted(known.id, str(entry.boot), entry.seq, entry.t, device))
        taken = check(entry, known, position, self.now)
        if isinstance(taken, Refusal):
            self.refuse(_alone(message, entry, position), taken, where.site)
        else:
            self._add(taken, message, where.device)

    def take_alone(
        self, entry: Entry, known: Known | None, topic: str, site: int | None, message: Message, *, device: int = -1
    ) -> None:
        """Take a reading of another format; when it is refused, it is kept in wire format v1 on a plain topic.

        So it can be replayed whatever the format's own state is by then.
        """
        taken: Taken | Refusal = Refusal("topic.unmapped", _UNMAPPED)
        if known is not None:
            taken = check(entry, known, "$", self.now)
        if isinstance(taken, Taken):
            self._add(taken, message, device)
            return
        plain_one = Message(topic, msgspec.json.encode(entry), message.received, message.again)
        if known is None:
            self.hear(topic, site, entry, plain_one)
        self.refuse(plain_one, taken, site)

    def _take_foreign(self, profile: Profile, message: Message, catalogue: Catalogue) -> None:
        """The readings a profile finds in a payload of another make."""
        for topic, _, entry in profile.read(message.topic, message.payload, message.received):
            if isinstance(entry, Refusal):
                self.refuse(message, entry, profile.site)
                continue
            site, known = catalogue.find(topic)
            device = catalogue.device(topic.lower())
            refused = len(self.rejects)
            if device and not device[1]:
                self.refuse(message, BLOCKED, site)
            else:
                self.take_alone(entry, known, topic, site, message, device=device[0] if device else -1)
            if device and len(self.rejects) > refused:
                self._fault(device[0], self.rejects[refused:])

    def refuse(self, message: Message, refusal: Refusal, site: int | None) -> None:
        self.rejects.append(Reject(message, refusal.reason, refusal.detail, refusal.position, site))

    def hear(self, topic: str, site: int | None, entry: Entry, message: Message) -> None:
        if len(topic) <= 400:
            unit = "" if entry.u == OWN_UNIT else entry.u or ""
            told, unit = (text.replace("\x00", "\ufffd") for text in (topic.strip("/"), unit))
            self.unknown.append(Unknown(told, site, message.received, float(entry.v), unit))

    def _hear_homeless(self, message: Message) -> None:
        """Also a topic of no known site is worth showing, when it carries readings."""
        decoded: Decoded = decode(message.payload)
        if len(decoded) == 1 and isinstance(decoded[0][1], Entry):
            self.hear(message.topic, None, decoded[0][1], message)


def _alone(message: Message, entry: Entry, position: str) -> Message:
    """A reading of a columnar payload is kept by itself: one payload of thousands must not be kept for each of them."""
    if not position.startswith("$["):
        return message
    topic = f"{message.topic.strip('/')}/{entry.p}" if entry.p else message.topic
    alone = msgspec.structs.replace(entry, p="")
    return Message(topic, msgspec.json.encode(alone), message.received, message.again)


def check(entry: Entry, known: Known, position: str, now: datetime) -> Taken | Refusal:
    """What is stored of an entry, or why its value, unit or time is not taken."""
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
    flags |= int(_flags(entry.q, entry.hist))
    return Taken(known.id, entry.t, entry.seq, value, flags, entry.lot, entry.serial)


def _flags(quality: list[int] | int, historical: bool) -> Any:
    """The flags of readings by the quality that their device says they have."""
    flags = _HISTORICAL if historical else 0
    if isinstance(quality, int):
        return flags | _POOR if quality < GOOD else flags
    return np.where(np.array(quality) < GOOD, flags | _POOR, flags) if min(quality) < GOOD else flags


def _picked(column: Any, places: Sequence[int] | None) -> Any:
    """The values at some places; what is one value for all stays so."""
    if places is None or not isinstance(column, (list, np.ndarray)):
        return column
    return [column[at] for at in places]


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
