"""Rule sets that people put together: known rules by name or family, and rules of their own as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spc.rules import NELSON, RULES, WESTERN_ELECTRIC, Rule, chosen
from spc.values import BadInput

_FAMILIES = {"nelson": NELSON, "western-electric": WESTERN_ELECTRIC, "we": WESTERN_ELECTRIC, "all": tuple(RULES)}
_WORDS = {
    "beyond": "{needed} of {window} points beyond {sigmas}σ on one side",
    "side": "{needed} of {window} points on one side of the centre line",
    "trend": "{window} points in a row rising or falling",
    "alternating": "{window} points in a row alternating up and down",
    "within": "{needed} of {window} points within {sigmas}σ",
    "mixture": "{window} points in a row beyond {sigmas}σ, on both sides",
}
_FIRST_OWN_BIT = 12


def ruleset(entries: Sequence[Any]) -> tuple[Rule, ...]:
    """The rules of a set.

    In: names of rules ("nelson_1", "we_4"), of families ("nelson", "western-electric", "all") and own rules as
    {"name", "test", "needed", "window", "sigmas"}: test beyond, side, trend, alternating, within or mixture; needed
    default = window; sigmas default 0 (1 for within and mixture). Own rules take the bits from 12 on, in order. Out:
    Rules, each once. Raises BadInput for unknown names and rules that cannot be evaluated. Source: Rule.
    """
    if isinstance(entries, str) or not isinstance(entries, Sequence):
        raise BadInput("rules must be a list of rule names.")
    found: list[str | Rule] = []
    own = 0
    for entry in entries:
        if isinstance(entry, Mapping):
            found.append(_own(entry, _FIRST_OWN_BIT + own))
            own += 1
        elif isinstance(entry, str):
            found += _FAMILIES.get(entry.lower().replace("_", "-"), (entry,))
        else:
            raise BadInput("rules must be a list of rule names.")
    return chosen(found)


def _own(entry: Mapping[str, Any], bit: int) -> Rule:
    name, test = str(entry.get("name") or f"own_{bit - _FIRST_OWN_BIT + 1}"), entry.get("test")
    if test not in _WORDS or name in RULES:
        raise BadInput(f"Rule {name!r} needs a name of its own and a test: {', '.join(_WORDS)}.")
    window = _whole(entry, "window", 1, name)
    needed = _whole(entry, "needed", window, name)
    sigmas = _whole(entry, "sigmas", 1 if test in ("within", "mixture") else 0, name)
    words = _WORDS[test].format(needed=needed, window=window, sigmas=sigmas)
    return Rule(name, 0, words, test, needed, window, sigmas, bit, str(entry.get("means") or ""))


def _whole(entry: Mapping[str, Any], field: str, default: int, name: str) -> int:
    value = entry.get(field, default)
    if type(value) is not int:
        raise BadInput(f"Rule {name!r}: {field} must be a whole number.")
    return value
