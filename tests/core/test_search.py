"""Search finds records of every kind by the beginnings of their words, and only what one may see."""

from __future__ import annotations

import pytest

from qms.core.actor import system
from qms.core.records import bulk_open, change_record
from qms.core.search import find, pieces
from qms.core.trail import acting, reading
from tests.core.gauge import Gauge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gauges")]


def numbers(text: str, actor, **limits) -> list[str]:
    with reading(actor):
        return [hit.record.number for hit in find(text, actor, **limits)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ring", True),
        ("RI", True),
        ("ring cal", True),
        ("gauge-17", True),
        ("nv1/l2/s30", True),
        ("press_force", True),
        ("Öl", True),
        ("ing", False),
        ("ring square", False),
        ("", False),
        ("' | & !:*(", False),
        ("\0", False),
    ],
)
def test_beginnings_of_words_are_found_in_any_writing(open_gauge, engineer, text, found) -> None:
    record = open_gauge("Ring gauge-17", note="Calibrated with öl on NV1/L2/S30/press_force")
    assert numbers(text, engineer) == ([record.number] if found else [])


def test_a_number_typed_in_full_comes_first(open_gauge, engineer) -> None:
    first = open_gauge("Ring")
    open_gauge("Copy of " + first.number, note=first.number)
    assert numbers(first.number.lower(), engineer)[0] == first.number


def test_the_title_weighs_more_than_the_text(open_gauge, engineer) -> None:
    open_gauge("Plug", note="beside the caliper")
    title = open_gauge("Caliper")
    assert numbers("caliper", engineer)[0] == title.number


def test_changed_words_are_found_and_the_old_ones_are_not(open_gauge, engineer) -> None:
    record = open_gauge("Ring", note="before")
    change_record(record, by=engineer, note="after")
    assert (numbers("before", engineer), numbers("after", engineer)) == ([], [record.number])


def test_nobody_finds_records_of_a_site_without_a_role_there(open_gauge, stranger, engineer, elsewhere) -> None:
    open_gauge("Ring")
    foreign = open_gauge("Ring", by=stranger, at=elsewhere)
    assert numbers("ring", stranger) == [foreign.number]
    with reading(system("tests")):
        assert len(find("ring", system("tests"))) == 2


def test_records_written_in_bulk_are_found(site, engineer) -> None:
    rows = [Gauge(site=site, title=f"Bulk {n}") for n in range(3)]
    with acting(engineer):
        bulk_open(Gauge, rows, by=engineer)
    assert len(numbers("bulk", engineer, limit=2)) == 2


def test_what_was_found_is_marked_in_title_and_excerpt(open_gauge, engineer) -> None:
    open_gauge("Ring gauge", note="x " * 60 + "the ringing noise" + " y" * 200)
    with reading(engineer):
        [hit] = find("ring", engineer)
    assert [(p.text, p.found) for p in hit.title] == [("Ring", True), (" gauge", False)]
    assert [p.text for p in hit.excerpt if p.found] == ["ring"]
    assert len("".join(p.text for p in hit.excerpt)) < 170


def test_marking_never_loses_a_letter() -> None:
    text = "NCR-2026-0001 <b>Ring</b> ring_gauge"
    assert "".join(p.text for p in pieces(text, ["ring", "ncr", "gauge", "0001"])) == text
