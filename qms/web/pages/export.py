"""Exports of a list: CSV that spreadsheets open rightly, XLSX with types; formula cells are defused in both."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone

from qms.web.pages.columns import Column

MOST = 200_000
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def defused(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula, with an apostrophe before it; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_DANGEROUS):
        return f"'{value}"
    return value


def as_csv(rows: Iterable[Any], columns: Sequence[Column], name: str) -> HttpResponse:
    """UTF-8 with a byte order mark; times in ISO 8601 with offset."""
    sheet = io.StringIO(newline="")
    sheet.write("\ufeff")
    writer = csv.writer(sheet)
    writer.writerow([defused(column.head) for column in columns])
    for row in rows:
        writer.writerow([defused(_iso(column.plain(row))) for column in columns])
    return _download(sheet.getvalue().encode(), "text/csv; charset=utf-8", f"{name}.csv")


def as_xlsx(
    rows: Iterable[Any], columns: Sequence[Column], name: str, about: Sequence[tuple[str, str]]
) -> HttpResponse:
    """Typed cells under a frozen heading; a second sheet says what was exported, when and with which filter."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    )
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
    book.close()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _download(file.getvalue(), kind, f"{name}.xlsx")


def _iso(value: Any) -> Any:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _download(body: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
