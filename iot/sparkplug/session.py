"""What a host application knows of an edge node, and what it makes of each message. Knows no database."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from iot.sparkplug.wire import BD_SEQ, TEXTS, BadPayload, Metric, Payload, decode

ONLINE, OFFLINE, UNKNOWN = "online", "offline", "unknown"
PATIENCE = timedelta(seconds=30)  # an unanswered request for a rebirth is repeated no sooner
SPACING = timedelta(seconds=60)  # however often a node loses its order: two requests in so long
_KINDS = frozenset({"NBIRTH", "NDEATH", "NDATA", "DBIRTH", "DDEATH", "DDATA"})
_OTHERS = frozenset({"NCMD", "DCMD", "STATE"})  # said by host applications
_LOTS = frozenset({"batch", "lot"})
_LONGEST = 200


@dataclass(frozen=True)
class Address:
    """Where a message comes from: its kind, the group, the edge node, the device (empty for the node itself)."""

    kind: str
    group: str
    node: str
    device: str = ""

    @property
    def place(self) -> str:
        """The topic its metrics stand below, without the words of the protocol."""
        return "/".join(level for level in (self.group, self.node, self.device) if level)


def address(topic: str) -> Address | None:
    """The address a topic names; None when it is no topic of an edge node.

    The kind is empty for what host applications say: commands and their own state.
    """
    levels = topic.split("/")
    if len(levels) > 2 and (levels[1] == "STATE" or levels[2] in _OTHERS):
        return Address("", levels[1], levels[-1])
    wanted = 5 if len(levels) > 2 and levels[2].startswith("D") else 4
    if len(levels) != wanted or levels[2] not in _KINDS or not all(levels) or max(map(len, levels)) > _LONGEST:
        return None
    return Address(levels[2], levels[1], *levels[3:])


@dataclass
class Known:
    """A metric as its birth describes it."""

    datatype: int
    unit: str = ""
    alias: int | None = None


@dataclass
class Source:
    """A node itself (empty device) or one of its devices since its last birth."""

    device: str
    state: str = UNKNOWN
    born_at: datetime | None = None
    metrics: dict[str, Known] = field(default_factory=dict)
    lot: str | None = None
    serial: str | None = None
    names: dict[int, str] = field(default_factory=dict)  # by alias
    parameters: set[int] = field(default_factory=set)  # that its metrics feed
    changed: bool = False

    def bear(self, metrics: tuple[Metric, ...], now: datetime) -> None:
        """Take what a birth says in place of everything known."""
        self.state, self.born_at, self.changed = ONLINE, now, True
        self.metrics = {one.name: Known(one.datatype, one.unit, one.alias) for one in metrics if one.name}
        self.lot = self.serial = None
        self.index()

    def index(self) -> None:
        """Make the names findable by alias."""
        self.names = {one.alias: name for name, one in self.metrics.items() if one.alias is not None}

    def feed(self, parameter: int) -> None:
        """Note that a parameter has its values from here."""
        if parameter not in self.parameters:
            self.parameters.add(parameter)
            self.changed = True

    def die(self) -> None:
        """Its values are stale from now on."""
        if self.state != OFFLINE:
            self.state, self.changed = OFFLINE, True


@dataclass(frozen=True, slots=True)
class Spoken:
    """One metric made out: its full name below the address, what was sent, its unit, and what else is known of it."""

    name: str
    metric: Metric
    unit: str
    doubtful: bool
    lot: str | None
    serial: str | None


@dataclass
class Outcome:
    """What a message came to: metrics made out, refusals as (reason, detail, position), and whether to ask for births.

    `lost` is how many messages are missing before this one.
    """

    spoken: list[Spoken] = field(default_factory=list)
    refusals: list[tuple[str, str, str]] = field(default_factory=list)
    ask: bool = False
    lost: int = 0


@dataclass
class Node:
    """An edge node: its session as the host sees it."""

    group: str
    name: str
    state: str = UNKNOWN
    bd_seq: int | None = None
    seq: int | None = None
    digest: int = 0  # of the newest message, to tell a second copy of it from an error
    doubtful: bool = False  # messages were missed, so an alias may mean something else by now
    errors: int = 0
    rebirths: int = 0
    born_at: datetime | None = None
    died_at: datetime | None = None
    heard_at: datetime | None = None
    asked_at: datetime | None = None
    asked_before: datetime | None = None
    sources: dict[str, Source] = field(default_factory=dict)

    def hear(self, where: Address, data: bytes, now: datetime) -> Outcome:
        """Take a message in order. Bytes that are no payload are refused and change nothing."""
        done = Outcome()
        if (payload := _made_out(data, done)) is None:
            return done
        self.heard_at = now
        if where.kind == "NDEATH":
            self._die(payload, now)
        elif where.kind == "NBIRTH":
            self._be_born(payload, data, now)
            self._speak(where, payload, done)
        elif self.state != ONLINE:
            words = "The node has not said what its metrics are: it was asked for its births."
            done.refusals.append(("sparkplug.unborn", words, "$"))
            done.ask = True
        else:
            self._step(payload.seq, zlib.crc32(data), done)
            self._take(where, payload, now, done)
        return done

    def recall(self, where: Address, data: bytes) -> Outcome:
        """Make out a message kept from before by the births known now; the session stays as it is."""
        done = Outcome()
        if (payload := _made_out(data, done)) is None:
            return done
        if where.device not in self.sources:
            done.refusals.append(("sparkplug.unborn", "The node has not said what its metrics are.", "$"))
        elif not where.kind.endswith("DEATH"):
            self._speak(where, payload, done)
        done.ask = False
        return done

    def may_ask(self, now: datetime) -> bool:
        """Whether the node may be asked for its births now; notes that it is."""
        waiting = self.asked_at is not None and (self.born_at is None or self.born_at < self.asked_at)
        if waiting and self.asked_at is not None and now - self.asked_at < PATIENCE:
            return False
        if self.asked_before is not None and now - self.asked_before < SPACING:
            return False
        self.asked_before, self.asked_at, self.rebirths = self.asked_at, now, self.rebirths + 1
        return True

    def _be_born(self, payload: Payload, data: bytes, now: datetime) -> None:
        """A birth begins a session: devices are unknown until they are born too."""
        self.state, self.born_at, self.doubtful = ONLINE, now, False
        self.seq, self.digest = payload.seq, zlib.crc32(data)
        self.bd_seq = _bd_seq(payload)
        for source in self.sources.values():
            source.die()
        self.sources.setdefault("", Source("")).bear(payload.metrics, now)

    def _die(self, payload: Payload, now: datetime) -> None:
        """A death counts for the session it belongs to: the broker may bring the will of an older one late."""
        if self.state != ONLINE or _bd_seq(payload) != self.bd_seq:
            return
        self.state, self.died_at, self.seq = OFFLINE, now, None
        for source in self.sources.values():
            source.die()

    def _take(self, where: Address, payload: Payload, now: datetime, done: Outcome) -> None:
        if where.kind == "DBIRTH":
            self.sources.setdefault(where.device, Source(where.device)).bear(payload.metrics, now)
        source = self.sources.get(where.device)
        if where.kind == "DDEATH":
            if source:
                source.die()
            return
        if source is None or source.state != ONLINE:
            words = "The device has not said what its metrics are: its node was asked for the births."
            done.refusals.append(("sparkplug.unborn", words, "$"))
            done.ask = True
            return
        self._speak(where, payload, done)

    def _step(self, seq: int | None, digest: int, done: Outcome) -> None:
        """Follow the sequence 0 to 255; an older number is a repetition, a newer one says how many are missing."""
        if seq is not None and seq == self.seq and digest == self.digest:
            return
        ahead = (seq - (-1 if self.seq is None else self.seq) - 1) % 256 if seq is not None else 255
        if ahead:
            self.errors += 1
            done.ask = True
        if seq is None or ahead >= 128:
            return
        if ahead:
            self.doubtful, done.lost = True, ahead
        self.seq, self.digest = seq, digest

    def _speak(self, where: Address, payload: Payload, done: Outcome) -> None:
        source = self.sources[where.device]
        named = [(_name(source, one), one) for one in payload.metrics]
        for name, one in named:
            _note_text(source, name, one)
        for at, (name, one) in enumerate(named):
            if not name:
                called = "no name" if one.alias is None else f"the alias {one.alias}"
                words = f"A metric with {called} is in no birth: the node was asked for its births."
                done.refusals.append(("sparkplug.alias", words, f"$.metrics[{at}]"))
                done.ask = True
                continue
            if not name.startswith("Node Control/") and name != BD_SEQ:
                known = source.metrics.get(name)
                unit, doubtful = one.unit or (known.unit if known else ""), self.doubtful and not one.name
                lot, serial = (None, None) if one.historical else (source.lot, source.serial)
                done.spoken.append(Spoken(name, one, unit, doubtful, lot, serial))
        if payload.at is not None:
            done.spoken = [_timed(spoken, payload.at) for spoken in done.spoken]


def _made_out(data: bytes, done: Outcome) -> Payload | None:
    """What the bytes say; None, and the refusal noted, when they are no payload."""
    try:
        return decode(data)
    except BadPayload as problem:
        done.refusals.append(("sparkplug.payload", str(problem), "$"))
        return None


def _name(source: Source, one: Metric) -> str:
    """What a metric is called: its name, or the one its alias had in the birth; empty when there is neither."""
    return one.name or (source.names.get(one.alias, "") if one.alias is not None else "")


def _note_text(source: Source, name: str, one: Metric) -> None:
    """A text called batch, lot or serial goes with the readings of its source from now on."""
    known = source.metrics.get(name)
    if not isinstance(one.value, str) or (one.datatype or (known.datatype if known else 0)) not in TEXTS:
        return
    last = name.rpartition("/")[2].lower()
    text = "".join(sign for sign in one.value if sign.isprintable())[:80] or None
    if last in _LOTS and source.lot != text:
        source.lot, source.changed = text, True
    elif last == "serial" and source.serial != text:
        source.serial, source.changed = text, True


def _timed(spoken: Spoken, at: int) -> Spoken:
    """A metric without a time of its own has that of its payload."""
    if spoken.metric.at is not None:
        return spoken
    one = spoken.metric
    timed = Metric(one.name, one.alias, at, one.datatype, one.value, one.null, one.historical, one.unit)
    return Spoken(spoken.name, timed, spoken.unit, spoken.doubtful, spoken.lot, spoken.serial)


def _bd_seq(payload: Payload) -> int | None:
    found = next((one.value for one in payload.metrics if one.name == BD_SEQ), None)
    return int(found) % 256 if isinstance(found, float) and abs(found) < 1 << 53 else None


def moment(at: int | None) -> datetime | None:
    """Milliseconds of epoch as a time; None when there is none or it is beyond the calendar."""
    if at is None or at > 253_402_300_799_000:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
