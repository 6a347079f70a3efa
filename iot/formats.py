"""Wire format v1: what a payload must look like, and why one is refused. Knows no database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Annotated, Any

import msgspec
from msgspec import Meta

LARGEST = 64 * 1024  # bytes of one payload
OWN_UNIT = "="  # the value is in the parameter's own unit, whichever that is
_WORDS = re.compile(r"[^\x00-\x1f\x7f]{0,80}\Z")
_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,60}\Z")

Text = Annotated[str, Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
Name = Annotated[str, Meta(max_length=60, pattern=r"^[A-Za-z0-9_.\-]+$")]
Moment = Annotated[datetime, Meta(tz=True)]
Number = Annotated[int, Meta(ge=0, le=2_147_483_647)]
Unit = Annotated[str, Meta(max_length=40)]
Quality = Annotated[int, Meta(ge=0, le=255)]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 253_402_300_799_000_000  # microseconds of epoch at the end of the calendar


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reading as sent: value, measured time, unit; `p` names the parameter in a station message."""

    v: float | bool
    t: Moment
    u: Unit | None = None
    p: Name = ""
    seq: Number = 0
    boot: Number | Text | None = None
    lot: Text | None = None
    serial: Text | None = None
    q: Quality = 192
    hist: bool = False

    @property
    def poor(self) -> bool:
        """Whether the device itself doubts the value (quality below "good" in the OPC scale)."""
        return self.q < 192


class Columns(msgspec.Struct, frozen=True):
    """Many readings as columns; what is one value instead of a list holds for all of them.

    `ts` in microseconds of epoch; `p` is left out on a parameter's own topic. The patterns of texts are checked apart:
    the library crashes at exit over a type that allows a patterned text and a list of them.
    """

    ts: list[Annotated[int, Meta(ge=0, le=_LATEST)]]
    v: list[float | bool]
    p: list[str] | str = ""
    u: list[Unit | None] | Unit | None = None
    seq: list[Number] | Number = 0
    boot: int | str | None = None
    lot: list[str | None] | str | None = None
    serial: list[str | None] | str | None = None
    q: list[Quality] | Quality = 192
    hist: bool = False


class Plain(msgspec.Struct, frozen=True, gc=False):
    """Columns whose values are numbers; names and units stay bytes, because they are the same ever again."""

    ts: list[Annotated[int, Meta(ge=0, le=_LATEST)]]
    v: list[float]
    p: msgspec.Raw = msgspec.Raw(b'""')
    u: msgspec.Raw = msgspec.Raw(b"null")
    seq: list[Number] | Number = 0
    boot: int | str | None = None
    lot: list[str | None] | str | None = None
    serial: list[str | None] | str | None = None
    q: list[Quality] | Quality = 192
    hist: bool = False


class _Station(msgspec.Struct):
    readings: list[Entry]


class _Loose(msgspec.Struct):
    readings: list[msgspec.Raw] | None = None


@dataclass(frozen=True)
class Refusal:
    """Why a payload, or one entry of it, is not taken: a stable code, words, and where."""

    reason: str
    detail: str
    position: str = "$"


Decoded = list[tuple[str, "Entry | Refusal"]]  # (position, what it is)

_single = msgspec.json.Decoder(Entry)
_station = msgspec.json.Decoder(_Station)
_columns = msgspec.json.Decoder(Columns)
_plain = msgspec.json.Decoder(Plain)
_names = msgspec.json.Decoder(list[str] | str)
_units = msgspec.json.Decoder(list[Unit | None] | Unit | None)
_loose = msgspec.json.Decoder(_Loose)
_BYTE = re.compile(r"byte (\d+)")
_PATH = re.compile(r"`(\$[^`]*)`")


def decode(payload: bytes) -> Decoded:
    """The entries of a payload, each with its position, refusals in place of those that cannot be taken.

    One entry for a parameter's topic, many for a station's `readings`; a refusal at `$` stands for the whole payload.
    Never raises.
    """
    if refusal := _refuse_bytes(payload):
        return [("$", refusal)]
    try:
        if b'"readings"' in payload:
            return _decode_station(payload)
        if b'"ts"' in payload and (found := _decode_columns(payload)) is not None:
            return found
        entry = _single.decode(payload)
    except (msgspec.DecodeError, RecursionError) as problem:
        return [("$", _explain(payload, problem, ""))]
    return [("$", entry)]


def plain(payload: bytes) -> Entry | Plain | None:
    """One reading or columns without a fault; None for whatever `decode` has to look at entry by entry."""
    if len(payload) > LARGEST or b'"readings"' in payload:
        return None
    try:
        payload.decode()
        if b'"ts"' not in payload:
            return _single.decode(payload)
        told = _plain.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return told if _is_even(told) and _words_are_sound(told) else None


