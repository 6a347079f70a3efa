"""Run rules for many characteristics at once: one point of each per step, states of spc.streaming as columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spc.rules import LONGEST, NELSON, Rule, RuleNames, chosen, standardise
from spc.streaming import LANES, State
from spc.values import BadInput, Bools, Floats, Masks

_KEEP = np.uint32((1 << LONGEST) - 1)
_ONE = np.uint32(1)


@dataclass(frozen=True)
class Fleet:
    """The rule states of m characteristics: `bits` uint32 (12, m) in order of streaming.LANES, `last` floats (m,)."""

    bits: Masks
    last: Floats

    @classmethod
    def start(cls, size: int) -> Fleet:
        """Fresh states for `size` characteristics."""
        return cls(np.zeros((len(LANES), size), dtype=np.uint32), np.full(size, math.nan))

    @classmethod
    def of(cls, states: Sequence[State]) -> Fleet:
        """Columns from single states, in order."""
        rows = [[bits >> LONGEST * lane & int(_KEEP) for lane in range(len(LANES))] for bits, _ in states]
        last = np.array([last for _, last in states], dtype=np.float64)
        return cls(np.array(rows, dtype=np.uint32).reshape(len(rows), len(LANES)).T.copy(), last)

    def texts(self) -> list[str]:
        """The states as texts, each as spc.streaming.to_json() writes it."""
        pairs = self.bits[::2].astype(np.int64) | self.bits[1::2].astype(np.int64) << LONGEST
        digits = pairs[::-1].T.tolist()  # two lanes are fifteen hexadecimal digits
        lasts = ["null" if last != last else repr(last) for last in self.last.tolist()]  # noqa: PLR0124 - a NaN
        shown = (("%015x" * len(row) % tuple(row)).lstrip("0") or "0" for row in digits)
        return [f'["{text}",{last}]' for text, last in zip(shown, lasts, strict=True)]

    def state(self, index: int) -> State:
        """The state of one characteristic (from 0)."""
        bits = sum(int(lane) << LONGEST * i for i, lane in enumerate(self.bits[:, index]))
        return bits, float(self.last[index])


def step_all(
    fleet: Fleet,
    x: Floats,
    center: Floats | float,
    sigma: Floats | float,
    rules: RuleNames = NELSON,
    *,
    mixture_one_side: bool = False,
) -> tuple[Fleet, Masks]:
    """One point of every characteristic: the next states and a mask each, equal to spc.streaming.step.

    In: x, center, sigma shape (m,) (center and sigma may be scalars), NaN = no value now, counted as a gap. Out: the
    next Fleet and uint32 masks, shape (m,). For own rule sets per characteristic evaluate the union and keep the bits
    each one asks for. Raises BadInput when the number of values differs from the number of states.
    Source: spc.rules.Rule.
    """
    if np.shape(x) != fleet.last.shape:
        raise BadInput(
            f"{np.size(x)} values came for {fleet.last.size} characteristics: give one value (or NaN) for each."
        )
    with np.errstate(invalid="ignore"):
        z, noise = standardise(np.asarray(x, dtype=np.float64), center, sigma)
        move = z - fleet.last
        flags = {"rise": move > noise, "fall": move < -np.asarray(noise), "within": np.abs(z) < 1 - noise}
        flags |= {f"high{k}": z > k + noise for k in range(4)} | {f"low{k}": z < -k - noise for k in range(4)}
    bits: Masks = (fleet.bits << _ONE) & _KEEP
    for i, lane in enumerate(LANES[:-1]):
        bits[i] |= flags[lane]
    bits[-1] |= _ONE
    mask = np.zeros(fleet.last.size, dtype=np.uint32)
    for rule in chosen(rules):
        mask |= _fires(bits, rule, mixture_one_side).astype(np.uint32) << np.uint32(rule.bit)
    return Fleet(bits, z), mask


def _window(count: int) -> np.uint32:
    return np.uint32((1 << count) - 1)


def _enough(register: Masks, places: Masks, rule: Rule) -> Bools:
    seen = register & _window(rule.window)
    whole = (places >> np.uint32(rule.window - 1)) & _ONE
    enough: Bools = (np.bitwise_count(seen) >= rule.needed) & ((seen & whole) != 0)
    return enough


def _fires(bits: Masks, rule: Rule, one_side: bool) -> Bools:
    high, low = bits[LANES.index(f"high{rule.sigmas}")], bits[LANES.index(f"low{rule.sigmas}")]
    if rule.test in ("beyond", "side"):
        return _enough(high, bits[-1], rule) | _enough(low, bits[-1], rule)
    if rule.test == "within":
        return _enough(bits[LANES.index("within")], bits[-1], rule)
    if rule.test == "mixture":
        return _mixed(high & _window(rule.window), low & _window(rule.window), rule, one_side)
    return _moves(bits[LANES.index("rise")], bits[LANES.index("fall")], rule)


def _mixed(up: Masks, down: Masks, rule: Rule, one_side: bool) -> Bools:
    every: Bools = (up | down) == _window(rule.window)
    return every if one_side else every & (up != 0) & (down != 0)


def _moves(rise: Masks, fall: Masks, rule: Rule) -> Bools:
    steps = _window(rule.window - 1)
    odd, even = (
        (steps, np.uint32(0))
        if rule.test == "trend"
        else (np.uint32(0x15555555) & steps, np.uint32(0x2AAAAAAA) & steps)
    )
    upward: Bools = ((rise & odd) == odd) & ((fall & even) == even)
    downward: Bools = ((fall & odd) == odd) & ((rise & even) == even)
    return upward | downward
