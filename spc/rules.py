"""Run rules: what each one says, and the batch evaluator over whole series."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from spc.values import BadInput, Bools, Floats, Masks

Test = Literal["beyond", "side", "trend", "alternating", "within", "mixture"]


@dataclass(frozen=True)
class Rule:
    """One run rule: `needed` of `window` points pass `test`; the rule marks the last point of a complete window.

    test beyond: strictly beyond `sigmas` on one side, the last point among them; side: strictly on one side of the
    centre line; trend: strictly rising or falling; alternating: up and down by turns; within: strictly within
    `sigmas`; mixture: strictly beyond `sigmas` on either side, with both sides present. Bit `bit` of a mask is set
    where the rule fires. Sources: Nelson, J. Quality Technology 16 (1984); Western Electric handbook (1956).
    """

    name: str
    number: int
    words: str
    test: Test
    needed: int
    window: int
    sigmas: int
    bit: int
    means: str

    @property
    def label(self) -> str:
        """Name for a person: "Nelson 5", "Western Electric 2", "Own 1"."""
        family, _, rest = self.name.partition("_")
        return f"{ {'nelson': 'Nelson', 'we': 'Western Electric', 'own': 'Own'}.get(family, family) } {rest}"


_SHIFT = "The process level has moved."
_LARGE = "A large, sudden disturbance of this one point."
_CATALOGUE = (
    Rule("nelson_1", 1, "1 point beyond 3σ", "beyond", 1, 1, 3, 0, _LARGE),
    Rule("nelson_2", 2, "9 points in a row on one side of the centre line", "side", 9, 9, 0, 1, _SHIFT),
    Rule(
        "nelson_3",
        3,
        "6 points in a row rising or falling",
        "trend",
        6,
        6,
        0,
        2,
        "A drift, such as wear or warming up.",
    ),
    Rule(
        "nelson_4",
        4,
        "14 points in a row alternating up and down",
        "alternating",
        14,
        14,
        0,
        3,
        "Two sources by turns, or over-adjustment.",
    ),
    Rule(
        "nelson_5",
        5,
        "2 of 3 points beyond 2σ on one side",
        "beyond",
        2,
        3,
        2,
        4,
        "A medium shift of the process level.",
    ),
    Rule(
        "nelson_6",
        6,
        "4 of 5 points beyond 1σ on one side",
        "beyond",
        4,
        5,
        1,
        5,
        "A small shift of the process level.",
    ),
    Rule(
        "nelson_7",
        7,
        "15 points in a row within 1σ",
        "within",
        15,
        15,
        1,
        6,
        "Less spread than the limits allow: mixed strata in a subgroup, or limits out of date.",
    ),
    Rule(
        "nelson_8", 8, "8 points in a row beyond 1σ, on both sides", "mixture", 8, 8, 1, 7, "A mixture of two levels."
    ),
    Rule("we_1", 1, "1 point beyond 3σ", "beyond", 1, 1, 3, 8, _LARGE),
    Rule(
        "we_2", 2, "2 of 3 points beyond 2σ on one side", "beyond", 2, 3, 2, 9, "A medium shift of the process level."
    ),
    Rule(
        "we_3", 3, "4 of 5 points beyond 1σ on one side", "beyond", 4, 5, 1, 10, "A small shift of the process level."
    ),
    Rule("we_4", 4, "8 points in a row on one side of the centre line", "side", 8, 8, 0, 11, _SHIFT),
)
RULES: dict[str, Rule] = {rule.name: rule for rule in _CATALOGUE}
NELSON: tuple[str, ...] = tuple(name for name in RULES if name.startswith("nelson"))
WESTERN_ELECTRIC: tuple[str, ...] = tuple(name for name in RULES if name.startswith("we"))
LONGEST = 30
NOISE = 1e-9
ROUNDING = 4 * float(np.finfo(np.float64).eps)
_CHUNK = 16_384

RuleNames = Iterable["str | Rule"]


def chosen(rules: RuleNames) -> tuple[Rule, ...]:
    """The rules of a set, each once, in the order given.

    In: names or Rule objects (own rules take bits 12 to 31). Out: Rules. Raises BadInput for an unknown name, a rule
    that cannot be evaluated and two rules on one bit. Source: definitions in Rule.
    """
    result: dict[int, Rule] = {}
    for entry in rules:
        rule = entry if isinstance(entry, Rule) else RULES.get(entry)
        if rule is None:
            raise BadInput(f"There is no rule {entry!r}. Known rules: {', '.join(RULES)}.")
        _check(rule)
        if result.setdefault(rule.bit, rule) != rule:
            raise BadInput(f"Rules {rule.name} and {result[rule.bit].name} use the same bit {rule.bit}.")
    return tuple(result.values())


def _check(rule: Rule) -> None:
    sound = 1 <= rule.needed <= rule.window <= LONGEST and 0 <= rule.bit < 32 and 0 <= rule.sigmas <= 3
    whole = rule.test not in ("trend", "alternating", "mixture") or rule.needed == rule.window > 2
    if not (sound and whole and (rule.test != "within" or rule.sigmas == 1)):
        raise BadInput(
            f"Rule {rule.name} cannot be evaluated: windows hold up to {LONGEST} points, sigmas are 0 to 3 (1 for "
            "within), bits 0 to 31; trend, alternating and mixture need every point of a window of three or more."
        )


def fired(mask: int, rules: RuleNames = tuple(RULES)) -> tuple[str, ...]:
    """Names of the rules whose bits are set in one point's mask.

    In: a mask, the rules to look for. Out: names in the order of `rules`. Source: definitions in Rule.
    """
    return tuple(rule.name for rule in chosen(rules) if int(mask) >> rule.bit & 1)


def points(mask: Masks, rules: RuleNames) -> dict[str, list[int]]:
    """The points that each rule marks.

    In: masks (n,), the rules. Out: rule name -> point numbers from 1. Source: definitions in Rule.
    """
    return {
        rule.name: (np.flatnonzero((mask >> np.uint32(rule.bit)) & np.uint32(1)) + 1).tolist() for rule in chosen(rules)
    }


def standardise(x: Floats, center: Floats | float, sigma: Floats | float) -> tuple[Floats, Floats | float]:
    """Distances from the centre in sigmas, and the rounding noise below which two values count as equal.

    In: x shape (n,), center and sigma scalars or shape (n,). Out: z shape (n,) and the noise: 1e-9 sigma plus the
    rounding of numbers as large as the centre. Where sigma is zero, negative or missing, or the distance is not finite,
    z is NaN: such a point cannot be judged. Source: definition.
    """
    center, sigma = _single(center), _single(sigma)
    usable = np.where(np.isfinite(sigma) & (np.asarray(sigma) > 0), sigma, np.nan)
    spread: Floats | float = float(usable) if usable.ndim == 0 else usable
    with np.errstate(invalid="ignore", over="ignore"):
        z = (x - center) / spread
        noise = NOISE + ROUNDING * np.abs(center) / spread
    z[np.isinf(z)] = np.nan
    return z, noise


def _single(values: Floats | float) -> Floats | float:
    """A constant spread over an array without copies, back as the constant: scalars are much faster."""
    return (
        float(values.flat[0]) if isinstance(values, np.ndarray) and values.size and values.strides == (0,) else values
    )


def evaluate(
    x: Floats,
    center: Floats | float,
    sigma: Floats | float,
    rules: RuleNames = NELSON,
    *,
    mixture_one_side: bool = False,
) -> Masks:
    """Mask per point: bit `rule.bit` is set where that rule fires; every rule that fires is reported.

    In: x shape (n,), NaN = a gap: it holds its place, passes no test and is never marked; no rule marks a point before
    as many places as its window has are there, gaps among them; center and sigma (of a
    plotted point) scalars or shape (n,): with varying values the rules run on standardised distances. A point where
    sigma is zero or missing counts as a gap. `mixture_one_side` lets rule 8 fire when all points lie on one side.
    Out: uint32, shape (n,). Equal point for point to spc.streaming. Source: definitions in Rule; Nelson 1984.
    """
    wanted = chosen(rules)
    x = np.asarray(x, dtype=np.float64)
    z, noise = standardise(x, center, sigma)
    mask = np.zeros(len(x), dtype=np.uint32)
    history = max((rule.window for rule in wanted), default=1) - 1
    for start in range(0, len(x), _CHUNK):  # chunks stay in the cache; each looks back over the longest window
        first = max(0, start - history)
        part = slice(first, start + _CHUNK)
        local = noise if isinstance(noise, float) or np.ndim(noise) == 0 else np.asarray(noise)[part]
        mask[start : start + _CHUNK] = _judge(z[part], local, wanted, mixture_one_side)[start - first :]
    return mask


class _Flags:
    """Elementary conditions of a stretch of points, each computed once."""

    def __init__(self, z: Floats, noise: Floats | float) -> None:
        self.z, self.noise = z, noise
        self._seen: dict[tuple[str, int], Bools] = {}

    def get(self, kind: str, sigmas: int = 0) -> Bools:
        key = (kind, sigmas)
        if key not in self._seen:
            self._seen[key] = self._compute(kind, sigmas)
        return self._seen[key]

    def _compute(self, kind: str, sigmas: int) -> Bools:
        if kind == "high":
            return self.z > sigmas + self.noise
        if kind == "low":
            return self.z < -sigmas - self.noise
        if kind == "within":
            return np.abs(self.z) < sigmas - self.noise
        step = np.empty(len(self.z))
        step[:1] = np.nan
        np.subtract(self.z[1:], self.z[:-1], out=step[1:])
        return step > self.noise if kind == "rise" else step < -np.asarray(self.noise)


def _judge(z: Floats, noise: Floats | float, rules: tuple[Rule, ...], one_side: bool) -> Masks:
    mask = np.zeros(len(z), dtype=np.uint32)
    done: dict[tuple[str, int, int, int], Bools] = {}
    with np.errstate(invalid="ignore"):
        flags = _Flags(z, noise)
        for rule in rules:
            key = (rule.test, rule.needed, rule.window, rule.sigmas)
            if key not in done:
                done[key] = (
                    _TESTS[rule.test](flags, rule) if rule.test != "mixture" else _mixture(flags, rule, one_side)
                )
            mask |= done[key].astype(np.uint32) << np.uint32(rule.bit)
    return mask


def _run(flag: Bools, length: int) -> Bools:
    """True where this and the `length - 1` flags before it are all set."""
    result, have = flag, 1
    while have < length:
        step = min(have, length - have)
        longer = np.zeros_like(result)
        np.logical_and(result[step:], result[:-step] if step else result, out=longer[step:])
        result, have = longer, have + step
    return result


def _among(flag: Bools, needed: int, window: int) -> Bools:
    """True where the flag is set, a whole window of points is there, and at least `needed` of them are flagged."""
    if needed == window:
        return _run(flag, window)
    count = flag.astype(np.uint8)
    for back in range(1, window):
        count[back:] += flag[:-back] if back < len(flag) else flag[:0]
    enough: Bools = flag & (count >= needed)
    enough[: window - 1] = False
    return enough


def _beyond(flags: _Flags, rule: Rule) -> Bools:
    return _among(flags.get("high", rule.sigmas), rule.needed, rule.window) | _among(
        flags.get("low", rule.sigmas), rule.needed, rule.window
    )


def _trend(flags: _Flags, rule: Rule) -> Bools:
    return _run(flags.get("rise"), rule.window - 1) | _run(flags.get("fall"), rule.window - 1)


def _alternating(flags: _Flags, rule: Rule) -> Bools:
    rise, fall = flags.get("rise"), flags.get("fall")
    turn = np.zeros_like(rise)
    turn[1:] = (rise[1:] & fall[:-1]) | (fall[1:] & rise[:-1])
    return _run(turn, rule.window - 2)


def _within(flags: _Flags, rule: Rule) -> Bools:
    return _among(flags.get("within", rule.sigmas), rule.needed, rule.window)


def _mixture(flags: _Flags, rule: Rule, one_side: bool) -> Bools:
    high, low = flags.get("high", rule.sigmas), flags.get("low", rule.sigmas)
    every = _run(high | low, rule.window)
    return every if one_side else every & ~_run(high, rule.window) & ~_run(low, rule.window)


_TESTS = {"beyond": _beyond, "side": _beyond, "trend": _trend, "alternating": _alternating, "within": _within}


@cache
def known_run_length(rules: tuple[str, ...]) -> float | None:
    """In-control average run length of a set with an exact or published value, else None (see spc.run_length).

    In: rule names. Out: points between false alarms, or None. Rule 1 alone: 1 / P(|z| > 3) = 370.4; Western Electric
    1-4: 91.75. Source: Champ and Woodall, Technometrics 29 (1987).
    """
    if set(rules) in ({"nelson_1"}, {"we_1"}):
        return 370.3983473449564
    return 91.75 if set(rules) == set(WESTERN_ELECTRIC) else None
