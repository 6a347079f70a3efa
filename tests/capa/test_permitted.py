"""Pieces of a nonconformity that were made under a deviation permit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from capa import services
from capa.models import Deviation
from capa.workflow.approval import permit_refuses
from qms.core.actor import system
from qms.core.errors import Invalid, Refused
from qms.core.stepping import advance
from qms.core.trail import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def permit(site, engineer):
    """In force since yesterday, for ten pieces."""
    today = timezone.now().date()
    row = services.open_deviation(
        title="Old seal", site=site, by=engineer, requirement="C", instead="B", justification="Late", risk="Low",
        begins_on=today - timedelta(days=1), ends_on=today + timedelta(days=5), quantity=10,
    )  # fmt: skip
    with acting(system("tests")):
        Deviation.objects.filter(pk=row.pk).update(state="active")
    return Deviation.objects.get(pk=row.pk)


@pytest.fixture
def covered(to_ncr, permit, engineer):
    """A nonconformity in evaluation whose twelve pieces are to be used as they are under the permit."""
    ncr = to_ncr("evaluation")
    return services.save_nonconformity(ncr, permit=permit, by=engineer)


def test_more_pieces_than_the_permit_covers_are_not_proposed(covered, engineer):
    services.add_disposition(covered, kind="use_as_is", quantity=12, by=engineer)
    with pytest.raises(Refused, match="2 pieces more than it covers"):
        advance(covered, "propose_disposition", by=engineer)


def test_pieces_booked_before_count_as_well(covered, permit, engineer):
    services.book_use(permit, quantity=9, by=engineer)
    services.add_disposition(covered, kind="use_as_is", quantity=2, by=engineer)
    assert "1 piece more" in permit_refuses(covered)


def test_scrapped_pieces_need_no_permit(covered, permit, engineer):
    services.add_disposition(covered, kind="scrap", quantity=12, by=engineer)
    assert permit_refuses(covered) is None
    assert permit.used() == 0


def test_a_permit_that_was_not_in_force_covers_nothing(covered, engineer):
    services.add_disposition(covered, kind="use_as_is", quantity=2, by=engineer)
    long_ago = timezone.now() - timedelta(days=9)
    early = services.save_nonconformity(covered, occurred_at=long_ago, by=engineer)
    assert "was not in force" in permit_refuses(early)


def test_pieces_made_while_it_ran_are_covered_after_its_end(covered, permit, engineer):
    services.add_disposition(covered, kind="use_as_is", quantity=2, by=engineer)
    with acting(system("tests")):
        Deviation.objects.filter(pk=permit.pk).update(state="expired", closed_at=timezone.now())
    covered.permit.refresh_from_db()
    assert permit_refuses(covered) is None


def test_a_permit_of_another_site_is_not_named(covered, stranger, elsewhere, engineer):
    theirs = services.open_deviation(title="Theirs", site=elsewhere, by=stranger)
    with pytest.raises(Invalid, match="belongs to another site"):
        services.save_nonconformity(covered, permit=theirs, by=engineer)
