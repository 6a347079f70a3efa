"""The history as a person reads it: what one sitting saved is one entry, and nothing between is hidden."""

from __future__ import annotations

import pytest

from capa import services
from capa.models import Capa
from qms.core.trail import reading
from qms.web.pages.history import entries

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
