"""The nonconformity's flow: each guard refuses with the sentence that helps."""

from __future__ import annotations

import pytest

from capa import services
from capa.models import Disposition, Nonconformity
from capa.workflow import NCR_FLOW
from qms.core.actor import system
from qms.core.errors import Refused
from qms.core.stepping import advance
from qms.core.trail import acting
from tests.capa.walk import NCR_WAY
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", NCR_WAY)
def test_the_shortest_way_reaches_every_state(to_ncr, state):
    assert to_ncr(state).state == state


def test_containing_without_a_place_is_refused(ncr, engineer, step):
    with pytest.raises(Refused, match="no containment is recorded yet"):
        step(ncr, "contain", engineer)


def test_containing_without_figures_is_refused(ncr, engineer, step):
    services.add_containment(ncr, place="wip", measure="Blocked", by=engineer)
    with pytest.raises(Refused, match="checked and found in work in progress"):
        step(ncr, "contain", engineer)


def test_proposing_without_requirement_actual_and_code_is_refused(to_ncr, engineer):
    with pytest.raises(Refused, match="the requirement that is not met, what was actually found and the defect code"):
        advance(to_ncr("evaluation"), "propose_disposition", by=engineer)


def test_more_dispositions_than_pieces_are_refused(to_ncr, engineer):
    ncr = to_ncr("evaluation")
    services.add_disposition(ncr, kind="scrap", quantity=10, by=engineer)
    with pytest.raises(Refused, match="3 pieces more than are nonconforming"):
        services.add_disposition(ncr, kind="rework", quantity=5, by=engineer)
    assert Disposition.objects.filter(nonconformity=ncr).count() == 1


def test_closing_with_an_open_ledger_is_refused(to_ncr, manager):
    ncr = to_ncr("verified")
    with acting(system("tests")):
        Nonconformity.objects.filter(pk=ncr.pk).update(quantity_nonconforming=20)
    with pytest.raises(Refused, match="8 of 20 pieces have no disposition"):
        advance(ncr, "close", by=manager)


@pytest.fixture
def proposed(to_ncr, engineer, defect):
    """A proposal with one kind of disposition."""

    def make(kind: str, quantity: int = 12) -> Nonconformity:
        ncr = to_ncr("evaluation")
        services.save_nonconformity(ncr, by=engineer, requirement="8.4", actual="8.3", defect_code=defect)
        services.add_disposition(ncr, kind=kind, quantity=quantity, by=engineer)
        return advance(ncr, "propose_disposition", by=engineer)

    return make


@pytest.mark.parametrize("kind", ["repair", "use_as_is", "regrade"])
def test_accepting_pieces_that_are_not_as_specified_needs_engineering(proposed, manager, step, kind):
    with pytest.raises(Refused, match="needs the signature of engineering"):
        step(proposed(kind), "approve_disposition", manager)


def test_engineering_and_quality_are_two_people(proposed, manager, step):
    ncr = step(proposed("use_as_is"), "agree_engineering", manager)
    with pytest.raises(Refused, match="quality must be another person"):
        step(ncr, "approve_disposition", manager)


def test_engineering_production_and_quality_approve_use_as_is(proposed, approver, manager, step):
    ncr = step(step(proposed("use_as_is"), "agree_engineering", approver), "agree_production", approver)
    assert step(ncr, "approve_disposition", manager).state == "disposition_approved"


@pytest.mark.parametrize("kind", ["rework", "repair", "use_as_is", "regrade", "sort"])
def test_pieces_that_stay_in_the_plant_need_production(proposed, approver, manager, step, kind):
    ncr = step(proposed(kind), "agree_engineering", approver)
    with pytest.raises(Refused, match="needs the signature of production"):
        step(ncr, "approve_disposition", manager)


@pytest.mark.parametrize("kind", ["scrap", "return_to_supplier"])
def test_pieces_that_leave_the_plant_need_quality_alone(proposed, manager, step, kind):
    assert step(proposed(kind), "approve_disposition", manager).state == "disposition_approved"


