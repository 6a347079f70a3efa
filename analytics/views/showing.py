"""Answers and tables as templates write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analytics.studies.anatomy import written, written_rows
from analytics.tables import Column, Table
from qms.web.words import number, significant
from spc.values import present

FIRST = 5
MOST_ROWS = 200
_DIGITS = 6  # so that readings of one size are told apart


def grids_of(grids: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The tables of an answer: rows as (cells, whether it stands out), cells as (text, whether it is a figure).

    Long ones say how many rows are left out.
    """
    return [_grid(grid) for grid in grids if grid["rows"]]


def _grid(grid: Mapping[str, Any]) -> dict[str, Any]:
    shown, marked = grid["rows"][:MOST_ROWS], grid.get("marked", ())
    texts = written_rows({**grid, "rows": shown})
    figures = [i > 0 and any(not isinstance(row[i], str) for row in shown) for i in range(len(grid["head"]))]
    return {
        "title": grid["title"],
        "head": list(zip(grid["head"], figures, strict=True)),
        "rows": [(list(zip(line, figures, strict=True)), place in marked) for place, line in enumerate(texts)],
        "left": len(grid["rows"]) - len(shown),
    }


def held_of(told: Mapping[str, Any] | None) -> str:
    """How many of an answer's assumptions hold, and how many no test can tell, in words."""
    verdicts = [check["verdict"] for check in told["checks"]] if told else []
    if not verdicts:
        return ""
    tested, held = len(verdicts) - verdicts.count("open"), verdicts.count("met")
    parts = [f"{held} of {tested} hold{'s' if tested == 1 else ''}"] if tested else []
    return ", ".join([*parts, *([f"{verdicts.count('open')} to judge"] if "open" in verdicts else [])])


def preview_of(table: Table) -> dict[str, Any]:
    """What was understood: every column with its kind, gaps and span, the first rows, and the bad cells."""
    first = [[written(_at(column, row)) for column in table.columns] for row in range(min(FIRST, table.rows))]
    return {
        "columns": [_column(column) for column in table.columns],
        "heads": [column.head for column in table.columns],
        "first": first,
        "rows": table.rows,
        "size": table.size,
        "headed": table.headed,
        "separator": {"": "one column", "space": "spaces"}.get(table.separator, f"{table.separator}s"),
        "decimal": table.decimal or "point",
        "bad": [bad.words for bad in table.bad[:10]],
        "bad_more": max(0, len(table.bad) - 10),
    }


def _at(column: Column, row: int) -> Any:
    if row >= len(column):
        return ""
    if column.numbers is None:
        return column.words[row]
    value = float(column.numbers[row])
    return None if value != value else value  # noqa: PLR0124


def _column(column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": column.name,
        "unit": column.unit,
        "kind": column.kind,
        "n": len(column) - column.missing - len(column.bad),
        "missing": column.missing,
        "bad": len(column.bad),
    }
    if column.numbers is not None and len(kept := present(column.numbers)):
        low, high = float(kept.min()), float(kept.max())
        shown = [significant(end, _DIGITS).partition(".")[2] for end in (low, high)]
        digits = max(map(len, shown))  # as they were read; the mean tells one decimal more
        ends = {"low": number(low, digits), "high": number(high, digits)}
        found |= {**ends, "mean": number(float(np.mean(kept)), digits + 1)}
    elif column.numbers is None:
        found["levels"] = len({word for word in column.words if word})
    return found


def text_of(columns: Sequence[Mapping[str, Any]]) -> str:
    """Stored columns as tab separated text, to be changed and run again."""
    heads = [f"{one['name']} [{one['unit']}]" if one.get("unit") else str(one["name"]) for one in columns]
    longest = max((len(one["values"]) for one in columns), default=0)
    lines = ["\t".join(heads)]
    lines += ["\t".join(_plain(one["values"], row) for one in columns) for row in range(longest)]
    return "\n".join(lines)


def _plain(values: Sequence[Any], row: int) -> str:
    value = values[row] if row < len(values) else None
    return "" if value is None else str(value)
