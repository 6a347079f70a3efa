"""What a study is: the columns it needs, its options, the case it asks, and how its answer is told."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Literal

import numpy as np

from analytics.tables import Column
from qms.web.words import number, places, significant
from spc.values import BadInput, Floats

Verdict = Literal["met", "broken", "open"]
Cell = str | float | int | None
Result = Mapping[str, Any]  # what a study of spc answers


@dataclass(frozen=True, kw_only=True)
class Role:
    """A part a column plays in a study."""

    name: str
    label: str
    kind: Literal["numbers", "any"] = "numbers"
    many: bool = False
    needed: bool = True
    hint: str = ""
    eager: bool = False  # takes a column that is left over, though it could do without


@dataclass(frozen=True, kw_only=True)
class Option:
    """A setting of a study: a number, a choice, a set of choices, or a list of points such as 3, 7-9."""

    name: str
    label: str
    kind: Literal["number", "choice", "set", "points"] = "number"
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class Inputs:
    """The columns of each role and the settings, defaults filled in."""

    columns: Mapping[str, tuple[Column, ...]]
    options: Mapping[str, Any]

    def one(self, role: str) -> Column | None:
        """The column of a role, or None."""
        return next(iter(self.columns.get(role, ())), None)

    def column(self, role: str) -> Column:
        """The column of a role that must be there."""
        found = self.one(role)
        if found is None:
            raise BadInput(f"Choose the column of {role}.")
        return found

    def measured(self, role: str) -> Floats:
        """The numbers of a role's column."""
        return self.column(role).measured()


@dataclass(frozen=True)
class Check:
    """One assumption: whether it holds (open: cannot be told), in words, with the figure behind it."""

    verdict: Verdict
    words: str
    side: str = ""


@dataclass(frozen=True)
class Grid:
    """A table of the answer; marked: the rows (from 0) that stand out; decimals: of its figures, else as they need."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    marked: tuple[int, ...] = ()
    decimals: int | None = None


@dataclass(frozen=True, kw_only=True)
class Told:
    """An answer as a person reads it: one sentence first, figures after it, method last."""

    headline: str
    lines: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    checks: tuple[Check, ...] = ()
    signals: tuple[str, ...] = ()
    formulas: tuple[str, ...] = ()
    reference: str = ""
    drawing: str = ""


@dataclass(frozen=True, kw_only=True)
class Study:
    """A study of the workbench; `case` asks the statistics in their vocabulary, `tell` puts the answer in words.

    `also`: keys of studies that look at the same data from another side.
    """

    key: str
    label: str
    question: str
    also: tuple[str, ...] = ()
    roles: tuple[Role, ...]
    options: tuple[Option, ...] = ()
    case: Callable[[Inputs], Mapping[str, Any]]
    tell: Callable[[Inputs, Result], Told]
    settle: Callable[[Inputs], Mapping[str, Any]] = field(default=lambda _: {})  # options chosen from the data


def source_of(*functions: Callable[..., Any]) -> str:
    """Where formulas are from, as the functions themselves say."""
    found = []
    for function in functions:
        text = " ".join((inspect.getdoc(function) or "").split())
        if match := re.search(r"Sources?: (.+?)\.?$", text):
            found.append(match[1])
    return "; ".join(dict.fromkeys(found))


def unit_of(column: Column | None) -> str:
    """The unit of a column, empty when it has none."""
    return column.unit if column else ""


def with_unit(name: str, unit: str) -> str:
    """A heading with its unit."""
    return f"{name}, {unit}" if unit else name


def grouped(values: Column, by: Column) -> dict[str, Floats]:
    """The numbers of one column by the words of another, rows without either left out, order of appearance kept."""
    x, levels = values.measured(), by.levels()
    if len(x) != len(levels):
        raise BadInput(f"{values.name} has {len(x)} rows, {by.name} has {len(levels)}: they must be equally long.")
    gaps = np.isnan(x)
    kept = [level if there else "" for level, there in zip(levels, ~gaps, strict=True)] if gaps.any() else levels
    codes = {level: code for code, level in enumerate(dict.fromkeys(filter(None, kept)))}
    code = np.fromiter(map(codes.get, kept, repeat(-1)), dtype=np.int64, count=len(kept))  # long columns at once
    order = np.argsort(code, kind="stable")
    ends = np.searchsorted(code[order], np.arange(len(codes) + 1))
    return {level: x[order[ends[i] : ends[i + 1]]] for level, i in codes.items()}


def p_words(p: float | None) -> str:
    """A p-value as it is written."""
    if p is None:
        return "no p"
    return "p < 0.001" if p < 0.001 else f"p {p:.3f}"


def check_p(p: float | None, words: str, *, level: float = 0.05) -> Check:
    """An assumption judged by a test: broken below the level."""
    if p is None:
        return Check("open", words, "cannot be tested")
    return Check("met" if p >= level else "broken", words, p_words(p))


def listed(points: Sequence[int], most: int = 12) -> str:
    """Point numbers in words, the first of many."""
    shown = ", ".join(f"{point:,}" for point in points[:most])
    return shown if len(points) <= most else f"{shown} and {len(points) - most:,} more"


def counted(n: int, noun: str) -> str:
    """A count with its noun."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def points_in(text: Any) -> list[int]:
    """Point numbers out of a text such as "3, 7-9". Raises BadInput for anything else."""
    if isinstance(text, (list, tuple)):
        if not all(type(value) is int and value > 0 for value in text):
            raise BadInput("Points are whole numbers from 1.")
        return list(text)
    found: list[int] = []
    for part in re.split(r"[,;\s]+", str(text or "").strip()):
        if not part:
            continue
        match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part)
        if match is None or int(match[1]) < 1 or int(match[2] or match[1]) < int(match[1]):
            raise BadInput(f"“{part[:20]}” names no points: write numbers and spans such as 3, 7-9.")
        found += range(int(match[1]), int(match[2] or match[1]) + 1)
        if len(found) > 10_000:
            raise BadInput("That names more than 10,000 points: take those rows out of the data instead.")
    return sorted(set(found))


