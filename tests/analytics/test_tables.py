"""Pasted text: what is understood, and what is named when it is not."""

from __future__ import annotations

import datetime as dt
import io
import math
import zipfile

import numpy as np
import pytest
import xlsxwriter
from hypothesis import assume, example, given
from hypothesis import strategies as st

from analytics import sheets, tables
from spc.values import BadInput

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 4))
NAMES = st.lists(st.text("abcdefghijk", min_size=2, max_size=8), min_size=1, max_size=4, unique=True)


@given(names=NAMES, data=st.data(), mark=st.sampled_from(["\t", ";", ","]))
def test_a_table_with_points_comes_back_as_it_was(names, data, mark):
    rows = data.draw(st.lists(st.lists(NUMBERS, min_size=len(names), max_size=len(names)), min_size=1, max_size=8))
    table = tables.read_text("\n".join([mark.join(names), *(mark.join(f"{v:.4f}" for v in row) for row in rows)]))
    assert [column.name for column in table.columns] == names
    assert [list(row) for row in zip(*(c.numbers.tolist() for c in table.columns), strict=True)] == rows


@given(rows=st.lists(NUMBERS, min_size=1, max_size=20), mark=st.sampled_from(["\t", ";"]))
def test_decimal_commas_are_read_beside_tabs_and_semicolons(rows, mark):
    lines = [f"{value:.4f}".replace(".", ",") for value in rows]
    table = tables.read_text("\n".join([f"x{mark}y", *(f"{cell}{mark}{cell}" for cell in lines)]))
    assert table.decimal == "comma"
    assert table.columns[0].numbers.tolist() == rows


CELLS = st.sampled_from(["1.5", "-2", "1,234.5", "0,5", "", " ", "na", "Burr", "n.a.", "7e3", "nan", "1_000", "+4"])


@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=9), mark=st.sampled_from("\t;,"))
def test_even_lines_are_read_at_once_as_one_by_one(rows, mark):
    names = {"\t": "tab", ";": "semicolon", ",": "comma"}
    lines = [line for line in (mark.join(row) for row in rows) if line.strip()]
    assume(any(any(map(str.strip, line.split(mark))) for line in lines))
    found = tables.read_text("\n".join(lines), separator=names[mark])
    slow = tables.of_rows([line.split(mark) for line in lines], separator=names[mark])
    assert [(c.name, c.unit, c.words, c.bad) for c in found.columns] == [
        (c.name, c.unit, c.words, c.bad) for c in slow.columns
    ]
    for ours, other in zip(found.columns, slow.columns, strict=True):
        assert (ours.numbers is None) == (other.numbers is None)
        assert ours.numbers is None or np.array_equal(ours.numbers, other.numbers, equal_nan=True)


@given(text=st.text(max_size=300))
@example(text='\r"\t')
def test_any_text_is_a_table_or_a_sentence(text):
    try:
        table = tables.read_text(text)
    except BadInput:
        return
    assert all(c.numbers is None or not any(map(math.isinf, c.numbers.tolist())) for c in table.columns)


def test_a_lone_column_with_commas_is_read_as_decimals():
    assert tables.read_text("Force [kN]\n3,14\n2,72").columns[0].numbers.tolist() == [3.14, 2.72]


def test_the_unit_in_brackets_leaves_the_name():
    column = tables.read_text("Force [kN]\n3.1").columns[0]
    assert (column.name, column.unit, column.head) == ("Force", "kN", "Force, kN")


def test_a_column_without_a_heading_is_named():
    table = tables.read_text("1\n2\n3")
    assert (table.headed, table.columns[0].name, table.rows) == (False, "Column 1", 3)


def test_thousands_with_marks_are_one_number():
    assert tables.read_text('a;b\n"1,234.5";2.5').columns[0].numbers.tolist() == [1234.5]


def test_an_empty_cell_is_a_gap_and_no_bad_cell():
    column = tables.read_text("a\tb\n1\t2\n\t3\nn/a\t4").column("a")
    assert (column.missing, column.bad) == (2, ())


def test_text_in_a_column_of_numbers_is_named_by_row_and_column():
    column = tables.read_text("Force\n8.6\n8.7\nabc\n8.5").columns[0]
    with pytest.raises(BadInput, match="Row 3, column Force: “abc” is not a number"):
        column.measured()


