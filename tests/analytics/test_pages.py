"""The workbench, the list and the page of an analysis."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from analytics.examples import EXAMPLES
from analytics.models import Analysis
from capa.services import open_nonconformity
from qms.core.trail import reading

pytestmark = pytest.mark.django_db
BENCH = "/analytics/workbench/"


@pytest.fixture
def page(engineer, browser_of, site):
    return browser_of(engineer)


def sent(**fields):
    return {"study": "readings", "source": "text", "text": EXAMPLES["grinding"].text, "do": "read", **fields}


def test_an_empty_bench_offers_examples(page):
    answer = page.get(BENCH)
    assert answer.status_code == 200
    assert "Solder defects" in answer.content.decode()


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_answered(page, example):
    answer = page.get(BENCH, {"example": example}).content.decode()
    assert 'id="answer-h"' in answer
    assert "<svg" in answer


def test_a_pasted_column_is_charted_with_the_reason(page):
    answer = page.post(BENCH, sent()).content.decode()
    assert "Advised:" in answer
    assert "Not in control" in answer
    assert "Nothing is kept until" in answer


def test_a_bad_cell_is_named_and_the_text_stays(page):
    answer = page.post(BENCH, sent(text="Force\n8.1\noops\n8.3"))
    assert answer.status_code == 400
    shown = answer.content.decode()
    assert "Row 2, column Force" in shown
    assert "oops\n8.3</textarea>" in shown


def test_a_setting_that_cannot_be_keeps_what_was_typed(page):
    fields = {"study": "capability", "recipe": "capability", "role_values": "Shaft diameter", "set_lsl": "19.99x"}
    answer = page.post(BENCH, sent(**fields))
    assert answer.status_code == 400
    assert "Enter a number" in answer.content.decode()


def test_settings_of_the_recipe_reach_the_answer(page):
    fields = {"recipe": "readings", "role_values": "Shaft diameter", "set_chart": "xbar-r", "set_size": "4"}
    assert "Mean, mm" in page.post(BENCH, sent(**fields)).content.decode()


def test_another_study_starts_with_its_own_recipe(page):
    answer = page.post(BENCH, sent(study="trend", recipe="readings", role_values="Shaft diameter"))
    assert 'name="recipe" value="trend"' in answer.content.decode()


def test_what_else_to_try_takes_the_same_data(page):
    assert 'value="trend"' in page.post(BENCH, sent()).content.decode().partition("Also try")[2]
    fields = {name: value for name, value in sent(recipe="readings").items() if name != "do"}
    answer = page.post(BENCH, {**fields, "study": ["readings", "trend"]}).content.decode()
    assert "<h1>Trend and change points</h1>" in answer


def test_a_workbook_becomes_text_that_can_be_seen(page):
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.add_worksheet().write_column(0, 0, ["Force [kN]", 8.1, 8.3, 8.2, 8.4])
    book.close()
    upload = SimpleUploadedFile("forces.xlsx", file.getvalue())
    shown = page.post(BENCH, sent(text="", file=upload)).content.decode()
    assert "Force [kN]\n8.1\n8.3" in shown
    assert 'value="forces.xlsx"' in shown


def test_a_file_that_is_no_workbook_says_so(page):
    answer = page.post(BENCH, sent(file=SimpleUploadedFile("x.xlsx", b"no zip")))
    assert answer.status_code == 400
    assert "not a workbook" in answer.content.decode()


def test_the_unicode_text_of_a_spreadsheet_is_read(page):
    upload = SimpleUploadedFile("forces.txt", "Stärke\n8,1\n8,3\n8,2\n".encode("utf-16"))
    assert "Stärke\n8,1" in page.post(BENCH, sent(text="", file=upload)).content.decode()


def test_a_sampling_plan_needs_no_data(page):
    assert "Inspect 80" in page.post(BENCH, sent(study="sampling", text="")).content.decode()


def test_saving_makes_a_record_and_leads_to_it(page, engineer):
    answer = page.post(BENCH, sent(do="save", title="Shafts", question="Did it drift?"))
    assert answer.status_code == 302
    with reading(engineer):
        record = Analysis.objects.get()
    assert (record.title, record.question, record.state) == ("Shafts", "Did it drift?", "saved")
    shown = page.get(answer["Location"]).content.decode()
    assert "Did it drift?" in shown
    assert "Can it be trusted?" in shown


def test_nothing_is_saved_while_something_is_wrong(page, engineer):
    assert page.post(BENCH, sent(do="save", text="Force\n8.1\noops\n8.3")).status_code == 400
    with reading(engineer):
        assert not Analysis.objects.exists()


def test_an_analysis_is_changed_and_run_again(page, analysis):
    shown = page.get(BENCH, {"from": analysis.pk}).content.decode()
    assert "Shaft diameter [mm]\n20.012" in shown
    assert 'id="answer-h"' in shown


def test_the_list_filters_and_exports(page, analysis):
    url = reverse("analytics:analyses")
    assert analysis.number in page.get(url, {"study": "readings"}).content.decode()
    assert analysis.number not in page.get(url, {"study": "pareto"}).content.decode()
    assert b"Shafts" in b"".join(page.get(url, {"export": "csv"}).streaming_content)


def test_an_empty_list_says_what_it_is_for(page):
    assert "An analysis answers a question from data" in page.get(reverse("analytics:analyses")).content.decode()


def test_an_analysis_is_found_by_its_words(page, analysis):
    assert analysis.number in page.get(reverse("web:search"), {"q": "Shafts"}).content.decode()


def test_it_is_used_as_evidence_from_its_page(page, analysis, site, engineer):
    ncr = open_nonconformity(title="Shafts drift", site=site, by=engineer)
    url = reverse("analytics:use", args=[analysis.pk])
    assert ncr.number in page.get(url).content.decode()
    assert page.post(url, {"number": ncr.number})["Location"] == ncr.get_absolute_url()
    assert "The analysis" in page.get(ncr.get_absolute_url()).content.decode()
    assert ncr.number in page.get(analysis.get_absolute_url()).content.decode()


def test_an_unknown_record_takes_no_evidence(page, analysis):
    answer = page.post(reverse("analytics:use", args=[analysis.pk]), {"number": "NCR-1"})
    assert answer.status_code == 400
    assert "no nonconformity or CAPA of this number" in answer.content.decode()


def test_an_executive_reads_but_does_not_make(analysis, make_actor, browser_of, site):
    reader = browser_of(make_actor("Eva Chief", "executive", site=site))
    assert reader.get(analysis.get_absolute_url()).status_code == 200
    assert reader.get(BENCH).status_code == 403


def test_a_hundred_thousand_rows_are_answered_whole(page):
    text = "\n".join(["x", *(f"{10 + (i * 7919 % 1000) / 1000:.3f}" for i in range(100_000))])
    answer = page.post(BENCH, sent(text=text))
    assert answer.status_code == 200
    assert "100,000" in answer.content.decode()


def test_the_price_of_the_rules_stands_beside_the_picker(page):
    fields = {"recipe": "readings", "role_values": "Shaft diameter", "set_rules": "nelson_1"}
    assert "one false alarm in 370 points" in page.post(BENCH, sent(**fields)).content.decode()


def test_a_set_of_ones_own_starts_with_four_rules_ticked(page):
    fields = {"recipe": "readings", "role_values": "Shaft diameter", "set_rules": "own"}
    shown = page.post(BENCH, sent(**fields)).content.decode()
    assert shown.count("checked") == 4


def test_an_analysis_with_a_set_of_ones_own_is_run_again_with_it(page, engineer):
    fields = {"recipe": "readings", "role_values": "Shaft diameter", "set_rules": "own", "set_own": ["nelson_1"]}
    page.post(BENCH, sent(**fields, do="save"))
    with reading(engineer):
        record = Analysis.objects.get()
    shown = page.get(BENCH, {"from": record.pk}).content.decode()
    assert shown.count("checked") == 1


@pytest.mark.parametrize("source", ["text", "characteristics"])
def test_choosing_a_study_or_a_source_blames_nobody_for_what_is_not_filled_in(page, source):
    answer = page.post(BENCH, {"study": "trend", "source": source, "text": ""})
    assert answer.status_code == 200
    assert not answer.context["form"].errors


def test_picked_data_begin_with_the_last_day(page):
    form = page.post(BENCH, {"study": "readings", "source": "characteristics", "text": ""}).context["form"]
    first, last = form["first"].value(), form["last"].value()
    assert first[:10] < last[:10]
    assert first[11:] == last[11:]