def written(value: Any) -> str:
    """A cell: figures with their significant digits, whole numbers whole, a dash for what is absent."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return number(value)
    if isinstance(value, float):
        return significant(value, 4) if abs(value) >= 1e-6 or value == 0 else f"{value:.2e}"
    return str(value)


_CHANCES = ("p", "p-value")
_TINY, _NOISE = 1e-4, 1e-9  # below the first there are no decimals to share, below the second is nothing to tell


def written_rows(grid: Mapping[str, Any]) -> list[list[str]]:
    """The cells of a table as they are read down a column: its figures with as many decimals as each other."""
    rows, decimals = grid["rows"], grid.get("decimals")
    columns = [_column(head, [row[i] for row in rows], decimals) for i, head in enumerate(grid["head"])]
    return [list(row) for row in zip(*columns, strict=True)]


def _column(head: str, cells: Sequence[Any], decimals: int | None) -> list[str]:
    figures = [cell for cell in cells if isinstance(cell, float)]
    if head in _CHANCES:
        return [p_words(cell).removeprefix("p ") if isinstance(cell, float) else written(cell) for cell in cells]
    if not any(abs(figure) >= _TINY for figure in figures):
        return [written(cell) for cell in cells]
    digits = _decimals(figures) if decimals is None else decimals
    return [_aligned(cell, digits) if isinstance(cell, float) else written(cell) for cell in cells]


def _decimals(figures: Sequence[float]) -> int:
    """Four digits of the largest, one more where the smallest needs it, none that are noughts all the way down."""
    most = max(0, places(max(map(abs, figures)), digits=4))
    digits = min(most + 1, max(most, *(places(figure) for figure in figures)))
    while digits and all(round(figure, digits) == round(figure, digits - 1) for figure in figures):
        digits -= 1
    return digits


def _aligned(value: float, digits: int) -> str:
    """With the decimals of its column, or its own where those would hide it."""
    hidden = places(value) > digits and abs(value) >= _NOISE
    return significant(value, 3) if hidden or value == 0 else number(value, digits)
