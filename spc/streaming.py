"""Run rules point by point: a small state instead of a history, masks equal to the batch evaluator."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from spc.rules import LONGEST, NELSON, NOISE, ROUNDING, Rule, RuleNames, chosen
from spc.values import BadInput

LANES = ("rise", "fall", "high0", "low0", "within", "high1", "low1", "high2", "low2", "high3", "low3", "seen")
_FIRST = {name: 1 << LONGEST * i for i, name in enumerate(LANES)}
_NEWEST = sum(_FIRST.values())
_KEEP = (1 << LONGEST * len(LANES)) - 1 - _NEWEST
_SEEN = _FIRST["seen"] * ((1 << LONGEST) - 1)
_BROKEN = "This is not a saved state of the run rules."
_ZONES = ("high0", "low0"), ("high1", "low1"), ("high2", "low2"), ("high3", "low3")


State: TypeAlias = tuple[int, float]
"""What the rules need of the past: (bits, last).

bits: one lane of 30 bits for each condition in LANES (bit 0 of a lane is the newest point); last: the newest distance
from the centre in sigmas, NaN after a gap and at the start. A gap leaves a 0 in every lane but "seen", which counts the
places of a window that is not yet complete. A plain tuple: it is made anew for every point, and a class would cost a
fifth of the time.
"""


def to_json(state: State) -> str:
    """The state as a short JSON list: the bits in hexadecimal, and the last value (null when there is none).

    In: a State. Out: text. Source: the layout of State.
    """
    bits, last = state
    return json.dumps([f"{bits:x}", last if math.isfinite(last) else None], separators=(",", ":"))


def from_json(text: str) -> State:
    """The state that to_json() wrote.

    In: text. Out: State. Raises BadInput when the text is something else, also a state that does not say how many
    places were seen: it is made anew from the points. Source: the layout of State.
    """
    try:
        digits, last = json.loads(text)
        bits, value = int(digits, 16), math.nan if last is None else float(last)
    except (ValueError, TypeError) as error:
        raise BadInput(_BROKEN) from error
    started = bits > 0 or math.isfinite(value)
    if not 0 <= bits <= _KEEP + _NEWEST or (started and not bits & _SEEN):
        raise BadInput(_BROKEN)
    return bits, value


START: State = (0, math.nan)
Step = Callable[[State, float, float, float], "tuple[State, int]"]
_Run = tuple[int, int]  # bits that must all be set, bit of the mask
_Count = tuple[int, int, int, int]  # bits to look at, how many must be set, bit of the mask, bit of a whole window
_Mix = tuple[int, int, int, int]  # bits of the upper side, of the lower side, how many, bit of the mask


def stepper(rules: RuleNames = NELSON, *, mixture_one_side: bool = False) -> Step:
    """The point-by-point evaluator of a rule set: `(state, x, center, sigma) -> (state, mask)`, fit for a tight loop.

    In: x a value or NaN for a gap; center and sigma of the plotted point. Out: the next state, and the mask with bit
    `rule.bit` set for each rule that fires at this point. Equal point for point to spc.rules.evaluate. Start a stream,
    a stage or a new limit version with START. Source: definitions in spc.rules.Rule.
    """
    return _stepper(chosen(rules), mixture_one_side)


def step(state: State, x: float, center: float, sigma: float, rules: RuleNames = NELSON) -> tuple[State, int]:
    """One point: the next state and the mask of the rules that fire.

    In: a State, x, centre and sigma in one unit, rules. Out: (State, mask). Source: see stepper().
    """
    return _stepper(chosen(rules), False)(state, x, center, sigma)


@lru_cache(maxsize=256)
def _stepper(rules: tuple[Rule, ...], one_side: bool) -> Step:  # noqa: C901 - one hot loop, calls would cost a tenth each
    counts = [test for rule in rules for test in _counts(rule)]
    mixes = [_mix(rule) for rule in rules if rule.test == "mixture"]
    candidates: dict[int, tuple[int, tuple[_Run, ...], tuple[_Count, ...], tuple[_Mix, ...]]] = {}
    infinity, nan, keep, least, rounding, seen = math.inf, math.nan, _KEEP, NOISE, ROUNDING, _FIRST["seen"]

    def advance(state: State, x: float, center: float, sigma: float) -> tuple[State, int]:  # noqa: C901 - as above
        bits, last = state
        z = (x - center) / sigma if 0.0 < sigma < infinity else nan
        if not -infinity < z < infinity:
            return (bits << 1 & keep | seen, nan), 0
        noise = least + rounding * (center if center > 0 else -center) / sigma
        far = z if z > 0 else -z
        zone = 0 if far <= noise else 1 if far <= 1 + noise else 2 if far <= 2 + noise else 3 if far <= 3 + noise else 4
        if far < 1 - noise:
            zone += 5
        if z < 0:
            zone += 10
        move = z - last
        code = zone + 20 if move > noise else zone + 40 if move < -noise else zone
        found = candidates.get(code)
        if found is None:  # only rules that the newest point takes part in can fire
            flags = _flags(code)
            mixed_here = tuple(m for m in mixes if flags & (m[0] | m[1]))
            found = candidates[code] = flags, *_possible(counts, flags), mixed_here
        flags, runs, shares, mixed = found
        bits = bits << 1 & keep | flags
        mask = 0
        for look, bit in runs:
            if bits & look == look:
                mask |= bit
        for look, needed, bit, whole in shares:
            if (bits & look).bit_count() >= needed and bits & whole:
                mask |= bit
        for upper, lower, needed, bit in mixed:
            if (bits & (upper | lower)).bit_count() >= needed and (one_side or (bits & upper and bits & lower)):
                mask |= bit
        return (bits, z), mask

    return advance


def _flags(code: int) -> int:
    """The newest bits: code = zone reached (0-4) + 5 within 1 sigma + 10 below the centre + 20 rise or 40 fall."""
    zone, side = code % 5, 1 if code // 10 % 2 else 0
    bits = _FIRST["seen"] + sum(_FIRST[names[side]] for names in _ZONES[:zone])
    bits |= _FIRST["within"] if code // 5 % 2 else 0
    return bits | (_FIRST["rise"] if code // 20 == 1 else _FIRST["fall"] if code // 20 == 2 else 0)


def _possible(counts: list[_Count], flags: int) -> tuple[tuple[_Run, ...], tuple[_Count, ...]]:
    """The tests that look at a newest bit which is set: those that need every bit, and those that need some."""
    near = [test for test in counts if test[0] & flags]
    runs = tuple((look, bit) for look, needed, bit, _ in near if look.bit_count() == needed)
    return runs, tuple(test for test in near if test[0].bit_count() != test[1])


def _lane(name: str, pattern: int) -> int:
    return _FIRST[name] * pattern


def _counts(rule: Rule) -> list[_Count]:
    """The patterns of a rule: it fires when enough of the bits looked at are set, the newest among them."""
    ones, steps, bit = (1 << rule.window) - 1, (1 << rule.window - 1) - 1, 1 << rule.bit
    whole = _lane("seen", 1 << rule.window - 1)
    if rule.test in ("beyond", "side"):
        return [(_lane(side, ones), rule.needed, bit, whole) for side in _ZONES[rule.sigmas]]
    if rule.test == "within":
        return [(_lane("within", ones), rule.needed, bit, whole)]
    if rule.test == "trend":
        return [(_lane(way, steps), rule.window - 1, bit, whole) for way in ("rise", "fall")]
    if rule.test == "alternating":
        odd, even = 0x15555555 & steps, 0x2AAAAAAA & steps
        ways = (("rise", "fall"), ("fall", "rise"))
        return [(_lane(a, odd) | _lane(b, even), rule.window - 1, bit, whole) for a, b in ways]
    return []


def _mix(rule: Rule) -> _Mix:
    ones = (1 << rule.window) - 1
    upper, lower = (_lane(side, ones) for side in _ZONES[rule.sigmas])
    return upper, lower, rule.needed, 1 << rule.bit
