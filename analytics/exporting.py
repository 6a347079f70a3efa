"""An analysis as a file: JSON, a workbook, a printed page, a drawing that stands alone."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping
from itertools import zip_longest
from typing import Any

import xlsxwriter

from analytics.models import Analysis, Source
from analytics.printing import lettered, page_of, picture_of
from analytics.studies import roles_told, settings_told
from analytics.studies.anatomy import written_rows
from qms.web.pages.export import defused
from qms.web.words import stamp

_STYLE = (
    "svg{background:#fff}text{font:11px 'IBM Plex Sans',system-ui,sans-serif;fill:#5c6975}"
    "text.ink{fill:#17212b}text.head{fill:#45525e;font-weight:500}text.vio{fill:#b0271c;font-weight:600}"
    "text.spec{fill:#1b4f8f}.c-cl{stroke:#45525e;fill:none}.c-lim{stroke:#6a5a4a;stroke-dasharray:4 3;fill:none}"
    ".c-ln{stroke:#2c3a47;stroke-width:1.1;fill:none}.c-ln.is-faded{opacity:.45}.c-pt{fill:#2c3a47}"
    ".c-vio{fill:#b0271c;stroke:#fff}.c-wat{fill:#c98500;stroke:#fff}.c-out{fill:none;stroke:#5c6975}"
    ".c-axis{stroke:#87939d}.c-tick{stroke:#45525e;stroke-width:2}.c-tick.is-odd{stroke:#b0271c}"
    ".c-bar{fill:#b4c0ca}.c-bar-2{fill:#5f7d9f}.c-grid{stroke:#eceff1}.c-cum-pt{fill:#5c6975}"
    ".c-spec{stroke:#1b4f8f;stroke-width:1.5}.c-target{stroke:#1b4f8f;stroke-dasharray:2 2}"
    ".c-cum{fill:none;stroke:#5c6975}.c-grid-80{stroke:#87939d;stroke-dasharray:2 3}"
    ".c-dot{fill:#5f7d9f;fill-opacity:.55}.c-box{fill:none;stroke:#87939d}.c-fit{stroke:#1b4f8f;fill:none}"
)


def as_json(analysis: Analysis) -> bytes:
    """Everything: the question, the data, the options, the answer, and what proves it."""
    fields = ("number", "title", "question", "study", "source", "source_detail", "data", "roles", "options", "result",
              "method_version", "digest")  # fmt: skip
    found = {name: getattr(analysis, name) for name in fields}
    found |= {"state": analysis.state, "opened_at": analysis.opened_at.isoformat()}
    return json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1).encode()


def as_svg(analysis: Analysis) -> bytes:
    """The drawing with its own light style."""
    head, _, rest = analysis.drawing.partition(">")
    if not rest:
        return b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
    return f'{head} xmlns="http://www.w3.org/2000/svg"><style>{_STYLE}</style>{rest}'.encode()


def as_png(analysis: Analysis) -> bytes:
    """The drawing as a picture."""
    return picture_of(as_svg(analysis).decode(), words=analysis.headline)


def as_pdf(analysis: Analysis) -> bytes:
    """The whole answer on paper, with what it assumes, what it was made from and what proves it."""
    result, drawing = analysis.result, lettered(as_svg(analysis).decode()) if analysis.drawing else ""
    return page_of(
        {
            "number": analysis.number,
            "title": analysis.title,
            "owner": str(analysis.owner),
            "state": analysis.flow.state(analysis.state).label,
            "question": analysis.question,
            "headline": analysis.headline,
            "digest": f"SHA-256 {analysis.digest}" if analysis.digest else "not saved yet",
            "drawing": drawing,
            "grids": [_printed(grid) for grid in result["grids"] if grid["rows"]],
            "checks": [[_VERDICTS[one["verdict"]], one["words"], one["side"]] for one in result["checks"]],
            "made": [[name, str(value)] for name, value in _made(analysis)],
            **{name: result[name] for name in ("lines", "signals", "formulas", "reference")},
        },
        at=analysis.opened_at.replace(microsecond=0),
    )


_VERDICTS = {"met": "holds", "broken": "does not hold", "open": "open"}
_PRINTED = 100  # rows of a table on paper


def _printed(grid: Mapping[str, Any]) -> dict[str, Any]:
    rows = written_rows({**grid, "rows": grid["rows"][:_PRINTED]})
    return {"title": grid["title"], "head": grid["head"], "rows": rows, "left": len(grid["rows"]) - len(rows)}


def _made(analysis: Analysis) -> list[tuple[str, Any]]:
    """Where the data came from, which columns and settings were chosen, and what computed the answer."""
    source = str(Source(analysis.source).label)
    rows: list[tuple[str, Any]] = [
        ("Study", analysis.result["label"]),
        ("Data", f"{source}: {analysis.source_detail}" if analysis.source_detail else source),
        ("Entries", f"{analysis.size:,}"),
        ("Made", stamp(analysis.opened_at, analysis.site.timezone)),
    ]
    rows += roles_told(analysis.study, analysis.roles)
    rows += settings_told(analysis.study, analysis.options)
    return [*rows, ("Computed by", analysis.method_version)]


def as_xlsx(analysis: Analysis) -> bytes:
    """A sheet of the answer, one of the tables, one of the data."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    bold = book.add_format({"bold": True})
    _answer(book.add_worksheet("Answer"), analysis, bold)
    _tables(book.add_worksheet("Tables"), analysis, bold)
    sheet = book.add_worksheet("Data")
    columns = analysis.data["columns"]
    sheet.write_row(0, 0, [_cell(_head(column)) for column in columns], bold)
    for index, row in enumerate(zip_longest(*(column["values"] for column in columns)), start=1):
        _row(sheet, index, row)
    book.close()
    return file.getvalue()


