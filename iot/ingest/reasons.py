"""Why a payload was not taken, in words; the code stays for those who write the other end."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "payload.empty": "Nothing in it",
    "payload.size": "Too large",
    "payload.utf8": "Not a text in UTF-8",
    "json.invalid": "Not JSON",
    "json.depth": "Nested too deeply",
    "json.shape": "No reading in it",
    "columns.length": "Columns of different lengths",
    "value.missing": "No value",
    "value.type": "Value is a text",
    "value.not_finite": "Value is not finite",
    "value.kind": "Not the kind of value expected",
    "time.missing": "No measured time",
    "time.naive": "Time without a zone",
    "time.invalid": "Time cannot be read",
    "time.future": "Time in the future",
    "time.ancient": "Time too long ago",
    "unit.missing": "No unit",
    "unit.unknown": "Unknown unit",
    "unit.incompatible": "Unit cannot be converted",
    "unit.type": "Unit is not a text",
    "parameter.missing": "No parameter named",
    "parameter.name": "Parameter has no usable name",
    "parameter.inactive": "Parameter not in use",
    "field.invalid": "A field is out of range",
    "topic.site": "No known site in the topic",
    "topic.levels": "Wrong number of levels in the topic",
    "topic.unmapped": "Nobody has named this topic yet",
    "topic.case": "Small and capital letters mixed",
    "device.blocked": "Device is blocked",
    "profile.items": "Profile finds no readings",
    "profile.target": "Profile finds no parameter",
    "sparkplug.topic": "Not a topic of Sparkplug",
    "sparkplug.payload": "Not a payload of Sparkplug",
    "sparkplug.unborn": "No birth was heard yet",
    "sparkplug.alias": "No birth named this alias",
    "sparkplug.nodes": "Too many edge nodes",
    "store.refused": "The database refused it",
    "store.expired": "Older than what is kept",
    "stored": "Stored",
    "duplicate": "Heard before",
    "correction": "Heard before with another value",
    "late": "Came late",
}


def in_words(code: str) -> str:
    """A reason in words; a code of another release as it stands."""
    return REASONS.get(code, code)
