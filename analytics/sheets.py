"""The first sheet of a workbook as rows of text, read row by row with limits on size."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable
from typing import IO, Any

import openpyxl
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils import get_column_letter

from analytics.tables import MOST
from spc.values import BadInput

_LARGEST = 64 * 2**20  # bytes of all parts, unpacked
_WIDEST = 1000
_NOT = "This is not a workbook that can be read (.xlsx). Save it as CSV, or paste the cells."
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, ArithmeticError, AttributeError, EOFError, LookupError, OSError,
    RuntimeError, SyntaxError, TypeError, ValueError,
)  # fmt: skip


def rows_of(file: IO[bytes]) -> list[list[str]]:
    """The cells of the first sheet, row by row, as text with decimal points and ISO dates.

    In: a .xlsx file; formulas count with the values they last had. Out: rows; an empty text for an empty cell. Raises
    BadInput when it is none, too large, or holds a cell that cannot be read, with sheet, row and column.
    """
    try:
        _measured(file)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            if not book.worksheets:
                raise BadInput(_NOT)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file claims; rows come as wide as they are
            return _rows(sheet.title, sheet.iter_rows(values_only=True))
        finally:
            book.close()
    except BadInput:
        raise
    except _BROKEN as problem:
        raise BadInput(_NOT) from problem


def _measured(file: IO[bytes]) -> None:
    """Refuse what unfolds: parts are never unpacked beyond the size they declare, so the sum of those is the most."""
    with zipfile.ZipFile(file) as book:
        if sum(part.file_size for part in book.infolist()) > _LARGEST:
            raise BadInput("This workbook is too large. Save the columns you need as CSV.")
    file.seek(0)


def _rows(sheet: str, given: Iterable[tuple[Any, ...]]) -> list[list[str]]:
    found: list[list[str]] = []
    size = gap = 0
    for number, cells in enumerate(given, start=1):
        row = [_text(sheet, number, column, cell) for column, cell in enumerate(cells, start=1)]
        while row and not row[-1]:
            row.pop()
        if len(row) > _WIDEST:
            raise BadInput(f"Sheet {sheet}, row {number} is wider than {_WIDEST:,} columns. Keep the columns you need.")
        size, gap = size + len(row), 0 if row else gap + 1
        if size > MOST + _WIDEST or gap > MOST:
            raise BadInput(f"Sheet {sheet}, row {number:,}: an analysis takes {MOST:,} values. Take fewer rows.")
        found.append(row)
    while found and not found[-1]:
        found.pop()
    return found


def _text(sheet: str, row: int, column: int, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if value in ERROR_CODES and value != "#N/A":  # not available: a gap like any other
        place = f"Sheet {sheet}, row {row}, column {get_column_letter(column)}"
        raise BadInput(f"{place} holds the error {value}. Correct its formula, or leave the cell empty.")
    return str(value)
