"""The history as a person reads it: what one sitting saved is one entry, and nothing between is hidden."""

from __future__ import annotations

import pytest

from capa import services
from capa.models import Capa
from qms.core.trail import reading
from qms.web.pages.history import entries, plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(engineer, site) -> Capa:
    """A summary saved three times in one sitting."""
    capa = services.open_capa(title="Leak after press-in", site=site, by=engineer, severity="major")
    for text in ("First", "Second", "Third"):
        services.save_section(capa, "closing", by=engineer, summary=text)
    return capa


def test_one_sitting_is_one_entry_that_holds_every_save(written, engineer) -> None:
    with reading(engineer):
        entry = entries(written)[0]
    assert [(line.old, line.new) for line in entry.changes] == [("", "Third")]
    assert [save.changes[0].new for save in entry.saves] == ["Third", "Second", "First"]


def test_the_page_opens_a_sitting_into_its_saves(written, engineer, browser_of) -> None:
    page = browser_of(engineer).get(written.get_absolute_url()).content.decode()
    assert "3 saves from" in page
    assert "<del>Second</del>" in page


@pytest.mark.parametrize("title", ["2026-02-30 10:00:00", "9999-12-31T23:59:59+00:00", "2026-11-22T14:32:00Z"])
def test_a_text_that_looks_like_a_time_is_told_as_it_was_written(written, engineer, title) -> None:
    services.save_section(written, "closing", by=engineer, summary=title)
    with reading(engineer):
        assert entries(written)[0].changes[0].new == title


@pytest.mark.parametrize("text", ["2026-02-30T10:00:00Z", "9999-12-31T23:59:59Z", "2026-13-45T99:99:99Z"])
def test_a_value_that_is_no_moment_is_shown_as_it_is(text) -> None:
    assert plain(text) == text
