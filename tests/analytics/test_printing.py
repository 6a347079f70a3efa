"""An analysis on paper and as a picture."""

from __future__ import annotations

import re
import struct

import pytest

from analytics import exporting, services, tables
from analytics.examples import EXAMPLES

pytestmark = pytest.mark.django_db


def test_a_printed_analysis_is_an_archive_file(analysis):
    made = exporting.as_pdf(analysis)
    assert made.startswith(b"%PDF-1.7")
    assert b"pdfaid:part" in made
    assert analysis.number.encode("utf-16-be") in made or analysis.number.encode() in made


def test_the_same_analysis_prints_to_the_same_bytes(analysis):
    assert exporting.as_pdf(analysis) == exporting.as_pdf(analysis)


def test_a_drawing_becomes_a_picture_twice_as_wide(analysis):
    made = exporting.as_png(analysis)
    assert made.startswith(b"\x89PNG")
    width, _ = struct.unpack(">II", made[16:24])
    shown = float(re.search(r'viewBox="0 0 ([\d.]+)', analysis.drawing)[1])
    assert width == pytest.approx(2 * shown, abs=40)  # with its margin


def test_what_people_write_is_no_markup(shafts, site, engineer):
    answer = services.analyse(shafts, study="readings")
    title = '#import "@preview/x:1.0.0" *bold* $x$ #read("/etc/passwd")'
    record = services.open_analysis(
        title=title, site=site, table=shafts, answer=answer, by=engineer, question="#panic()"
    )
    assert exporting.as_pdf(record).startswith(b"%PDF")


@pytest.mark.parametrize("key", EXAMPLES)
def test_every_example_is_printed(key, site, engineer):
    table = tables.read_text(EXAMPLES[key].text)
    answer = services.analyse(table, study=EXAMPLES[key].study)
    record = services.open_analysis(title=key, site=site, table=table, answer=answer, by=engineer)
    assert len(exporting.as_pdf(record)) > 10_000