def test_two_columns_of_one_name_are_told_apart():
    assert [c.name for c in tables.read_text("x;x\n1;2").columns] == ["x", "x 2"]


def test_more_values_than_an_analysis_takes_are_refused():
    with pytest.raises(BadInput, match="an analysis takes 200,000"):
        tables.read_text("\n".join(["1"] * 200_001))


@pytest.mark.parametrize("text", [";".join(["1"] * 100_000), "x;" * 1000 + "x\n" + "1;" * 1000 + "1"])
def test_more_columns_than_an_analysis_takes_are_refused_at_once(text):
    with pytest.raises(BadInput, match="an analysis takes 1,000"):
        tables.read_text(text)


def test_a_thousand_columns_of_one_name_are_told_apart():
    names = [column.name for column in tables.read_text(";".join(["x"] * 1000) + "\n" + ";".join(["1"] * 1000)).columns]
    assert (names[0], names[-1], len(set(names))) == ("x", "x 1000", 1000)


def test_given_columns_hold_numbers_or_words_but_not_both():
    with pytest.raises(BadInput, match="Row 2, column x"):
        tables.of_columns([{"name": "x", "values": [1, "two"]}])


def test_the_first_sheet_of_a_workbook_is_read():
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("First")
    sheet.write_row(0, 0, ["Lot", "Force [kN]"])
    sheet.write_row(1, 0, ["KB-1", 8.25])
    sheet.write(2, 1, 8.5)
    book.close()
    assert sheets.rows_of(file) == [["Lot", "Force [kN]"], ["KB-1", "8.25"], ["", "8.5"]]


def workbook(*cells):
    """A workbook of one sheet "Data" with (row, column, value) from 0."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("Data")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for row, column, value in cells:
        if isinstance(value, dt.date):
            sheet.write_datetime(row, column, value, day)
        else:
            sheet.write(row, column, value)
    book.close()
    return file


def test_an_error_of_a_formula_is_named_by_sheet_row_and_column():
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.add_worksheet("Data").write_formula(6, 2, "=1/0", None, "#DIV/0!")
    book.close()
    with pytest.raises(BadInput, match="Sheet Data, row 7, column C holds the error #DIV/0!"):
        sheets.rows_of(file)


def test_a_date_of_a_workbook_is_read_as_a_date():
    assert sheets.rows_of(workbook((0, 0, dt.datetime(2026, 3, 1)))) == [["2026-03-01T00:00:00"]]


def test_gaps_between_rows_and_columns_of_a_workbook_stay_gaps():
    assert sheets.rows_of(workbook((0, 0, 1), (2, 2, 5))) == [["1"], [], ["", "", "5"]]


def test_a_lone_cell_in_the_farthest_corner_unfolds_nothing():
    with pytest.raises(BadInput, match="Sheet Data, row 200,002"):
        sheets.rows_of(workbook((0, 0, 1), (1_048_575, 16_383, 2)))


def test_a_sheet_that_is_too_wide_is_named():
    with pytest.raises(BadInput, match="Sheet Data, row 1 is wider than 1,000 columns"):
        sheets.rows_of(workbook((0, 1_500, 2)))


def test_a_workbook_that_unfolds_to_more_than_it_may_is_refused():
    file = workbook((0, 0, 1))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet2.xml", b" " * (65 * 2**20))
    with pytest.raises(BadInput, match="too large"):
        sheets.rows_of(file)


def test_entities_that_unfold_in_a_workbook_are_refused():
    bomb = '<!DOCTYPE x [<!ENTITY a "lol">' + "".join(
        f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' if i else '<!ENTITY a0 "&a;&a;">' for i in range(9)
    ) + "]><worksheet><sheetData><row><c t='str'><v>&a8;</v></c></row></sheetData></worksheet>"  # fmt: skip
    file = io.BytesIO()
    with zipfile.ZipFile(workbook((0, 0, 1))) as good, zipfile.ZipFile(file, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, bomb if name.endswith("sheet1.xml") else good.read(name))
    with pytest.raises(BadInput, match="not a workbook"):
        sheets.rows_of(file)


@given(raw=st.binary(max_size=200))
def test_what_is_no_workbook_is_refused_in_words(raw):
    with pytest.raises(BadInput, match="not a workbook"):
        sheets.rows_of(io.BytesIO(raw))
