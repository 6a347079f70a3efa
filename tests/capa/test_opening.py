"""Opening: from a signal with the chart frozen, once; from a nonconformity, linked; what calls for a CAPA."""

from __future__ import annotations

from decimal import Decimal

import pytest

from capa import services
from capa.models import EscalationRule, Nonconformity
from governance.models import Process
from iot.models import Signal
from qms.core.actor import system
from qms.core.errors import Denied, Invalid, Refused
from qms.core.links import linked
from qms.core.stepping import advance
from qms.core.trail import acting, history

pytestmark = pytest.mark.django_db


def test_a_signal_prefills_the_nonconformity(signal, operator):
    ncr = services.open_nonconformity_from_signal(signal, by=operator)
    assert ncr.title == "Press-in force: One point lies beyond the limits."
    assert (ncr.part, ncr.station, ncr.process, ncr.lot) == (
        signal.characteristic.part,
        signal.characteristic.station,
        signal.characteristic.process,
        "W47-206",
    )
    assert ncr.requirement == "specification 8.400 to 8.800 kN; control limits version 1: 8.480 to 8.720 kN"
    assert ncr.actual == "8.310 kN, centre line 8.600 kN"
    assert ncr.occurred_at == signal.first_at


def test_a_signal_is_converted_and_its_chart_frozen_in_the_same_act(signal, operator):
    ncr = services.open_nonconformity_from_signal(signal, by=operator)
    signal.refresh_from_db()
    assert (signal.state, signal.record_id) == ("converted", ncr.pk)
    assert ncr.evidence.count() == 1
    assert len({act.id for act in history(ncr)}) == 1


def test_opening_the_same_signal_twice_folds_into_one(signal, operator, engineer):
    first = services.open_nonconformity_from_signal(signal, by=operator)
    assert services.open_nonconformity_from_signal(Signal.objects.get(pk=signal.pk), by=engineer).pk == first.pk
    assert Nonconformity.objects.filter(signal=signal).count() == 1


def test_a_capa_from_a_nonconformity_is_linked_both_ways_and_prefilled(ncr, engineer):
    capa = services.open_capa(source_ncr=ncr, by=engineer)
    assert (capa.title, capa.source, capa.source_detail) == (ncr.title, "nonconformity", ncr.number)
    assert capa.problem["how_many"] == "12 pieces"
    assert [other.record.pk for other in linked(ncr, engineer)] == [capa.pk]
    assert [other.record.pk for other in linked(capa, engineer)] == [ncr.pk]


def test_a_second_capa_from_the_same_nonconformity_is_refused(ncr, engineer):
    capa = services.open_capa(source_ncr=ncr, by=engineer)
    with pytest.raises(Refused, match=f"already has {capa.number}"):
        services.open_capa(source_ncr=ncr, by=engineer)


def test_an_operator_cannot_open_a_capa(ncr, operator):
    with pytest.raises(Denied):
        services.open_capa(source_ncr=ncr, by=operator)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"severity": "safety"}, "a safety matter"), ({"customer_found": True}, "found by the customer")],
)
def test_safety_and_the_customer_call_for_a_capa(site, operator, fields, reason):
    ncr = services.open_nonconformity(title="Leak", site=site, by=operator, **fields)
    assert ncr.escalation == [reason]


def test_the_third_of_the_same_defect_and_process_calls_for_a_capa(site, operator, defect):
    with acting(system("tests")):
        process = Process.objects.create(site=site, code="PRESS", name="Press-in")
    found = [
        services.open_nonconformity(title="Low", site=site, by=operator, defect_code=defect, process=process).escalation
        for _ in range(3)
    ]
    assert found == [[], [], ["same defect and process 3 times in 30 days"]]


def test_cost_above_the_sites_limit_calls_for_a_capa(ncr, site, engineer):
    with acting(system("tests")):
        EscalationRule.objects.create(site=site, cost=Decimal(1000))
    services.add_cost(ncr, what="Scrap", amount=Decimal(1500), by=engineer)
    assert Nonconformity.objects.get(pk=ncr.pk).escalation == ["cost 1,500 EUR above 1,000 EUR"]


@pytest.fixture
def escalated(to_ncr, engineer):
    ncr = to_ncr("verified")
    services.save_nonconformity(ncr, by=engineer, customer_found=True)
    return Nonconformity.objects.get(pk=ncr.pk)


def test_what_calls_for_a_capa_cannot_close_without_one(escalated, manager):
    with pytest.raises(Refused, match="found by the customer"):
        advance(escalated, "close", by=manager)


def test_refusing_the_capa_needs_a_rationale(escalated, engineer):
    with pytest.raises(Invalid, match="Say why no CAPA is needed"):
        services.refuse_escalation(escalated, rationale=" ", by=engineer)


def test_a_rationale_or_a_capa_lets_it_close(escalated, engineer, manager):
    services.refuse_escalation(escalated, rationale="Customer's own damage", by=engineer)
    assert advance(escalated, "close", by=manager).state == "closed"


def test_a_safety_matter_is_contained_within_four_hours(site, operator):
    ncr = services.open_nonconformity(title="Leak", site=site, by=operator, severity="safety")
    assert (ncr.due - ncr.opened_at).total_seconds() == 4 * 3600
