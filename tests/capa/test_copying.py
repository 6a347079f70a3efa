"""A duplicate is a draft with what described its source, and nothing that was decided, dated or signed there."""

from __future__ import annotations

import pytest
from django.urls import reverse

from capa import services
from capa.models import Capa, Deviation, Nonconformity
from qms.core.errors import Denied
from qms.core.models import Link

pytestmark = pytest.mark.django_db


@pytest.fixture
def ncr(site, engineer) -> Nonconformity:
    return services.open_nonconformity(
        title="Burr", site=site, by=engineer, description="On the edge", severity="major", requirement="No burr",
        quantity_nonconforming=12, quantity_inspected=40, lot="L1", concession_number="C-7",
    )  # fmt: skip


def test_a_copy_describes_the_same_and_counts_nothing(ncr, operator) -> None:
    made = services.open_copy(ncr, by=operator)
    assert (made.title, made.description, made.severity, made.requirement) == (
        "Burr", "On the edge", "major", "No burr",
    )  # fmt: skip
    assert (made.quantity_nonconforming, made.quantity_inspected, made.lot, made.concession_number) == (
        None, None, "", "",
    )  # fmt: skip
    assert (made.state, made.owner_id, made.number != ncr.number) == ("reported", operator.id, True)


def test_a_copy_is_linked_to_its_source(ncr, engineer) -> None:
    made = services.open_copy(ncr, by=engineer)
    assert Link.objects.get().relation == "copied from"
    assert (Link.objects.get().source_id, Link.objects.get().target_id) == (made.pk, ncr.pk)


def test_a_copied_capa_takes_along_what_the_problem_is_but_not_when_and_how_many(site, engineer) -> None:
    problem = {"what": "Leak", "when": "On Monday", "how_many": "12 pieces"}
    aspects = [{"aspect": "what", "is": "a", "is_not": "b"}, {"aspect": "when", "is": "c", "is_not": "d"}]
    source = services.open_capa(title="Leak", site=site, by=engineer, symptom="Oil", problem=problem,
                                comparison=aspects, summary="Done", watch_months=3)  # fmt: skip
    made = services.open_copy(source, by=engineer)
    assert isinstance(made, Capa)
    assert (made.symptom, made.problem, made.comparison) == ("Oil", {"what": "Leak"}, aspects[:1])
    assert (made.summary, made.watch_months, made.source_ncr_id) == ("", 12, None)


def test_a_copied_permit_has_no_bounds_yet(site, engineer) -> None:
    source = services.open_deviation(title="Softer", site=site, by=engineer, instead="HV 180", quantity=500, lot="L1",
                                     customer_number="C-7", customer_required=True)  # fmt: skip
    made = services.open_copy(source, by=engineer)
    assert isinstance(made, Deviation)
    assert (made.instead, made.customer_required) == ("HV 180", True)
    assert (made.quantity, made.lot, made.customer_number, made.state) == (None, "", "", "draft")


def test_who_may_open_none_at_the_site_copies_none(ncr, auditor, stranger) -> None:
    for actor in (auditor, stranger):
        with pytest.raises(Denied):
            services.open_copy(ncr, by=actor)


@pytest.mark.parametrize("name", ["nonconformity", "capa", "deviation"])
def test_the_page_leads_to_a_draft_that_is_filled_in(name, site, engineer, browser_of, ncr) -> None:
    opened = {"nonconformity": lambda: ncr, "capa": lambda: services.open_capa(title="Leak", site=site, by=engineer),
              "deviation": lambda: services.open_deviation(title="Softer", site=site, by=engineer)}  # fmt: skip
    source, browser = opened[name](), browser_of(engineer)
    address = reverse(f"capa:{name}-copy", args=[source.pk])
    assert address in browser.get(source.get_absolute_url()).content.decode()
    page = browser.get(address).content.decode()
    assert f'value="{source.title}"' in page
    assert f"Duplicate {source.number}" in page


def test_a_refused_draft_keeps_what_was_typed(ncr, engineer, browser_of) -> None:
    sent = {"title": "", "description": "Typed at length", "severity": "major", "found": "final"}
    answer = browser_of(engineer).post(reverse("capa:nonconformity-copy", args=[ncr.pk]), sent)
    assert answer.status_code == 400
    assert "Typed at length" in answer.content.decode()
    assert Nonconformity.objects.count() == 1


def test_a_sent_draft_opens_the_record_as_typed(ncr, engineer, browser_of) -> None:
    sent = {"title": "Burr again", "severity": "minor", "found": "final", "lot": "L2", "quantity_nonconforming": "3"}
    answer = browser_of(engineer).post(reverse("capa:nonconformity-copy", args=[ncr.pk]), sent)
    made = Nonconformity.objects.exclude(pk=ncr.pk).get()
    assert answer.headers["Location"] == made.get_absolute_url()
    assert (made.title, made.lot, made.quantity_nonconforming, made.description) == ("Burr again", "L2", 3, "")


def test_nobody_is_shown_the_draft_of_a_record_they_cannot_see(ncr, stranger, auditor, browser_of) -> None:
    address = reverse("capa:nonconformity-copy", args=[ncr.pk])
    assert browser_of(stranger).get(address).status_code == 404
    assert browser_of(auditor).get(address).status_code == 403
