"""The workbench walked for five stories of a plant, on the real platform; each ends in a record that can be used."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from tests.browser.walking import Walk

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("workbench")]
RNG = np.random.default_rng(11)
MARKED = re.compile(r"stands still.*14 equal, 31 to 44", re.DOTALL)


@pytest.fixture
def engineer(walk) -> Walk:
    someone: Walk = walk()
    someone.sign_in("Mikael Lund")
    someone.open("/analytics/workbench/")
    return someone


def table(head: str, rows: Sequence[Sequence[Any]]) -> str:
    """Rows as they are pasted from a sheet."""
    return "\n".join([head.replace(";", "\t"), *("\t".join(map(str, row)) for row in rows)])


def ask(who: Walk, study: str, text: str) -> None:
    """Choose a study, paste, and read the answer."""
    with who.page.expect_navigation():
        who.page.get_by_label("Study", exact=True).select_option(study)
    who.page.get_by_label("Paste a column or a table").fill(text)
    who.click(who.page.get_by_role("button", name="Read and answer"), to="**/analytics/workbench/")


def says(page: Page, words: str | re.Pattern[str]) -> None:
    """The sentence of the answer."""
    expect(page.locator("#answer-h")).to_contain_text(words)


def keep(who: Walk, title: str) -> None:
    """Save it as a record."""
    who.page.get_by_label("Title").fill(title)
    who.click(who.page.get_by_role("button", name="Save as record"), to=re.compile(r"/analytics/analyses/\d+/$"))
    expect(who.page.get_by_role("heading", level=1)).to_contain_text(title)


def test_an_incoming_lot_that_differs_becomes_evidence_in_a_nonconformity(engineer) -> None:
    page = engineer.page
    with page.expect_navigation():
        page.get_by_label("Study", exact=True).select_option("sampling")
    page.get_by_label("Lot size").fill("1000")
    engineer.click(page.get_by_role("button", name="Run again").last, to="**/analytics/workbench/")
    says(page, "80")
    lots = [(lot, f"{level + 0.12 * RNG.standard_normal():.3f}") for lot, level in
            (("KB-31", 8.61), ("KB-54", 8.60), ("KB-72", 8.59), ("KB-117", 8.40)) for _ in range(30)]  # fmt: skip
    engineer.open("/analytics/workbench/")
    ask(engineer, "anova", table("Lot;Force [kN]", lots))
    says(page, re.compile(r"KB-117 is 0\.\d+ kN lower than the others"))
    keep(engineer, "Press-in force by bearing lot")
    number = newest_nonconformity(engineer)
    engineer.click(page.get_by_role("button", name="Use as evidence"))
    page.locator("dialog [name=number]").fill(number)
    with page.expect_navigation(url=re.compile(r"/quality/nonconformities/\d+/")):
        engineer.click(page.locator("dialog").get_by_role("button", name="Use as evidence"))
    expect(page.locator("main")).to_contain_text("Press-in force by bearing lot")
    assert page.wrong == []


def newest_nonconformity(who: Walk) -> str:
    """The number of an open one, asked of the API as a colleague's script would."""
    key = who.plant.person("Mikael Lund")["token"]
    answer = who.page.request.get(
        f"{who.plant.url}/api/v1/nonconformities/?open=true&limit=1", headers={"Authorization": f"Bearer {key}"}
    )
    return str(answer.json()["results"][0]["number"])


def test_the_grinding_line_is_charted_from_its_own_readings(engineer) -> None:
    page = engineer.page
    with page.expect_navigation():
        page.get_by_label("Data from").select_option("characteristics")
    page.get_by_label("Characteristics").select_option(index=0)
    engineer.click(page.get_by_role("button", name="Read and answer"), to="**/analytics/workbench/")
    says(page, re.compile("[Cc]ontrol"))
    expect(page.locator("svg[role=img]").first).to_be_visible()
    keep(engineer, "Spool diameter, last day")
    assert exported(engineer, "JSON")["study"] == "readings"
    assert page.wrong == []


def exported(who: Walk, kind: str) -> Any:
    """A file of the record."""
    who.click(who.page.get_by_text("Export", exact=True))
    with who.page.expect_download() as coming:
        who.click(who.page.get_by_role("link", name=kind, exact=True))
    return json.loads(coming.value.path().read_text())


def test_solder_defects_are_charted_per_board_and_ranked_by_kind(engineer) -> None:
    boards = 40 + np.arange(30) * 7 % 20
    counts = np.rint(boards * 0.12 + np.resize([0, 1, -1, 2, -2, 1, -1], 30)).astype(int)
    counts[21] += 16
    ask(engineer, "counts", table("Defects;Boards", list(zip(counts.tolist(), boards.tolist(), strict=True))))
    says(engineer.page, "1 point of 30 breaks a rule")
    expect(engineer.page.locator("#answer")).to_contain_text("22")
    kinds = [("Bridge", 61), ("Void", 24), ("Insufficient solder", 48), ("Tombstone", 9)]
    engineer.open("/analytics/workbench/")
    ask(engineer, "pareto", table("Defect;Count", kinds))
    says(engineer.page, "Bridge")
    keep(engineer, "Solder defects, week 47")
    assert engineer.page.wrong == []


def test_a_gauge_study_is_judged_from_an_uploaded_workbook(engineer, tmp_path) -> None:
    file = tmp_path / "gauge.xlsx"
    file.write_bytes(gauge_workbook())
    page = engineer.page
    with page.expect_navigation():
        page.get_by_label("Study", exact=True).select_option("gauge")
    page.get_by_label("Or a file").set_input_files(file)
    engineer.click(page.get_by_role("button", name="Read and answer"), to="**/analytics/workbench/")
    says(page, re.compile(r"The gauge is good: \d+\.\d % of the spread is measurement, \d+ distinct categories"))
    expect(page.locator("#answer")).to_contain_text("90 rows, 270 values")
    keep(engineer, "Gauge study of the bore gauge")
    assert page.wrong == []


def gauge_workbook() -> bytes:
    """Ten parts, three appraisers, three trials."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Part", "Appraiser", "Reading [mm]"])
        rows = [(part, who, trial) for part in range(10) for who in "ABC" for trial in range(3)]
        for at, (part, who, _) in enumerate(rows, start=1):
            reading = 50 + part * 0.31 + {"A": 0.0, "B": 0.03, "C": -0.02}[who] + 0.05 * RNG.standard_normal()
            sheet.write_row(at, 0, [part + 1, who, round(reading, 3)])
    return held.getvalue()


def test_a_stuck_sensor_is_told_before_its_chart_is_believed(engineer) -> None:
    readings = np.round(61.2 + 0.4 * RNG.standard_normal(60), 3)
    readings[30:44] = readings[30]
    ask(engineer, "readings", table("Oil temperature [°C]", [(f"{value:.3f}",) for value in readings]))
    expect(engineer.page.locator("main")).to_contain_text("often a stuck sensor")
    expect(engineer.page.get_by_role("region", name="Can it be trusted?")).to_contain_text(MARKED)
    keep(engineer, "Oil temperature, bath 2")
    assert engineer.page.wrong == []
