"""Lists: order, paging by key, filters, columns, saved views, exports, scope."""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import closing
from datetime import timedelta

import django_filters
import pytest
from django.utils import timezone

from capa.models import Nonconformity
from qms.core.models import Record
from qms.core.trail import acting, reading
from qms.web.pages import Column, NamedView, RecordListView
from qms.web.pages.columns import RECORD_COLUMNS
from qms.web.pages.export import defused
from qms.web.pages.keyset import cursor_of, ordered, page_keys
from qms.web.services import save_view

PIECES = "quantity_nonconforming"


class Filter(django_filters.FilterSet):
    severity = django_filters.ChoiceFilter(choices=[("minor", "Minor"), ("major", "Major")], label="Severity")

    class Meta:
        model = Nonconformity
        fields = ("severity",)


class Listing(RecordListView):
    model = Nonconformity
    policy = "nonconformity.view"
    key = "test-list"
    title = "Nonconformities"
    page_size = 3
    filterset_class = Filter
    views = (NamedView("Major ones", "severity=major"),)
    columns = (
        *RECORD_COLUMNS,
        Column(
            key="pieces", label="Pieces", value="quantity_nonconforming", kind="number", total="quantity_nonconforming"
        ),
    )

    def url_of(self, row) -> str:
        return f"/record/{row.pk}/"


def numbers(response) -> list[str]:
    return re.findall(r">(NCR-\d{4}-\d{4})</a>", response.content.decode())


def test_a_filter_that_is_not_set_says_any(ask, engineer, make_record) -> None:
    make_record("a")
    page = ask(Listing, engineer).content.decode()
    assert re.search(r'<option value=""( selected)?>Any</option>', page)
    assert ">---" not in page


def test_a_list_shows_the_first_page_and_counts_all(ask, engineer, make_record) -> None:
    for title in "abcde":
        make_record(title)
    page = ask(Listing, engineer, "/?sort=number")
    assert numbers(page) == ["NCR-2026-0001", "NCR-2026-0002", "NCR-2026-0003"]
    assert "5 rows, sorted by number" in page.content.decode()


@pytest.fixture(autouse=True)
def in_2026(time_machine_2026) -> None:
    """Numbers carry the year."""


