"""Columns out of what people paste: delimiter, decimal mark, heading, units, and every bad cell by its place."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import methodcaller
from typing import Any, Literal

import numpy as np

from spc.values import LARGEST, BadInput, Floats

MOST = 200_000  # values of one analysis
WIDEST = 1000  # columns of one analysis
MISSING = frozenset({"", "-", "*", "?", "na", "n/a", "nan", "null", "none", "#n/a"})
_WHOLE = re.compile(r"[+-]?\d+(?:[eE][+-]?\d+)?")
_DOT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:[. \u00a0]\d{3})+|\d+)?(?:,\d*)?(?:[eE][+-]?\d+)?")
_ONE_COMMA = re.compile(r"\s*[+-]?\d+(?:,\d+)?\s*")
_UNIT = re.compile(r"(?P<name>.*\S)\s*[\[(](?P<unit>[^\])]{1,20})[\])]")
Separator = Literal["", "tab", "semicolon", "comma", "space"]
Decimal = Literal["", "point", "comma"]
SEPARATORS: Mapping[str, str] = {"tab": "\t", "semicolon": ";", "comma": ",", "space": " "}


@dataclass(frozen=True)
class Bad:
    """A cell that is no number in a column of numbers; `row` counts rows of data from 1."""

    row: int
    column: str
    text: str

    @property
    def words(self) -> str:
        """What is wrong, and where."""
        return f"Row {self.row}, column {self.column}: “{self.text[:40]}” is not a number."


@dataclass(frozen=True, kw_only=True)
class Column:
    """One named column: numbers with NaN for a gap, or words with an empty text for one."""

    name: str
    unit: str = ""
    numbers: Floats | None = None
    words: tuple[str, ...] = ()
    bad: tuple[Bad, ...] = ()

    @property
    def kind(self) -> str:
        """Whether it holds numbers or words."""
        return "words" if self.numbers is None else "numbers"

    @property
    def missing(self) -> int:
        """How many cells are empty."""
        if self.numbers is None:
            return sum(not word for word in self.words)
        return int(np.isnan(self.numbers).sum()) - len(self.bad)

    def __len__(self) -> int:
        return len(self.words) if self.numbers is None else len(self.numbers)

    @property
    def head(self) -> str:
        """Name with unit."""
        return f"{self.name}, {self.unit}" if self.unit else self.name

    def levels(self) -> list[str]:
        """The cells as words: a group, a part or an appraiser may well be a number."""
        if self.numbers is None:
            return list(self.words)
        return ["" if value != value else f"{value:g}" for value in self.numbers.tolist()]  # noqa: PLR0124

    def measured(self) -> Floats:
        """The numbers; raises BadInput at the first cell that is none."""
        if self.bad:
            raise BadInput(f"{self.bad[0].words} Correct it, or leave the cell empty.")
        if self.numbers is None:
            place = next((i for i, word in enumerate(self.words, start=1) if word), 1)
            word = self.words[place - 1] if self.words else ""
            raise BadInput(f"{Bad(place, self.name, word).words} Choose a column of numbers.")
        return self.numbers

    def as_json(self) -> dict[str, Any]:
        """Name, unit and values as they are stored and sent."""
        if self.numbers is None:
            return {"name": self.name, "unit": self.unit, "values": list(self.words)}
        values = [None if value != value else value for value in self.numbers.tolist()]  # noqa: PLR0124
        return {"name": self.name, "unit": self.unit, "values": values}


@dataclass(frozen=True, kw_only=True)
class Table:
    """What was understood: the columns, how the text was taken apart, and the cells that are no numbers."""

    columns: tuple[Column, ...]
    separator: str = ""
    decimal: str = ""
    headed: bool = False
    bad: tuple[Bad, ...] = field(default=())

    @property
    def rows(self) -> int:
        """Rows of the longest column."""
        return max((len(column) for column in self.columns), default=0)

    @property
    def size(self) -> int:
        """How many values there are."""
        return sum(len(column) for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of this name. Raises BadInput with the names there are."""
        found = next((column for column in self.columns if column.name == name), None)
        if found is None:
            raise BadInput(f"There is no column “{name}”. There are: {', '.join(c.name for c in self.columns)}.")
        return found


def _plain(text: str) -> str:
    """A text whose lines end as they do here, wherever it was written."""
    return text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")


