"""Plans in the manner of ISO 2859-1: code letters by lot size, single plans by AQL, three severities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from spc.sampling.attribute import Risks, Single, quality_at, risks
from spc.values import BadInput

Severity = Literal["normal", "tightened", "reduced"]
Level = Literal["S-1", "S-2", "S-3", "S-4", "I", "II", "III"]

LETTERS = "ABCDEFGHJKLMNPQRS"
AQLS = (
    0.010, 0.015, 0.025, 0.040, 0.065, 0.10, 0.15, 0.25, 0.40, 0.65, 1.0, 1.5, 2.5,
    4.0, 6.5, 10.0, 15.0, 25.0, 40.0, 65.0, 100.0, 150.0, 250.0, 400.0, 650.0, 1000.0,
)  # fmt: skip
_LOTS = (8, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10_000, 35_000, 150_000, 500_000)
_CODES: dict[str, str] = {
    "S-1": "AAAABBBBCCCCDDD",
    "S-2": "AAABBBCCCDDDEEE",
    "S-3": "AABBCCDDEEFFGGH",
    "S-4": "AABCCDEEFGGHJJK",
    "I": "AABCCDEFGHJKLMN",
    "II": "ABCDEFGHJKLMNPQ",
    "III": "BCDEFGHJKLMNPQR",
}
_SIZES = (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000, 3150)
_REDUCED_SIZES = (2, 2, 2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800)
Cell = int | Literal["up", "down"]
# Along a diagonal of a master table (one letter up, one AQL down) the cells are alike: acceptance numbers and arrows.
_DIAGONAL: dict[str, tuple[Cell, ...]] = {
    "normal": (0, "up", "down", 1, 2, 3, 5, 7, 10, 14, 21, 30, 44),
    "tightened": (0, "down", "down", 1, 2, 3, 5, 8, 12, 18, 27, 41),
    "reduced": (0, "up", "down", "down", 1, 2, 3, 5, 6, 8, 10, 14, 21),
}
# A and B share the sample size of C in the table of reduced inspection, so their rows follow a law of their own.
_REDUCED_SMALL: dict[str, tuple[Cell, ...]] = {
    "A": (0, "down", "down", 1, 2, 3, 5, 7, 10, 14, 21, 30),
    "B": (0, "up", "down", "down", 1, 2, 3, 5, 7, 10, 14, 21, 30),
}
_START = {"normal": 14, "tightened": 15, "reduced": 14}  # place of AQL (letter A) where the diagonal begins
_LARGEST = {"normal": 21, "tightened": 18, "reduced": 10}  # above letter E no larger acceptance number is used


@dataclass(frozen=True)
class Plan:
    """A single plan: letter of the lot, letter and size actually used (arrows may move it), Ac and Re.

    quality: fractions accepted with probability 0.95, 0.5 and 0.1; risks: producer's at the AQL, consumer's at
    `bad` (the fraction accepted with probability 0.10). Above AQL 10 figures count nonconformities per item (Poisson).
    """

    letter: str
    used_letter: str
    n: int
    accept: int
    reject: int
    severity: Severity
    aql: float
    quality: tuple[float, float, float]
    risks: Risks
    whole_lot: bool


def code_letter(lot: int, level: Level = "II") -> str:
    """The sample size code letter of a lot. In: lot size from 2, inspection level. Out: A to R. Raises BadInput.

    Source: ISO 2859-1:1999, table 1.
    """
    if level not in _CODES:
        raise BadInput(f"There is no inspection level {level!r}. Known: {', '.join(_CODES)}.")
    if lot < 2:
        raise BadInput("A lot has at least two items: inspect a single item itself.")
    return _CODES[level][sum(lot > top for top in _LOTS)]


def entry(letter: str, aql: float, severity: Severity = "normal") -> tuple[str, int, int]:
    """The plan of a letter and an AQL after following arrows: letter used, n and Ac.

    In: letter A..R, an AQL of the preferred series (percent or per 100 items), severity. Out: (letter, n, Ac). Raises
    BadInput for another AQL. Source: ISO 2859-1:1999, tables 2-A, 2-B and 2-C, from the law of their diagonals.
    """
    if severity not in _DIAGONAL:
        raise BadInput(f"There is no severity {severity!r}. Known: {', '.join(_DIAGONAL)}.")
    if aql not in AQLS:
        raise BadInput(f"AQL {aql:g} is not of the preferred series: {', '.join(f'{a:g}' for a in AQLS)}.")
    if len(letter) != 1 or letter not in LETTERS[:-1]:
        raise BadInput(f"There is no code letter {letter!r}: A to R without I and O.")
    sizes = _REDUCED_SIZES if severity == "reduced" else _SIZES[: 17 if severity == "tightened" else 16]
    place, row = LETTERS.index(letter), AQLS.index(aql)
    above, below = range(place - 1, -1, -1), range(place + 1, len(sizes))
    first, then = (above, below) if _cell(place, row, severity) == "up" else (below, above)
    cells = ((step, _cell(step, row, severity)) for step in (place, *first, *then))
    return next((LETTERS[step], sizes[step], cell) for step, cell in cells if isinstance(cell, int))


def _cell(place: int, row: int, severity: Severity) -> Cell:
    """What the master table prints: an acceptance number or an arrow."""
    law = _REDUCED_SMALL.get(LETTERS[place], _DIAGONAL["reduced"]) if severity == "reduced" else _DIAGONAL[severity]
    along = place + row - _START[severity]
    if along < 0:
        return "down"
    cell: Cell = law[along] if along < len(law) else "up"
    return "up" if isinstance(cell, int) and place > 4 and cell > _LARGEST[severity] else cell


def plan(lot: int, aql: float, *, level: Level = "II", severity: Severity = "normal") -> Plan:
    """The single sampling plan of a lot.

    In: lot size from 2, AQL of the preferred series (percent nonconforming, or nonconformities per 100 items), level,
    severity. Out: Plan; a sample as large as the lot means every item (whole_lot). Raises BadInput.
    Source: ISO 2859-1:1999; risks and qualities are computed from the binomial (AQL up to 10) or Poisson distribution.
    """
    letter = code_letter(lot, level)
    used, n, accept = entry(letter, aql, severity)
    model: Literal["poisson", "binomial"] = "poisson" if aql > 10 else "binomial"
    single = Single(n, accept)
    high, middle, low = (quality_at(single, share, model=model) for share in (0.95, 0.5, 0.1))
    chance = risks(single, good=aql / 100, bad=low, model=model)
    return Plan(letter, used, n, accept, accept + 1, severity, aql, (high, middle, low), chance, n >= lot)
