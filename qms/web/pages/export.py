"""Exports of a list: CSV that spreadsheets open rightly, XLSX with types; formula cells are defused in both."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, Any

import xlsxwriter
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from qms.core.actor import Actor
from qms.core.streaming import Chunks, Streamed
from qms.web.pages.columns import Column

AT_ONCE = 50_000  # rows of a sheet made while its reader waits; CSV goes out while it is read, however long it is
MOST = 1_000_000  # rows of a sheet at all: a workbook's own limit, less the heading
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
INCOMPLETE = b"# incomplete: the export broke off here. Export again; if it breaks again, narrow the filter.\r\n"
TOGETHER = 100  # lines handed on at a time
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def defused(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula, with an apostrophe before it; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_DANGEROUS):
        return f"'{value}"
    return value


def as_csv(rows: Iterable[Any], columns: Sequence[Column], name: str, actor: Actor) -> HttpResponseBase:
    """UTF-8 with a byte order mark; times in ISO 8601 with offset; sent while it is read, however long it is."""
    options = {"content_type": "text/csv; charset=utf-8", "headers": _attached(f"{name}.csv")}
    return Streamed(Chunks(_lines(rows, columns), actor, broken=INCOMPLETE), **options)


def _lines(rows: Iterable[Any], columns: Sequence[Column]) -> Iterator[bytes]:
    sheet = io.StringIO(newline="")
    sheet.write("\ufeff")
    writer = csv.writer(sheet)
    writer.writerow([defused(column.head) for column in columns])
    for number, row in enumerate(rows, start=1):
        writer.writerow([defused(_iso(column.plain(row))) for column in columns])
        if number % TOGETHER == 0:
            yield _taken(sheet)
    yield _taken(sheet)


def _taken(sheet: io.StringIO) -> bytes:
    text = sheet.getvalue()
    sheet.seek(0)
    sheet.truncate()
    return text.encode()


def as_xlsx(
    rows: Iterable[Any], columns: Sequence[Column], name: str, about: Sequence[tuple[str, str]]
) -> HttpResponseBase:
    """A workbook as the answer; it can be sent only when it is whole."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write_book(file, rows, columns, about)
    file.seek(0)
    return FileResponse(file, content_type=XLSX, headers=_attached(f"{name}.xlsx"))


def write_book(
    file: IO[bytes], rows: Iterable[Any], columns: Sequence[Column], about: Sequence[tuple[str, str]]
) -> None:
    """Typed cells under a frozen heading; a second sheet says what was exported, when and with which filter.

    The file grows on the disk, not in memory.
    """
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    )
    try:
        _fill(book, rows, columns, about)
    except BaseException:
        with suppress(Exception):  # a workbook that is given up lies half in a file of its own until it is closed
            book.close()
        raise
    book.close()


def _fill(
    book: xlsxwriter.Workbook, rows: Iterable[Any], columns: Sequence[Column], about: Sequence[tuple[str, str]]
) -> None:
    bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet("Rows")
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, [column.head for column in columns], bold)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, 40 if column.kind == "what" else 16)
    for index, row in enumerate(rows, start=1):
        for position, column in enumerate(columns):
            value = defused(column.plain(row))
            if isinstance(value, datetime):
                sheet.write_datetime(index, position, value.astimezone(UTC).replace(tzinfo=None), moment)
            elif value is not None:
                sheet.write(index, position, value)
    sheet = book.add_worksheet("About")
    sheet.set_column(0, 1, 30)
    for index, (key, text) in enumerate([*about, ("Exported at", _iso(timezone.now())), ("Times", "UTC")]):
        sheet.write(index, 0, key, bold)
        sheet.write_string(index, 1, str(defused(text)))


def _iso(value: Any) -> Any:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
