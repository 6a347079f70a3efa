"""Numbers begin anew with the year, by the clock on the site's wall."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qms.core.records import bulk_open, open_record
from tests.core.gauge import Gauge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gauges")]
NEW_YEAR = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # half past midnight in Berlin


def test_a_record_opened_after_the_sites_midnight_is_of_the_new_year(site, engineer) -> None:
    assert open_record(Gauge, title="Ring", site=site, at=NEW_YEAR, by=engineer).number == "GAU-2027-0001"


def test_imported_records_are_numbered_by_the_sites_year_too(site, engineer) -> None:
    made = bulk_open(Gauge, [Gauge(title="Ring", site=site, opened_at=NEW_YEAR)], by=engineer)
    assert [record.number for record in made] == ["GAU-2027-0001"]