def _is_even(told: Plain) -> bool:
    count = len(told.ts)
    columns = (told.v, told.seq, told.q, told.lot, told.serial)
    return count > 0 and all(len(one) == count for one in columns if one.__class__ is list)


def spoken(names: bytes, units: bytes) -> tuple[list[str] | str, list[str | None] | str | None] | None:
    """The parameters and units of plain columns, lists or the same for all; None when one is not well written."""
    try:
        told, unit = _names.decode(names), _units.decode(units)
    except msgspec.DecodeError:
        return None
    listed = told if isinstance(told, list) else [told] if told else []
    return (told, unit) if all(_NAME.match(one) for one in set(listed)) else None


def _refuse_bytes(payload: bytes) -> Refusal | None:
    if not payload:
        return Refusal("payload.empty", "The payload is empty.")
    if len(payload) > LARGEST:
        return Refusal("payload.size", f"The payload has {len(payload)} bytes; {LARGEST} are allowed.")
    try:
        payload.decode()
    except UnicodeDecodeError as problem:
        return Refusal("payload.utf8", "The payload is not UTF-8 text.", f"byte {problem.start}")
    return None


def _decode_station(payload: bytes) -> Decoded:
    try:
        entries = _station.decode(payload).readings
        if all(entry.p for entry in entries) and entries:
            return [(f"$.readings[{i}]", entry) for i, entry in enumerate(entries)]
    except (msgspec.ValidationError, RecursionError):
        pass  # the slow way below finds which entries are sound
    loose = _loose.decode(payload).readings
    if loose is None:
        return [("$", _single.decode(payload))]
    if not loose:
        return [("$", Refusal("json.shape", "The list of readings is empty.", "$.readings"))]
    return [(f"$.readings[{i}]", _decode_entry(bytes(raw), f".readings[{i}]")) for i, raw in enumerate(loose)]


def _decode_entry(raw: bytes, where: str) -> Entry | Refusal:
    try:
        entry = _single.decode(raw)
    except (msgspec.DecodeError, RecursionError) as problem:
        return _explain(raw, problem, where)
    if not entry.p:
        return Refusal("parameter.missing", "A reading of a station names its parameter as p.", f"${where}.p")
    return entry


def _decode_columns(payload: bytes) -> Decoded | None:
    """The readings of a columnar payload; None when it is none, such as a single reading with a field named ts."""
    told: Columns | None
    try:
        told = _columns.decode(payload)
    except msgspec.ValidationError:
        told = None
    if told is None or not _well_written(told):
        loose = msgspec.json.decode(payload)
        if not isinstance(loose, dict) or not isinstance(loose.get("ts"), list):
            return None
        return _uneven(loose) or _decode_rows(loose)
    if refusal := _uneven(msgspec.structs.asdict(told)):
        return refusal
    if not told.ts:
        return [("$", Refusal("json.shape", "The list of times is empty.", "$.ts"))]
    wide = [one if isinstance(one, list) else repeat(one) for one in (told.u, told.p, told.seq)]
    also = [one if isinstance(one, list) else repeat(one) for one in (told.lot, told.serial, told.q)]
    boot, hist = told.boot, told.hist
    rows = zip(told.v, told.ts, *wide, *also)  # noqa: B905 - of one length, or without end
    return [
        (f"$[{at}]", Entry(v, _EPOCH + timedelta(microseconds=ts), u, p, seq, boot, lot, serial, q, hist))
        for at, (v, ts, u, p, seq, lot, serial, q) in enumerate(rows)
    ]


def _well_written(told: Columns) -> bool:
    """Whether names and texts are as their types say."""
    names = set(told.p) if isinstance(told.p, list) else {told.p} - {""}
    return _words_are_sound(told) and all(_NAME.match(one) for one in names)


def _words_are_sound(told: Columns | Plain) -> bool:
    if told.lot is None and told.serial is None and told.boot is None:
        return True
    texts = {one for column in (told.lot, told.serial) for one in (column if isinstance(column, list) else [column])}
    sound = all(_WORDS.match(one) for one in texts | {told.boot if isinstance(told.boot, str) else None} if one)
    return sound and not (isinstance(told.boot, int) and not 0 <= told.boot < 1 << 31)