def _head(column: Mapping[str, Any]) -> str:
    return f"{column['name']}, {column['unit']}" if column.get("unit") else str(column["name"])


def _cell(value: Any) -> Any:
    return defused(value)


def _row(sheet: Any, index: int, row: Iterable[Any], form: Any = None) -> None:
    for place, value in enumerate(row):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            sheet.write_number(index, place, value, form)
        elif value is not None:
            sheet.write_string(index, place, str(_cell(value)), form)


def _answer(sheet: Any, analysis: Analysis, bold: Any) -> None:
    result = analysis.result
    rows: list[tuple[str, Any]] = [
        ("Number", analysis.number), ("Title", analysis.title), ("Question", analysis.question),
        ("Study", result["label"]), ("Answer", analysis.headline),
    ]  # fmt: skip
    rows += [("", text) for text in result["lines"]]
    rows += [("Rule broken", text) for text in result["signals"]]
    rows += [(f"Assumption {one['verdict']}", f"{one['words']} {one['side']}".strip()) for one in result["checks"]]
    rows += [("Formula", text) for text in result["formulas"]]
    rows += [("Reference", result["reference"]), ("Computed by", analysis.method_version), ("SHA-256", analysis.digest)]
    rows += settings_told(analysis.study, analysis.options)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 90)
    for index, (name, value) in enumerate(rows):
        sheet.write_string(index, 0, name, bold)
        _row_value(sheet, index, value)


def _row_value(sheet: Any, index: int, value: Any) -> None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        sheet.write_number(index, 1, value)
    else:
        sheet.write_string(index, 1, str(_cell(value)))


def _tables(sheet: Any, analysis: Analysis, bold: Any) -> None:
    sheet.set_column(0, 8, 18)
    at = 0
    for grid in analysis.result["grids"]:
        sheet.write_string(at, 0, grid["title"], bold)
        sheet.write_row(at + 1, 0, [_cell(head) for head in grid["head"]], bold)
        for row in grid["rows"]:
            _row(sheet, at + 2, row)
            at += 1
        at += 3


FORMATS: Mapping[str, tuple[str, Callable[[Analysis], bytes]]] = {
    "json": ("application/json", as_json),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
    "pdf": ("application/pdf", as_pdf),
    "png": ("image/png", as_png),
    "svg": ("image/svg+xml", as_svg),
}
