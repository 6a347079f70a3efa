"""Rule sets that people put together: known rules by name or family, and rules of their own as plain data."""

from __future__ import annotations

import re
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
_SIGNS = (  # the first word found says which test a sentence means
    ("both sides", "mixture"), ("rising", "trend"), ("falling", "trend"), ("alternating", "alternating"),
    ("within", "within"), ("beyond", "beyond"), ("one side", "side"),
)  # fmt: skip
_COUNTS = re.compile(r"^(\d{1,3})(?:\s+of\s+(\d{1,3}))?\b")
_SIGMAS = re.compile(r"(?:within|beyond)\s+(\d)(?!\.\d)")


def ruleset(entries: Sequence[Any], *, first_bit: int = _FIRST_OWN_BIT) -> tuple[Rule, ...]:
    """The rules of a set.

    In: names of rules ("nelson_1", "we_4"), of families ("nelson", "western-electric", "all") and own rules as
    {"name", "test", "needed", "window", "sigmas"}: test beyond, side, trend, alternating, within or mixture; needed
    default = window; sigmas default 0 (1 for within and mixture). Own rules take the bits from first_bit on, in order.
    Out: Rules, each once. Raises BadInput for unknown names and rules that cannot be evaluated. Source: Rule.
    """
    if isinstance(entries, str) or not isinstance(entries, Sequence):
        raise BadInput("rules must be a list of rule names.")
    found: list[str | Rule] = []
    own = 0
    for entry in entries:
        if isinstance(entry, Mapping):
            found.append(_own(entry, first_bit + own, own + 1))
            own += 1
        elif isinstance(entry, str):
            found += _FAMILIES.get(entry.lower().replace("_", "-"), (entry,))
        else:
            raise BadInput("rules must be a list of rule names.")
    return chosen(found)


def read_rule(sentence: str) -> dict[str, Any]:
    """An own rule written as a sentence, as plain data for ruleset().

    In: "3 of 4 points beyond 2σ on one side", "10 of 11 on one side of the centre line", "7 rising or falling",
    "12 alternating up and down", "15 within 1σ" or "6 beyond 1σ, on both sides"; what a rule's words say can be read
    back. Out: {"test", "needed", "window", "sigmas"}. Raises BadInput for any other text. Source: Rule.
    """
    text = " ".join(sentence.lower().split())
    counts, test = _COUNTS.match(text), next((test for sign, test in _SIGNS if sign in text), None)
    sigmas = _SIGMAS.search(text)
    if counts is None or test is None or (test in ("beyond", "within", "mixture") and sigmas is None):
        raise BadInput(
            f"{sentence.strip()[:80]!r} is no rule. Write it like: 3 of 4 beyond 2 sigma on one side; 10 of 11 on one "
            "side; 7 rising or falling; 12 alternating; 15 within 1 sigma; 6 beyond 1 sigma on both sides."
        )
    needed, window = int(counts[1]), int(counts[2] or counts[1])
    return {"test": test, "needed": needed, "window": window, "sigmas": int(sigmas[1]) if sigmas else 0}


def _own(entry: Mapping[str, Any], bit: int, number: int) -> Rule:
    name, test = str(entry.get("name") or f"own_{number}"), entry.get("test")
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
