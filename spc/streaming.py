"""Run rules point by point: a small state instead of a history, masks equal to the batch evaluator."""
from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from spc.rules import LONGEST, NELSON, NOISE, ROUNDING, Rule, RuleNames, chosen
from spc.values import BadInput

LANES = ("rise", "fall", "high0", "low0", "within", "high1", "low1", "high2", "low2", "high3", "low3")
_FIRST = {name: 1 << LONGEST * i for i, name in enumerate(LANES)}
_NEWEST = sum(_FIRST.values())
_KEEP = (1 << LONGEST * len(LANES)) - 1 - _NEWEST
_ZONES = ("high0", "low0"), ("high1", "low1"), ("high2", "low2"), ("high3", "low3")


class State(NamedTuple):
    """What the rules need of the past.

    bits: one lane of 30 bits for each condition in LANES (bit 0 of a lane is the newest point); last: the newest
    distance from the centre in sigmas, NaN after a gap and at the start. A gap leaves a 0 in every lane.
    """

    bits: int = 0
    last: float = math.nan

    def to_json(self) -> str:
        """The state as a short JSON list: the bits in hexadecimal, and the last value (null when there is none)."""
        return json.dumps([f"{self.bits:x}", self.last if math.isfinite(self.last) else None], separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> State:
        """The state that to_json() wrote. Raises BadInput when the text is something else."""
        try:
            digits, last = json.loads(text)
            bits = int(digits, 16)
            if not 0 <= bits <= _KEEP + _NEWEST:
                raise ValueError("out of range")
            return cls(bits, math.nan if last is None else float(last))
        except (ValueError, TypeError) as error:
            raise BadInput("This is not a saved state of the run rules.") from error


START = State()
Step = Callable[[State, float, float, float], "tuple[State, int]"]
_Count = tuple[int, int, int]  # bits to look at, how many must be set, bit of the mask
_Mix = tuple[int, int, int, int]  # bits of the upper side, of the lower side, how many, bit of the mask


def stepper(rules: RuleNames = NELSON, *, mixture_one_side: bool = False) -> Step:
    """The point-by-point evaluator of a rule set: `(state, x, center, sigma) -> (state, mask)`, fit for a tight loop.

    In: x a value or NaN for a gap; center and sigma of the plotted point. Out: the next state, and the mask with bit
    `rule.bit` set for each rule that fires at this point. Equal point for point to spc.rules.evaluate. Start a stream,
    a stage or a new limit version with START. Source: definitions in spc.rules.Rule.
    """
    return _stepper(chosen(rules), mixture_one_side)


def step(state: State, x: float, center: float, sigma: float, rules: RuleNames = NELSON) -> tuple[State, int]:
    """One point: the next state and the mask of the rules that fire; see stepper()."""
    return _stepper(chosen(rules), False)(state, x, center, sigma)


@lru_cache(maxsize=256)
def _stepper(rules: tuple[Rule, ...], one_side: bool) -> Step:
    counts = [test for rule in rules for test in _counts(rule)]
    mixes = [_mix(rule) for rule in rules if rule.test == "mixture"]
    candidates: dict[int, tuple[tuple[_Count, ...], tuple[_Mix, ...]]] = {}
    make, infinity, nan = tuple.__new__, math.inf, math.nan
    rise, fall, within = _FIRST["rise"], _FIRST["fall"], _FIRST["within"]
    above = [sum(_FIRST[up] for up, _ in _ZONES[:k]) for k in range(5)]
    below = [sum(_FIRST[down] for _, down in _ZONES[:k]) for k in range(5)]

    def advance(state: State, x: float, center: float, sigma: float) -> tuple[State, int]:
        bits, last = state
        z = (x - center) / sigma if 0.0 < sigma < infinity else nan
        if not -infinity < z < infinity:
            return make(State, (bits << 1 & _KEEP, nan)), 0
        noise = NOISE + ROUNDING * abs(center) / sigma
        move = z - last
        flags = rise if move > noise else fall if move < -noise else 0
        if z > noise:
            flags |= above[1 if z <= 1 + noise else 2 if z <= 2 + noise else 3 if z <= 3 + noise else 4]
        elif z < -noise:
            flags |= below[1 if z >= -1 - noise else 2 if z >= -2 - noise else 3 if z >= -3 - noise else 4]
        if -1 + noise < z < 1 - noise:
            flags |= within
        bits = bits << 1 & _KEEP | flags
        tests = candidates.get(flags)
        if tests is None:  # only rules that the newest point takes part in can fire
            tests = candidates[flags] = _possible(counts, flags), tuple(m for m in mixes if flags & (m[0] | m[1]))
        mask = 0
        for look, needed, bit in tests[0]:
            if (bits & look).bit_count() >= needed:
                mask |= bit
        for upper, lower, needed, bit in tests[1]:
            if (bits & (upper | lower)).bit_count() >= needed and (one_side or (bits & upper and bits & lower)):
                mask |= bit
        return make(State, (bits, z)), mask

    return advance


def _possible(counts: list[_Count], flags: int) -> tuple[_Count, ...]:
    return tuple(test for test in counts if test[0] & flags)


def _lane(name: str, pattern: int) -> int:
    return _FIRST[name] * pattern


def _counts(rule: Rule) -> list[_Count]:
    """The patterns of a rule: it fires when enough of the bits looked at are set, the newest among them."""
    ones, steps, bit = (1 << rule.window) - 1, (1 << rule.window - 1) - 1, 1 << rule.bit
    if rule.test in ("beyond", "side"):
        return [(_lane(side, ones), rule.needed, bit) for side in _ZONES[rule.sigmas]]
    if rule.test == "within":
        return [(_lane("within", ones), rule.needed, bit)]
    if rule.test == "trend":
        return [(_lane(way, steps), rule.window - 1, bit) for way in ("rise", "fall")]
    if rule.test == "alternating":
        odd, even = 0x15555555 & steps, 0x2AAAAAAA & steps
        return [(_lane(a, odd) | _lane(b, even), rule.window - 1, bit) for a, b in (("rise", "fall"), ("fall", "rise"))]
    return []


def _mix(rule: Rule) -> _Mix:
    ones = (1 << rule.window) - 1
    upper, lower = (_lane(side, ones) for side in _ZONES[rule.sigmas])
    return upper, lower, rule.needed, 1 << rule.bit
