"""Device profiles: how readings are found in payloads of another make. Knows no database."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import msgspec

from iot.formats import LARGEST, OWN_UNIT, Entry, Refusal

MOST_ITEMS = 2_000
_STEP = re.compile(r"""\.([A-Za-z_][\w\-]*)|\[(\d{1,6})\]|\[(?:'([^'\]]+)'|"([^"\]]+)")\]""")
_SCALES = {"s": 1_000_000, "ms": 1_000, "us": 1}  # microseconds of one
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GOOD = frozenset({"good", "ok", "valid", "true"})
_UNCERTAIN = frozenset({"uncertain", "doubtful", "suspect"})
_MISSING = object()


class BadPath(ValueError):
    """A text that is no path into a payload; the message says how one is written."""


def steps(path: str) -> tuple[str | int, ...]:
    """The names and places of a path such as `$.data[0].value` or `$['Oil temp']`. Raises BadPath."""
    if not path.startswith("$"):
        raise BadPath("A path begins with $, such as $.data[0].value.")
    found, at = list[str | int](), 1
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise BadPath(f"The path cannot be read from {path[at : at + 20]!r} on: write it like $.data[0].value.")
        name = step[1] or step[3] or step[4]
        found.append(int(step[2]) if name is None else name)
        at = step.end()
    return tuple(found)


def topic_pattern(pattern: str) -> re.Pattern[str]:
    """An MQTT topic filter as an expression; each + is a group. Raises BadPath for a text that is no filter."""
    levels = pattern.split("/")
    if not pattern or any(("+" in one and one != "+") or ("#" in one and one != "#") for one in levels):
        raise BadPath("A topic filter is written in levels; + stands for one level, # at the end for all that follow.")
    if "#" in levels[:-1]:
        raise BadPath("# may stand at the end only.")
    parts = ["([^/]+)" if one == "+" else re.escape(one) for one in levels if one != "#"]
    rest = "(?:/.*)?" if levels[-1] == "#" else ""
    return re.compile("/".join(parts) + rest if parts else ".*", re.DOTALL)