def read_text(text: str, *, separator: Separator = "", decimal: Decimal = "") -> Table:
    """The table in a text.

    In: lines of cells; separator and decimal mark are found where they are not given. Out: Table; gaps are NaN. Raises
    BadInput for no data, for more than 200,000 values and for more than 1,000 columns.
    """
    lines = list(filter(str.strip, _plain(text).split("\n")))
    if not lines:
        raise BadInput("There are no data: paste at least one column of numbers.")
    mark = separator or _separator(lines)
    cells = _even(lines, mark)
    if cells is not None:
        return _of_cells(cells, separator=mark, decimal=decimal)
    return of_rows(_split(lines, mark), separator=mark, decimal=decimal)


def of_rows(rows: list[list[str]], *, separator: str = "", decimal: Decimal = "") -> Table:
    """The table in rows of cells, such as those of a sheet. Raises BadInput as read_text()."""
    rows = [row for row in rows if any(map(str.strip, row))]
    if not rows:
        raise BadInput("There are no data: give at least one column of numbers.")
    width = max(map(_filled, rows))
    _not_too_many(len(rows) - 1, width)  # before rows of unlike length are made alike
    cells = [[row[i] if i < len(row) else "" for row in rows] for i in range(width)]
    return _of_cells(cells, separator=separator, decimal=decimal)


def _filled(row: list[str]) -> int:
    """How many cells a row has up to its last that is not empty."""
    return next((i for i in range(len(row), 0, -1) if row[i - 1].strip()), 0)


def _not_too_many(rows: int, width: int) -> None:
    if width > WIDEST:
        raise BadInput(
            f"There are {width:,} columns; an analysis takes {WIDEST:,}. Put the values of one characteristic below"
            " one another, and keep the columns you need."
        )
    if rows * width > MOST:
        raise BadInput(f"There are {rows * width:,} values; an analysis takes {MOST:,}. Take fewer rows.")


def _of_cells(cells: list[list[str]], *, separator: str, decimal: Decimal) -> Table:
    """The table in columns of cells of one length; empty columns at the right end are dropped."""
    while len(cells) > 1 and not any(map(str.strip, cells[-1])):
        cells.pop()
    point = decimal or _decimal(cells)
    first = [column[0] for column in cells]
    headed = len(cells[0]) > 1 and not any(_is_number(cell, point) for cell in first if cell.strip())
    _not_too_many(len(cells[0]) - headed, len(cells))
    names = _names(first if headed else [], len(cells))
    columns = tuple(
        _column(name, unit, column[1:] if headed else column, point)
        for (name, unit), column in zip(names, cells, strict=True)
    )
    bad = tuple(cell for column in columns for cell in column.bad)
    return Table(columns=columns, separator=separator, decimal=point, headed=headed, bad=bad)


def _even(lines: list[str], mark: str) -> list[list[str]] | None:
    """The columns of lines that all have the same number of plain cells, taken apart at once; None for any others."""
    if not mark:
        return [lines]
    delimiter = SEPARATORS[mark]
    joined, counts = delimiter.join(lines), set(map(methodcaller("count", delimiter), lines))
    filled = all(map(methodcaller("strip", f"{delimiter} \t"), lines))
    if mark == "space" or len(counts) > 1 or '"' in joined or not filled:
        return None
    cells, width = joined.split(delimiter), counts.pop() + 1
    return [cells[i::width] for i in range(width)]


def of_columns(given: Sequence[Mapping[str, Any]]) -> Table:
    """The table of named columns of plain values, as the API takes and the database keeps them.

    In: {"name", "unit", "values"} with numbers and null, or texts. Raises BadInput with row and column.
    """
    _not_too_many(0, len(given))
    if sum(len(one["values"]) for one in given) > MOST:
        raise BadInput(f"An analysis takes {MOST:,} values.")
    columns = tuple(_given(one) for one in given)
    names = [column.name for column in columns]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise BadInput(f"Two columns are called “{twice}”. Give each its own name.")
    return Table(columns=columns, headed=True)


def _given(one: Mapping[str, Any]) -> Column:
    name, unit, values = str(one["name"]), str(one.get("unit") or ""), list(one["values"])
    if any(isinstance(value, str) for value in values):
        strange = next((i for i, v in enumerate(values, start=1) if not isinstance(v, str) and v is not None), 0)
        if strange:
            text = next((i, v) for i, v in enumerate(values, start=1) if isinstance(v, str))
            raise BadInput(f"{Bad(text[0], name, text[1]).words} A column holds numbers or words, not both.")
        return Column(name=name, unit=unit, words=tuple(value or "" for value in values))
    for place, value in enumerate(values, start=1):
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise BadInput(f"{Bad(place, name, str(value)).words}")
        if value is not None and not abs(value) <= LARGEST:
            raise BadInput(f"Row {place}, column {name}: the number is infinite or beyond {LARGEST:g}.")
    return Column(name=name, unit=unit, numbers=np.array(values, dtype=np.float64))