def _uneven(told: dict[str, Any]) -> Decoded | None:
    """A refusal of the whole when its columns differ in length: nobody can say which value belongs to which time."""
    count = len(told["ts"])
    for name, column in told.items():
        if name in Columns.__struct_fields__ and isinstance(column, list) and len(column) != count:
            words = f"The column {name} has {len(column)} values and ts has {count}: all columns are of one length."
            return [("$", Refusal("columns.length", words, f"$.{name}"))]
    if not isinstance(told.get("v"), list):
        return [("$", Refusal("value.missing", "The column v is missing.", "$.v"))]
    return None


def _decode_rows(told: dict[str, Any]) -> Decoded:
    """Row by row, so that a bad value costs itself alone."""
    fields = {name: value for name, value in told.items() if name in Columns.__struct_fields__}
    found: Decoded = []
    for at in range(len(told["ts"])):
        row = {name: value[at] if isinstance(value, list) else value for name, value in fields.items()}
        found.append((f"$[{at}]", _decode_row(row, f"[{at}]")))
    return found or [("$", Refusal("json.shape", "The list of times is empty.", "$.ts"))]


def _decode_row(row: dict[str, Any], where: str) -> Entry | Refusal:
    ts = row.pop("ts")
    if not isinstance(ts, int) or isinstance(ts, bool) or not 0 <= ts <= _LATEST:
        return Refusal("time.invalid", "A time in ts is a whole number of microseconds since 1970.", f"${where}.ts")
    try:
        return msgspec.convert({**row, "t": _EPOCH + timedelta(microseconds=ts)}, Entry)
    except msgspec.ValidationError as problem:
        return _explain_field(b"", str(problem), where)


def _explain(payload: bytes, problem: Exception, where: str) -> Refusal:
    """The reason code of a payload the decoder refused."""
    text = str(problem)
    if isinstance(problem, RecursionError):
        return Refusal("json.depth", "The payload is nested too deeply.", f"${where}")
    if isinstance(problem, msgspec.ValidationError):
        return _explain_field(payload, text, where)
    byte = int(found[1]) if (found := _BYTE.search(text)) else 0
    if re.search(rb"nan|inf", payload[max(0, byte - 3) : byte + 4], re.IGNORECASE) or "out of range" in text:
        return Refusal("value.not_finite", "The value is not a finite number.", f"byte {byte}")
    return Refusal("json.invalid", f"The payload is not JSON: {text}."[:300], f"byte {byte}")


_FIELDS = {
    "v": ("value.type", "The value v must be a number."),
    "u": ("unit.type", "The unit u must be a short text."),
    "p": ("parameter.name", "The parameter p may hold letters, digits, dot, dash and underscore."),
}


_WORD = "a text of at most 80 characters without control characters"
_EXTRAS = {
    "hist": "true or false",
    "seq": "a whole number from 0 to 2147483647",
    "boot": f"a whole number from 0 to 2147483647 or {_WORD}",
    "lot": _WORD,
    "serial": _WORD,
    "q": "a whole number from 0 to 255",
}


def _explain_field(payload: bytes, text: str, where: str) -> Refusal:
    path = found[1] if (found := _PATH.search(text)) else "$"
    name = path.rpartition(".")[2].partition("[")[0].strip("$")
    place = f"${where}{path[1:]}"
    if "missing required field" in text:
        missing = text.split("`")[1]
        code = {"v": "value.missing", "t": "time.missing"}.get(missing, "json.shape")
        return Refusal(code, f"The field {missing} is missing.", f"{place}.{missing}")
    if "out of range" in text:
        return Refusal("value.not_finite", "The value is not a finite number.", place)
    if name == "t":
        return _explain_time(payload, place)
    if name in _FIELDS:
        return Refusal(*_FIELDS[name], place)
    if name in _EXTRAS:
        return Refusal("field.invalid", f"{name} must be {_EXTRAS[name]}.", place)
    return Refusal("json.shape", "The payload is no reading: expected an object with v and t, or readings.", place)


def _explain_time(payload: bytes, place: str) -> Refusal:
    """Tell a time without a zone from a text that is no time."""
    heard: Any = None
    try:
        heard = msgspec.json.decode(payload)["t"]
        moment = datetime.fromisoformat(heard)
    except (ValueError, TypeError, KeyError, msgspec.DecodeError):
        return Refusal(
            "time.invalid", f"{str(heard)[:60]!r} is no ISO 8601 time such as 2026-11-21T09:00:00.123Z.", place
        )
    if moment.tzinfo is None:
        return Refusal("time.naive", "The time has no zone: append Z or an offset such as +01:00.", place)
    return Refusal("time.invalid", f"{heard!r} is not in the form 2026-11-21T09:00:00.123Z.", place)