@dataclass(frozen=True)
class Profile:
    """How to read one make's payloads; paths are as people wrote them, empty where the payload says nothing."""

    id: int
    site: int
    code: str  # of the site, small letters
    name: str
    topic: str
    target: str
    value: str
    items: str = ""
    time: str = ""
    time_in: str = "iso"
    unit: str = ""
    unit_path: str = ""
    quality: str = ""
    scale: float = 1.0
    offset: float = 0.0
    paths: Mapping[str, tuple[str | int, ...]] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Read the paths once; raises BadPath."""
        named = {
            name: steps(getattr(self, name))
            for name in ("value", "items", "time", "unit_path", "quality")
            if getattr(self, name)
        }
        object.__setattr__(self, "paths", named)

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """The topic filter as an expression."""
        return topic_pattern(self.topic)

    def read(self, topic: str, payload: bytes, received: datetime) -> list[tuple[str, str, Entry | Refusal]]:
        """(topic of the parameter, position, reading or why there is none) for each thing the payload holds."""
        if len(payload) > LARGEST:
            return [("", "$", Refusal("payload.size", f"The payload has {len(payload)} bytes; {LARGEST} are allowed."))]
        try:
            told = msgspec.json.decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            return [("", "$", Refusal("json.invalid", f"The payload is not JSON: {problem}."[:300]))]
        if not self.items:
            return [self._one(topic, told, "$", received)]
        items = _at(told, self.paths["items"])
        if not isinstance(items, list) or len(items) > MOST_ITEMS:
            words = f"There is no list of at most {MOST_ITEMS} readings at {self.items}."
            return [("", self.items, Refusal("profile.items", words, self.items))]
        return [self._one(topic, one, f"{self.items}[{at}]", received) for at, one in enumerate(items)]

    def _one(self, topic: str, told: Any, place: str, received: datetime) -> tuple[str, str, Entry | Refusal]:
        try:
            return self._named(topic, told, place), place, self._entry(told, place, received)
        except _Refused as problem:
            return "", place, problem.refusal

    def _entry(self, told: Any, place: str, received: datetime) -> Entry:
        value = self._value(_at(told, self.paths["value"]), place)
        unit: Any = _at(told, self.paths["unit_path"]) if self.unit_path else self.unit or OWN_UNIT
        if unit is _MISSING or not isinstance(unit, str) or len(unit) > 40:
            raise _Refused("unit.missing", f"There is no unit at {self.unit_path}.", place)
        quality = _quality(_at(told, self.paths["quality"])) if self.quality else 192
        return Entry(v=value, t=self._moment(told, place, received), u=unit, q=quality)

    def _value(self, found: Any, place: str) -> float | bool:
        if found is _MISSING:
            raise _Refused("value.missing", f"There is no value at {self.value}.", place)
        plain = (self.scale, self.offset) == (1.0, 0.0)
        if isinstance(found, bool) and plain:
            return found
        try:
            number = float(found) * self.scale + self.offset
        except (TypeError, ValueError, OverflowError) as problem:
            words = f"What stands at {self.value} is no number: {repr(found)[:60]}."
            raise _Refused("value.type", words, place) from problem
        if not math.isfinite(number):
            raise _Refused("value.not_finite", "The value is not a finite number.", place)
        return number

    def _moment(self, told: Any, place: str, received: datetime) -> datetime:
        if not self.time:
            return received
        found = _at(told, self.paths["time"])
        if found is _MISSING:
            raise _Refused("time.missing", f"There is no time at {self.time}.", place)
        try:
            return _moment(found, self.time_in)
        except (ValueError, TypeError, OverflowError) as problem:
            words = f"What stands at {self.time} is no time as the profile says: {repr(found)[:60]}."
            raise _Refused("time.invalid", words, place) from problem

    def _named(self, topic: str, told: Any, place: str) -> str:
        """The topic of the parameter: {1}, {2}.. are levels of the topic, {$.path} is what stands there."""
        levels = topic.split("/")

        def said(match: re.Match[str]) -> str:
            if match[1].isdigit():
                at = int(match[1])
                found: Any = levels[at - 1] if 0 < at <= len(levels) else _MISSING
            else:
                found = _at(told, steps(match[1]))
            if not isinstance(found, str | int) or found == "":
                raise _Refused("profile.target", f"There is no name for {{{match[1]}}} of the target.", place)
            return str(found)

        named = re.sub(r"\{([^{}]+)\}", said, self.target).strip("/")
        if named.lower().split("/")[0] != self.code:
            raise _Refused(
                "profile.target", f"The target {named[:80]!r} is not of the site {self.code.upper()}.", place
            )
        return named[:400]


class _Refused(Exception):
    def __init__(self, reason: str, detail: str, position: str) -> None:
        super().__init__(detail)
        self.refusal = Refusal(reason, detail, position[:80])


def _at(told: Any, path: tuple[str | int, ...]) -> Any:
    """What stands at a path; a mark when there is nothing."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(told, list) or step >= len(told):
                return _MISSING
            told = told[step]
        elif isinstance(told, dict) and step in told:
            told = told[step]
        else:
            return _MISSING
    return told


def _moment(found: Any, kind: str) -> datetime:
    if kind in _SCALES:
        return _EPOCH + timedelta(microseconds=round(float(found) * _SCALES[kind]))
    moment = datetime.fromisoformat(found)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment


def _quality(found: Any) -> int:
    """A quality on the OPC scale: numbers as they are, words and yes or no by their meaning."""
    if isinstance(found, bool):
        return 192 if found else 0
    if isinstance(found, int):
        return min(255, max(0, found))
    word = str(found).strip().lower()
    return 192 if word in _GOOD else 64 if word in _UNCERTAIN else 0
