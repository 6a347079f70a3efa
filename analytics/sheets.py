"""The first sheet of a workbook as rows of text: a zip of XML, read with limits on size and without entities."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, ParseError, iterparse

from spc.values import BadInput

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LARGEST = 64 * 2**20  # bytes of one part, unpacked
_NOT = "This is not a workbook that can be read (.xlsx). Save it as CSV, or paste the cells."


def rows_of(file: IO[bytes]) -> list[list[str]]:
    """The cells of the first sheet, row by row, as text with decimal points.

    In: a .xlsx file. Out: rows; an empty text for an empty cell. Raises BadInput when it is none or too large.
    """
    try:
        with zipfile.ZipFile(file) as book:
            shared = list(_shared(book))
            name = next((n for n in sorted(book.namelist(), key=_order) if _SHEET.fullmatch(n)), "")
            if not name:
                raise BadInput(_NOT)
            return [_row(element, shared) for element in _elements(book, name, "row")]
    except (zipfile.BadZipFile, zlib.error, ParseError, EOFError, LookupError, RuntimeError, ValueError) as problem:
        if isinstance(problem, BadInput):
            raise
        raise BadInput(_NOT) from problem


_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")


def _order(name: str) -> tuple[int, str]:
    match = _SHEET.fullmatch(name)
    return (int(match[1]) if match else 10**6, name)


def _elements(book: zipfile.ZipFile, name: str, tag: str) -> Iterator[Element]:
    if book.getinfo(name).file_size > _LARGEST:
        raise BadInput("This workbook is too large. Save the columns you need as CSV.")
    with book.open(name) as head:
        if b"<!DOCTYPE" in head.read(4096):  # declared entities could unfold without end
            raise BadInput(_NOT)
    with book.open(name) as part:
        for _, element in iterparse(part):  # noqa: S314 - no document type, size limited
            if element.tag == _SPACE + tag:
                yield element
                element.clear()


def _shared(book: zipfile.ZipFile) -> Iterator[str]:
    if "xl/sharedStrings.xml" in book.namelist():
        for element in _elements(book, "xl/sharedStrings.xml", "si"):
            yield "".join(part.text or "" for part in element.iter(_SPACE + "t"))


def _row(element: Element, shared: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in element.findall(_SPACE + "c"):
        place = _place(cell.get("r", "")) if cell.get("r") else len(cells)
        if place > 1000:
            raise BadInput("This sheet is wider than 1,000 columns. Keep the columns you need.")
        cells += [""] * (place - len(cells))
        cells.append(_text(cell, shared))
    return cells


def _place(reference: str) -> int:
    """The column of a reference such as B7, from 0."""
    place = 0
    for letter in reference:
        if not letter.isalpha():
            break
        place = 26 * place + ord(letter.upper()) - 64
    return place - 1


def _text(cell: Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(_SPACE + "t"))
    value = cell.findtext(_SPACE + "v") or ""
    if cell.get("t") == "s" and value:
        return shared[int(value)]
    return "" if cell.get("t") == "e" else value