def _separator(lines: Sequence[str]) -> str:
    """Tab before semicolon before comma; one comma in every number of a lone column is its decimal mark."""
    some = lines[:200]
    for name in ("tab", "semicolon"):
        if any(SEPARATORS[name] in line for line in some):
            return name
    if any("," in line for line in some):
        body = some[1:] if len(some) > 1 else some
        lone = all(_ONE_COMMA.fullmatch(line) for line in body) and "," not in (some[0] if len(some) > 1 else "")
        first_is_number = len(some) > 1 and all(_ONE_COMMA.fullmatch(line) for line in some)
        return "" if lone or first_is_number else "comma"
    words = [line.split() for line in some]
    if len(words[-1]) > 1 and all(all(_is_number(w, "point") for w in row) for row in words[1:] or words):
        return "space"
    return ""


def _split(lines: list[str], mark: str) -> list[list[str]]:
    if not mark:
        return [[line] for line in lines]
    if mark == "space":
        return [line.split() for line in lines]
    delimiter = SEPARATORS[mark]
    if any('"' in line for line in lines):
        csv.field_size_limit(1_000_000)
        return list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, skipinitialspace=True))
    return [line.split(delimiter) for line in lines]


def _decimal(columns: Sequence[Sequence[str]]) -> Decimal:
    """The mark the cells use: a comma only where some number needs it and none is written with a point."""
    commas = points = 0
    for column in columns:
        for raw in column[:2000]:
            cell = raw.strip()
            if "," in cell and _COMMA.fullmatch(cell):
                commas += 1
            if "." in cell and _DOT.fullmatch(cell) and not _COMMA.fullmatch(cell):
                points += 1
    return "comma" if commas and not points else "point"


def _is_number(cell: str, point: str) -> bool:
    text = cell.strip()
    pattern = _COMMA if point == "comma" else _DOT
    return bool(text) and any(map(str.isdigit, text)) and bool(_WHOLE.fullmatch(text) or pattern.fullmatch(text))


def _names(heads: Sequence[str], width: int) -> list[tuple[str, str]]:
    """A name for each column, each once; a unit stands in brackets behind it."""
    found: list[tuple[str, str]] = []
    taken: dict[str, int] = {}
    for i in range(width):
        head = heads[i].strip() if i < len(heads) else ""
        match = _UNIT.fullmatch(head)
        name, unit = (match["name"], match["unit"].strip()) if match else (head, "")
        name = name.strip()[:80] or f"Column {i + 1}"
        plain = name
        while name in taken:
            taken[plain] += 1
            name = f"{plain} {taken[plain]}"
        taken[name] = 1
        found.append((name, unit))
    return found


def _column(name: str, unit: str, raw: list[str], point: str) -> Column:
    cells = list(map(str.strip, raw))
    quick = _quick(cells, point)
    if quick is not None:
        return Column(name=name, unit=unit, numbers=quick)
    seen = Counter(cells)  # words come again and again: each is looked at once
    empty = {cell for cell in seen if cell.lower() in MISSING}
    numeric = sum(count for cell, count in seen.items() if cell not in empty and _is_number(cell, point))
    if 2 * numeric <= sum(count for cell, count in seen.items() if cell not in empty):
        return Column(name=name, unit=unit, words=tuple(["" if cell in empty else cell for cell in cells]))
    values, bad = np.full(len(cells), np.nan), []
    for i, cell in enumerate(cells):
        if cell in empty:
            continue
        value = _value(cell, point)
        if value is None:
            bad.append(Bad(i + 1, name, cell))
        else:
            values[i] = value
    return Column(name=name, unit=unit, numbers=values, bad=tuple(bad))


def _quick(cells: list[str], point: str) -> Floats | None:
    """All cells at once when each is a plain number or empty."""
    joined = "".join(cells)
    if not joined or "_" in joined or (point == "comma" and "." in joined):
        return None
    texts = [cell.replace(",", ".") for cell in cells] if point == "comma" else cells
    empty = texts.count("")
    filled = [cell or "nan" for cell in texts] if empty else texts
    try:
        values = np.fromiter(map(float, filled), dtype=np.float64, count=len(filled))
    except ValueError:
        return None
    sound = int(np.isnan(values).sum()) == empty and bool((np.abs(values[~np.isnan(values)]) <= LARGEST).all())
    return values if sound else None


def _value(cell: str, point: str) -> float | None:
    if not _is_number(cell, point):
        return None
    plain = re.sub(r"[. \u00a0]", "", cell).replace(",", ".") if point == "comma" else cell.replace(",", "")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if abs(value) <= LARGEST else None