@pytest.fixture
def time_machine_2026():
    import time_machine

    with time_machine.travel("2026-11-20 13:32 +0000", tick=True):
        yield


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", ["due", "title", "number"])
def test_paging_by_key_walks_every_row_once_in_order(engineer, make_record, field, descending) -> None:
    records = [make_record(title) for title in "bacab"]
    with acting(engineer):
        for index, record in enumerate(records):
            due = None if index % 2 else timezone.now() + timedelta(hours=index // 4)
            Record.objects.filter(pk=record.pk).update(due=due)
    with reading(engineer):
        rows = Nonconformity.objects.all()
        whole = [row.pk for row in ordered(rows, field, descending=descending)]
        walked, cursor = [], ""
        while True:
            found = page_keys(rows, field, descending=descending, cursor=cursor, most=2)
            if not found:
                break
            walked += found
            cursor = cursor_of(rows.get(pk=found[-1]), field)
    assert walked == whole


def test_empty_values_come_last_either_way(engineer, make_record) -> None:
    first, second = make_record("a"), make_record("b")
    with acting(engineer):
        Record.objects.filter(pk=first.pk).update(due=None)
    with reading(engineer):
        for descending in (False, True):
            rows = Nonconformity.objects.all()
            assert page_keys(rows, "due", descending=descending, cursor="", most=2) == [second.pk, first.pk]
            assert [row.pk for row in ordered(rows, "due", descending=descending)] == [second.pk, first.pk]


def test_an_unreadable_cursor_begins_from_the_start(engineer, make_record) -> None:
    make_record()
    with reading(engineer):
        rows = Nonconformity.objects.all()
        assert len(page_keys(rows, "number", descending=False, cursor="%%%", most=9)) == 1


def test_search_finds_rows_that_hold_every_word(ask, engineer, make_record) -> None:
    make_record("Press force low")
    make_record("Press depth low")
    assert numbers(ask(Listing, engineer, "/?q=press+force")) == ["NCR-2026-0001"]


def test_a_filter_in_the_url_narrows_and_shows_a_chip(ask, engineer, make_record) -> None:
    make_record("a", severity="minor")
    make_record("b", severity="major")
    page = ask(Listing, engineer, "/?severity=major").content.decode()
    assert "NCR-2026-0002" in page
    assert "NCR-2026-0001" not in page
    assert re.search(r"Severity <b>Major</b>", page)


def test_only_the_chosen_columns_are_shown(ask, engineer, make_record) -> None:
    make_record()
    page = ask(Listing, engineer, "/?cols=number,title").content.decode()
    assert re.findall(r"<th[^>]*>(?:<a[^>]*>)?([A-Z]\w+)", page) == ["Number", "What"]


def test_the_totals_row_sums_the_filter_not_the_page(ask, engineer, make_record) -> None:
    for _ in range(5):
        make_record(quantity_nonconforming=1000)
    assert ">5,000</td>" in ask(Listing, engineer).content.decode()


def test_more_rows_come_alone_for_htmx(ask, engineer, make_record) -> None:
    for title in "abcd":
        make_record(title)
    with reading(engineer):
        cursor = cursor_of(Nonconformity.objects.get(number="NCR-2026-0003"), "number")
    page = ask(Listing, engineer, f"/?sort=number&after={cursor}", {"HX-Request": "true", "HX-Target": "more"})
    assert numbers(page) == ["NCR-2026-0004"]
    assert "<html" not in page.content.decode()


class Heavy(Listing):
    heavy = True


@pytest.fixture
def of_very_many(make_record, monkeypatch) -> None:
    """A heavy list with more rows in its filter than are summed before the page is sent."""
    monkeypatch.setattr("qms.web.pages.listing.AT_ONCE", 4)
    for _ in range(5):
        make_record(quantity_nonconforming=1000)


def test_a_heavy_list_of_very_many_comes_before_its_sums(ask, engineer, of_very_many) -> None:
    page = ask(Heavy, engineer, "/?q=").content.decode()
    assert 'id="sums" hx-get="/?q="' in page
    assert "More than 4 rows" in page
    assert ">5,000</td>" not in page


def test_the_sums_of_a_heavy_list_come_alone(ask, engineer, of_very_many) -> None:
    sums = ask(Heavy, engineer, "/", {"HX-Request": "true", "HX-Target": "sums"})
    assert ">5,000</td>" in sums.content.decode()
    assert "5 rows" in sums.content.decode()
    assert numbers(sums) == []


def test_a_heavy_list_of_few_brings_its_sums_along(ask, engineer, make_record) -> None:
    make_record(quantity_nonconforming=1000)
    assert ">1,000</td>" in ask(Heavy, engineer).content.decode()


def test_a_page_htmx_lost_comes_whole_though_it_begins_further_on(ask, engineer, make_record) -> None:
    make_record()
    page = ask(Listing, engineer, "/?after=W10=", {"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in page.content.decode()


def test_a_person_of_another_plant_sees_an_empty_list(ask, stranger, make_record) -> None:
    make_record()
    assert numbers(ask(Listing, stranger)) == []


def test_saved_views_stand_beside_the_ones_of_the_product(ask, engineer, make_record) -> None:
    make_record()
    save_view(page="test-list", name="Mine", query="q=force", by=engineer)
    page = ask(Listing, engineer, "/?q=force").content.decode()
    assert re.search(r'<a href="\?q=force" aria-current="page">Mine</a>', page)
    assert "Major ones" in page


def test_a_private_view_of_somebody_else_is_not_shown(ask, engineer, manager, make_record) -> None:
    make_record()
    save_view(page="test-list", name="Private", query="q=x", by=manager)
    save_view(page="test-list", name="Shared", query="q=y", by=manager, shared=True)
    page = ask(Listing, engineer).content.decode()
    assert "Shared" in page
    assert "Private" not in page


def workbook(response) -> zipfile.ZipFile:
    with closing(response):
        return zipfile.ZipFile(io.BytesIO(response.getvalue()))


def test_csv_begins_with_a_byte_order_mark_and_holds_all_pages(ask, engineer, make_record) -> None:
    for title in "abcde":
        make_record(title)
    body = ask(Listing, engineer, "/?export=csv&sort=number").getvalue()
    lines = body.decode("utf-8-sig").splitlines()
    assert body.startswith(b"\xef\xbb\xbf")
    assert lines[0].startswith("Number,What,State,Owner,Due")
    assert len(lines) == 6


def test_formulas_are_defused_in_both_exports(ask, engineer, make_record) -> None:
    make_record('=HYPERLINK("http://evil")')
    csv = ask(Listing, engineer, "/?export=csv").getvalue().decode()
    book = workbook(ask(Listing, engineer, "/?export=xlsx"))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "'=HYPERLINK" in csv
    assert "<f>" not in sheet
    assert "'=HYPERLINK" in sheet


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_every_dangerous_beginning_is_defused(text) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("value", [-1, -1.5, None, "plain", "1-2"])
def test_numbers_and_plain_texts_stay_as_they_are(value) -> None:
    assert defused(value) == value


def test_xlsx_says_on_a_second_sheet_what_was_exported(ask, engineer, make_record) -> None:
    make_record("a", severity="major")
    book = workbook(ask(Listing, engineer, "/?severity=major&export=xlsx"))
    about = book.read("xl/worksheets/sheet2.xml").decode()
    assert "Severity: Major" in about
    assert engineer.name in about
