"""A row read before somebody else changed it: what they wrote stays, and what they decided holds."""

from __future__ import annotations

from copy import copy

import pytest

from capa import services
from capa.models import Cause, Disposition, ReadAcross
from qms.core.actor import system
from qms.core.errors import Refused
from qms.core.trail import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def cause(to_capa, crew):
    """A cause with evidence that nobody has verified."""
    return services.add_cause(
        to_capa("root_cause"), kind="escape", statement="No gauge", evidence="Audit", by=crew["leader"]
    )


def test_a_disposition_is_carried_out_by_one_person(to_ncr, operator, engineer):
    row = to_ncr("in_disposition").dispositions.get()
    stale = copy(row)
    services.carry_out(row, by=operator)
    with pytest.raises(Refused, match="already carried out"):
        services.carry_out(stale, by=engineer)
    row.refresh_from_db()
    assert row.done_by_id == operator.id


def test_an_action_that_is_done_is_not_dropped_from_an_old_copy(to_capa, crew):
    action = to_capa("implementation").actions.first()
    stale = copy(action)
    services.finish_action(action, evidence="Photo", by=crew["builder"])
    with pytest.raises(Refused, match="already done"):
        services.cancel_action(stale, reason="Not needed", by=crew["leader"])
    action.refresh_from_db()
    assert (action.state, action.evidence) == ("done", "Photo")


def test_verifying_a_cause_keeps_what_was_written_meanwhile(cause, crew):
    stale = copy(cause)
    services.change_cause(cause, statement="Gauge out of use", by=crew["leader"])
    services.verify_cause(stale, result="confirmed", test="On and off", by=crew["leader"])
    assert Cause.objects.get(pk=cause.pk).statement == "Gauge out of use"


def test_choosing_a_cause_keeps_its_verification(cause, crew):
    stale = copy(cause)
    services.verify_cause(cause, result="refuted", test="On and off", by=crew["leader"])
    with pytest.raises(Refused, match="was refuted"):
        services.choose_cause(stale, chosen=True, by=crew["leader"])


def test_a_cause_verified_meanwhile_is_not_dropped(cause, crew):
    stale = copy(cause)
    services.verify_cause(cause, result="refuted", test="On and off", by=crew["leader"])
    with pytest.raises(Refused, match="stays in the tree"):
        services.drop_cause(stale, by=crew["leader"])


def test_a_cause_taken_away_meanwhile_is_said_to_be_gone(cause, crew):
    stale = copy(cause)
    services.drop_cause(cause, by=crew["leader"])
    with pytest.raises(Refused, match="took this row away"):
        services.verify_cause(stale, result="confirmed", test="On and off", by=crew["leader"])


def test_figures_corrected_meanwhile_stay_when_a_containment_is_verified(ncr, engineer):
    row = services.add_containment(ncr, place="wip", measure="Blocked", checked=10, found=2, by=engineer)
    stale = copy(row)
    services.change_containment(row, quantity_found=5, by=engineer)
    assert services.verify_containment(stale, how="Counted", by=engineer).quantity_found == 5


def test_a_criterion_keeps_what_another_person_changed(to_capa, crew):
    capa = to_capa("plan")
    row = services.fix_criterion(capa, metric="mean", direction="higher", window_days=20, by=crew["leader"])
    stale = copy(row)
    services.fix_criterion(capa, criterion=row, window_days=30, by=crew["leader"])
    assert services.fix_criterion(capa, criterion=stale, direction="lower", by=crew["leader"]).window_days == 30


def test_an_action_keeps_what_another_person_changed(to_capa, crew, soon):
    capa = to_capa("plan")
    row = services.add_action(capa, text="Gauge", by=crew["leader"])
    stale = copy(row)
    services.change_action(row, due=soon, by=crew["leader"])
    assert services.change_action(stale, text="New gauge", by=crew["leader"]).due == soon


def test_a_place_keeps_its_question_when_it_is_answered(to_capa, crew):
    row = services.ask_read_across(to_capa("prevention"), target="Line 1", by=crew["leader"])
    stale = copy(row)
    with acting(system("tests")):
        ReadAcross.objects.filter(pk=row.pk).update(question="Same press?")
    services.answer_read_across(stale, answer="not_applicable", reason="No press fit", by=crew["leader"])
    assert ReadAcross.objects.get(pk=row.pk).question == "Same press?"


def test_of_two_inspections_the_second_is_told(to_ncr, operator, engineer, approver):
    row = to_ncr("in_disposition").dispositions.get()
    with acting(system("tests")):
        Disposition.objects.filter(pk=row.pk).update(kind="rework")
    row = services.carry_out(row, by=operator)
    stale = copy(row)
    services.reinspect(row, result="rejected", by=engineer)
    with pytest.raises(Refused, match="meanwhile: rejected"):
        services.reinspect(stale, result="accepted", by=approver)


@pytest.fixture
def own_browser(browser_of, crew):
    return browser_of(crew["leader"])


def test_by_api_a_row_that_changed_is_not_taken_away_by_who_saw_it_before(cause, crew, own_browser):
    address = f"/api/v1/causes/{cause.pk}/"
    seen = own_browser.get(address)["ETag"]
    services.change_cause(cause, statement="Gauge out of use", by=crew["leader"])
    assert own_browser.delete(address, headers={"If-Match": seen}).status_code == 412
    assert own_browser.delete(address, headers={"If-Match": own_browser.get(address)["ETag"]}).status_code == 204


def test_by_api_an_action_on_a_row_heeds_the_version_seen(cause, crew, own_browser):
    address, found = f"/api/v1/causes/{cause.pk}/", {"result": "refuted", "test": "On and off"}
    seen = own_browser.get(address)["ETag"]
    services.change_cause(cause, statement="Gauge out of use", by=crew["leader"])
    verify = {"path": f"{address}verify/", "data": found, "content_type": "application/json"}
    assert own_browser.post(**verify, headers={"If-Match": seen}).status_code == 412
    assert own_browser.post(**verify, headers={"If-Match": own_browser.get(address)["ETag"]}).status_code == 200
