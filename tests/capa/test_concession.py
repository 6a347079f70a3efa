"""The customer's approval: given, bounded, signed, and not used up; a deviation is granted before the fact."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from capa import services
from capa.models import Disposition
from capa.workflow.concession import concession_out_of_time, nearly_used
from qms.core.errors import Refused
from qms.core.models import Site
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
GIVEN = {
    "concession_required": True,
    "concession_number": "K-77",
    "concession_by": "A. Roth",
    "concession_quantity": 12,
}


@pytest.fixture
def today():
    return timezone.now().date()


@pytest.fixture
def proposed(to_ncr, engineer, approver, step, today, defect):
    """12 pieces to be used as is, agreed by engineering; `facts` of the customer's approval."""

    def make(**facts):
        ncr = to_ncr("evaluation")
        services.add_disposition(ncr, kind="use_as_is", quantity=12, by=engineer)
        known = {"requirement": "8.4 kN", "actual": "8.2 kN", "defect_code": defect, "concession_on": today}
        services.save_nonconformity(ncr, by=engineer, **{**GIVEN, **known, **facts})
        for name, who in (("propose_disposition", engineer), ("agree_engineering", approver)):
            ncr = step(ncr, name, who)
        return step(ncr, "agree_production", approver)

    return make


def test_an_approval_seen_and_signed_lets_quality_approve(proposed, approver, manager, step):
    ncr = step(proposed(), "record_customer_approval", approver)
    assert step(ncr, "approve_disposition", manager).state == "disposition_approved"


def test_without_a_signature_on_it_quality_cannot_approve(proposed, manager, step):
    with pytest.raises(Refused, match="Record the customer's approval by signature"):
        step(proposed(), "approve_disposition", manager)


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ({"concession_by": ""}, "who at the customer approved it"),
        ({"concession_on": None}, "the day it was approved"),
        ({"concession_quantity": None}, "what it is bound to"),
        ({"concession_kind": "deviation", "concession_number": " "}, "customer deviation permit: enter its number"),
    ],
)
def test_what_is_not_known_of_the_approval_is_asked_for(proposed, approver, step, facts, missing):
    with pytest.raises(Refused, match=missing):
        step(proposed(**facts), "record_customer_approval", approver)


def test_a_deviation_is_granted_before_the_pieces_are_made(proposed, engineer, approver, step, today):
    ncr = proposed(concession_kind="deviation")
    services.save_nonconformity(ncr, by=engineer, occurred_at=timezone.now() - timedelta(days=3))
    with pytest.raises(Refused, match="granted before the pieces are made"):
        step(ncr, "record_customer_approval", approver)


def test_a_permit_ends_on_its_last_day(proposed, approver, step, today):
    ncr = proposed(concession_on=today - timedelta(days=9), concession_until=today - timedelta(days=1))
    with pytest.raises(Refused, match="The permit ended on"):
        step(ncr, "record_customer_approval", approver)


def test_an_approval_of_tomorrow_is_refused(proposed, approver, step, today):
    with pytest.raises(Refused, match="dated in the future"):
        step(proposed(concession_on=today + timedelta(days=2)), "record_customer_approval", approver)


def test_a_permit_for_one_lot_covers_no_other(proposed, engineer, approver, step):
    ncr = proposed(concession_lot="W47-1")
    services.save_nonconformity(ncr, by=engineer, lot="W47-2")
    with pytest.raises(Refused, match="covers lot W47-1, these pieces are of lot W47-2"):
        step(ncr, "record_customer_approval", approver)


def test_a_permit_for_a_lot_covers_no_pieces_without_one(proposed, approver, step):
    with pytest.raises(Refused, match="covers lot W47-1 alone: enter the lot of these pieces"):
        step(proposed(concession_lot="W47-1"), "record_customer_approval", approver)


@dataclass
class Permit:
    """What the clock of a permit is read from."""

    concession_on: date
    concession_until: date | None = None
    concession_kind: str = "concession"
    occurred_at: datetime | None = None
    detected_at: datetime = datetime(2026, 3, 1, tzinfo=UTC)
    concession_required: bool = True
    site: Site = field(default_factory=lambda: Site(timezone="Asia/Tokyo"))

    def disposition_rows(self):
        return [Disposition(kind="use_as_is", quantity=1)]


def late_utc(monkeypatch):
    """16:30 UTC on 10 March: half past one of the 11th in Tokyo."""
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 3, 10, 16, 30, tzinfo=UTC))


def test_an_approval_of_today_at_the_site_is_not_of_tomorrow(monkeypatch):
    late_utc(monkeypatch)
    assert concession_out_of_time(Permit(date(2026, 3, 11))) is None
    assert "dated in the future" in concession_out_of_time(Permit(date(2026, 3, 12)))


def test_the_last_day_of_a_permit_ends_with_the_day_of_the_site(monkeypatch):
    late_utc(monkeypatch)
    given = date(2026, 3, 2)
    assert concession_out_of_time(Permit(given, concession_until=date(2026, 3, 11))) is None
    assert "ended on 2026-03-10" in concession_out_of_time(Permit(given, concession_until=date(2026, 3, 10)))


def test_a_deviation_counts_the_day_the_pieces_were_made_at_the_site(monkeypatch):
    late_utc(monkeypatch)
    made = datetime(2026, 3, 8, 15, 0, tzinfo=UTC)  # midnight of the 9th in Tokyo
    permit = Permit(date(2026, 3, 9), concession_kind="deviation", occurred_at=made)
    assert concession_out_of_time(permit) is None
    permit.occurred_at = made - timedelta(seconds=1)
    assert "after 2026-03-08" in concession_out_of_time(permit)


def test_a_quantity_is_used_up_over_all_records_under_its_number(proposed, site, engineer, defect, approver, step):
    other = services.open_nonconformity(title="Burr", site=site, by=engineer, quantity_nonconforming=3)
    other = services.contain(
        other, by=engineer, password=PASSWORD, place="wip", measure="Blocked", quantity_checked=3, quantity_found=3
    )
    services.add_disposition(other, kind="repair", quantity=3, by=engineer)
    services.save_nonconformity(other, by=engineer, concession_number=" k-77")
    with pytest.raises(Refused, match="3 more are used"):
        step(proposed(), "record_customer_approval", approver)


def test_from_four_fifths_on_the_page_warns(proposed):
    assert nearly_used(proposed(concession_quantity=15)) == "12 of 15 pieces of K-77 are used."


def test_well_below_the_quantity_nothing_is_said(proposed):
    assert not nearly_used(proposed(concession_quantity=100))


def test_a_change_of_the_approval_voids_its_signature(proposed, engineer, approver, manager, step):
    ncr = step(proposed(), "record_customer_approval", approver)
    services.save_nonconformity(ncr, by=engineer, concession_number="K-78")
    with pytest.raises(Refused, match="Record the customer's approval"):
        step(ncr, "approve_disposition", manager)


def test_where_no_approval_is_asked_none_is_recorded(proposed, approver, step):
    with pytest.raises(Refused, match="No customer approval is needed"):
        step(proposed(concession_required=False), "record_customer_approval", approver)
