"""Who is asked for what, when: owners, signers, owners of actions, the champion."""

from __future__ import annotations

import pytest

from capa import services
from capa.models import Nonconformity
from qms.core import relay
from qms.core.inbox import open_for
from qms.core.models import Notice
from qms.core.stepping import advance

pytestmark = pytest.mark.django_db


def asked(actor) -> set[str]:
    """What this person's inbox says once every event is delivered."""
    while relay.drain():
        pass
    return {task.title for task in open_for(actor)}


def test_the_task_of_a_state_is_done_when_the_record_moves_on(to_ncr, operator):
    to_ncr("contained")
    assert asked(operator) == {"Evaluate NCR-2026-0001"}


def test_the_signer_is_asked_once_nothing_is_missing(to_ncr, manager):
    to_ncr("disposition_proposed")
    assert "Approve disposition: NCR-2026-0001" in asked(manager)


@pytest.mark.parametrize(("kind", "wanted"), [("rework", True), ("scrap", False)])
def test_production_is_asked_where_pieces_stay_in_the_plant(to_ncr, engineer, approver, defect, kind, wanted):
    ncr = to_ncr("evaluation")
    services.save_nonconformity(ncr, by=engineer, requirement="8.4", actual="8.3", defect_code=defect)
    services.add_disposition(ncr, kind=kind, quantity=12, by=engineer)
    advance(ncr, "propose_disposition", by=engineer)
    assert ("Agree for production: NCR-2026-0001" in asked(approver)) is wanted


def test_a_signature_that_is_there_is_asked_of_nobody(to_capa, crew, step):
    capa = step(to_capa("implementation"), "return_to_cause", crew["quality"], reason="Check failed")
    capa = advance(capa, "confirm_causes", by=crew["leader"])
    assert f"Approve plan: {capa.number}" in asked(crew["approver"])
    step(capa, "approve_plan", crew["approver"])
    assert f"Approve plan: {capa.number}" not in asked(crew["approver"])


def test_owners_of_actions_are_asked_when_the_plan_is_released(to_capa, crew):
    to_capa("implementation")
    assert {f"Remove the {kind} cause" for kind in ("occurrence", "escape", "systemic")} <= asked(crew["builder"])


def test_finishing_an_action_takes_it_off_the_inbox(to_capa, crew):
    capa = to_capa("implementation")
    asked(crew["builder"])
    services.finish_action(capa.actions.first(), evidence="Photo", by=crew["builder"])
    assert "Remove the occurrence cause" not in asked(crew["builder"])


def test_the_third_return_alerts_the_champion(to_capa, crew, step):
    capa = to_capa("implementation")
    for _ in range(3):
        capa = step(capa, "return_to_cause", crew["quality"], reason="Check failed")
        asked(crew["quality"])
        advance(capa, "confirm_causes", by=crew["leader"])
        step(capa, "approve_plan", crew["approver"])
        capa = step(capa, "release_plan", crew["quality"])
    told = Notice.objects.filter(user_id=crew["quality"].id, kind="alarm").values_list("title", flat=True)
    assert list(told) == [f"{capa.number} came back from verification 3 times"]


def test_a_call_for_a_capa_is_asked_and_answered(ncr, engineer, operator):
    services.save_nonconformity(ncr, by=engineer, customer_found=True)
    assert any("Open a CAPA for NCR-2026-0001" in title for title in asked(operator))
    services.open_capa(source_ncr=Nonconformity.objects.get(pk=ncr.pk), by=engineer)
    assert not any("Open a CAPA" in title for title in asked(operator))