def test_production_and_quality_are_two_people(proposed, manager, step):
    ncr = step(proposed("rework"), "agree_production", manager)
    with pytest.raises(Refused, match="You signed for production"):
        step(ncr, "approve_disposition", manager)


def test_a_rejected_proposal_needs_engineering_again(proposed, approver, manager, engineer, step):
    ncr = step(proposed("use_as_is"), "agree_engineering", approver)
    ncr = step(ncr, "reject_disposition", approver, reason="Measure first")
    ncr = advance(ncr, "propose_disposition", by=engineer)
    with pytest.raises(Refused, match="needs the signature of engineering"):
        step(ncr, "approve_disposition", manager)


def test_use_as_is_needs_the_customers_concession_when_the_contract_says_so(
    proposed, engineer, approver, manager, step
):
    ncr = step(proposed("use_as_is"), "agree_engineering", approver)
    ncr = services.save_nonconformity(ncr, by=engineer, concession_required=True)
    with pytest.raises(Refused, match="customer concession: enter its number"):
        step(ncr, "approve_disposition", manager)


def test_the_originator_alone_cannot_approve(site, manager, engineer, defect, step):
    ncr = services.open_nonconformity(
        title="Burr",
        site=site,
        by=manager,
        quantity_nonconforming=1,
        requirement="no burr",
        actual="burr",
        defect_code=defect,
    )
    ncr = services.contain(
        ncr, by=engineer, password=PASSWORD, place="wip", measure="Blocked", quantity_checked=1, quantity_found=1
    )
    ncr = advance(ncr, "evaluate", by=engineer)
    services.add_disposition(ncr, kind="scrap", quantity=1, by=engineer)
    ncr = advance(ncr, "propose_disposition", by=engineer)
    with pytest.raises(Refused, match="You reported this nonconformity"):
        step(ncr, "approve_disposition", manager)


@pytest.fixture
def reworked(proposed, approver, manager, engineer, operator, step):
    """Twelve pieces reworked by the operator, not inspected yet."""
    ncr = step(step(proposed("rework"), "agree_production", approver), "approve_disposition", manager)
    ncr = advance(ncr, "start_disposition", by=engineer)
    return services.carry_out(ncr.dispositions.get(), by=operator)


def test_rework_needs_an_inspection_result(reworked, engineer, step):
    with pytest.raises(Refused, match="re-inspection result of the rework of 12 pieces"):
        step(reworked.nonconformity, "verify", engineer)


def test_the_reworker_cannot_inspect(reworked, operator):
    with pytest.raises(Refused, match="another inspector"):
        services.reinspect(reworked, result="accepted", by=operator)


def test_the_reworker_cannot_verify(reworked, engineer, operator, step):
    services.reinspect(reworked, result="accepted", by=engineer)
    with pytest.raises(Refused, match="another inspector must verify"):
        step(reworked.nonconformity, "verify", operator)


def test_a_rejected_reinspection_does_not_verify(reworked, engineer, step):
    services.reinspect(reworked, result="rejected", by=engineer)
    with pytest.raises(Refused, match="rejected the rework"):
        step(reworked.nonconformity, "verify", engineer)


def test_rejected_rework_is_withdrawn_for_another_disposition(reworked, engineer):
    services.reinspect(reworked, result="rejected", by=engineer)
    ncr = advance(reworked.nonconformity, "return_to_evaluation", by=engineer, reason="Rework failed")
    services.withdraw_disposition(reworked, by=engineer)
    assert services.add_disposition(ncr, kind="scrap", quantity=12, by=engineer).quantity == 12


def test_voiding_needs_quality_and_a_reason(ncr, engineer, manager, step):
    with pytest.raises(Refused, match="needs a reason"):
        step(ncr, "void", manager)
    assert step(ncr, "void", manager, reason="Reported twice").closed_at is not None


def test_every_cell_without_a_step_is_refused(to_ncr, manager, step):
    ncr = to_ncr("closed")
    for state, name, allowed in NCR_FLOW.cells():
        if state == "closed":
            assert not allowed
            with pytest.raises(Refused, match="does not exist"):
                step(ncr, name, manager, reason="try")
