"""The CAPA's flow: each step names what is missing, ways back are counted, the verifier is independent."""

from __future__ import annotations

import pytest

from capa import services
from capa.models import Capa, Criterion, Verdict
from capa.workflow import CAPA_FLOW
from qms.core.actor import system
from qms.core.errors import Denied, Refused
from qms.core.stepping import advance
from qms.core.trail import acting
from tests.capa import walk
from tests.capa.walk import CAPA_WAY, accept, analyse, implement, plan, submit

pytestmark = pytest.mark.django_db


def judged(capa: Capa, outcome: str, *, final: bool = True) -> None:
    """Write a verdict as the computation would."""
    with acting(system("tests")):
        for row in Criterion.objects.filter(capa=capa, revision=capa.plan_revision):
            Verdict.objects.create(
                capa=capa,
                criterion=row,
                outcome=outcome,
                sentence="So it is.",
                result={},
                final=final,
                data_from=row.baseline_from,
                data_to=capa.implemented_at,
                n_before=500,
                n_after=500,
            )


@pytest.mark.parametrize("state", CAPA_WAY[:-1])
def test_the_shortest_way_reaches_every_state(capa, crew, characteristic, state):
    assert walk.capa(capa, state, crew=crew, characteristic=characteristic).state == state


@pytest.mark.parametrize(
    ("state", "name", "who", "missing"),
    [
        ("initiated", "submit", "leader", "the source and the symptom"),
        ("initiated", "submit", "leader", "emergency response"),
        ("triage", "accept", "quality", "Score the risk"),
        ("triage", "accept", "quality", "a champion"),
        ("triage", "handle_as_ncr", "quality", "Link the nonconformity"),
        ("containment", "confirm_containment", "leader", "Describe the problem: what is wrong"),
        ("containment", "confirm_containment", "leader", "is and is not for what, where, when and how much"),
        (
            "containment",
            "confirm_containment",
            "leader",
            "containment in stock, work in progress, transit and customer",
        ),
        ("root_cause", "confirm_causes", "leader", "Choose the method"),
        ("root_cause", "confirm_causes", "leader", "occurrence, escape and systemic cause"),
        ("plan", "approve_plan", "approver", "Plan an action against the occurrence, escape and systemic cause"),
        ("plan", "approve_plan", "approver", "Fix how effectiveness will be judged"),
        ("implementation", "report_implemented", "leader", "3 actions of 3 not done"),
        ("prevention", "confirm_prevention", "quality", "update of FMEA, control plan and work instructions"),
        ("prevention", "confirm_prevention", "quality", "List where else the cause may sit"),
        ("effectiveness", "confirm_verdict", "verifier", "No verdict yet"),
        ("effectiveness", "close", "quality", "An independent verifier must confirm"),
        ("effectiveness", "close", "quality", "the summary, the lessons, cost and benefit"),
    ],
)
def test_what_is_missing_is_said(to_capa, crew, step, state, name, who, missing):
    with pytest.raises(Refused, match=missing):
        step(to_capa(state), name, crew[who], reason="because")


def test_a_cause_without_evidence_is_not_confirmed(to_capa, engineer):
    cause = services.add_cause(to_capa("root_cause"), kind="occurrence", statement="Worn die", by=engineer)
    with pytest.raises(Refused, match="Add the evidence first"):
        services.verify_cause(cause, result="confirmed", test="Looked", by=engineer)


def test_approver_and_quality_are_two_people(to_capa, crew, characteristic, step):
    capa = to_capa("plan")
    services.save_section(capa, "plan", by=crew["leader"], change_risk="none")
    with pytest.raises(Refused, match="quality must be another person"):
        plan(capa, {**crew, "approver": crew["quality"]}, characteristic)


def test_a_released_plan_cannot_be_changed(to_capa, crew):
    criterion = to_capa("implementation").criteria.get()
    with pytest.raises(Refused, match="This part is settled: the plan is released"):
        services.fix_criterion(criterion.capa, criterion=criterion, by=crew["leader"], target=8.0)


def test_changing_a_plan_voids_its_signature(to_capa, crew, characteristic, step):
    capa = to_capa("plan")
    with pytest.raises(Refused, match="quality must be another person"):
        plan(capa, {**crew, "approver": crew["quality"]}, characteristic)
    services.change_action(capa.actions.first(), by=crew["leader"], text="Another way")
    with pytest.raises(Refused, match="needs the approver's signature"):
        step(capa, "release_plan", crew["quality"])


def test_the_third_return_is_counted(to_capa, crew, characteristic, step):
    capa = to_capa("implementation")
    for turn in (1, 2, 3):
        capa = step(capa, "return_to_cause", crew["quality"], reason="Check failed")
        assert capa.return_count == turn
        advance(capa, "confirm_causes", by=crew["leader"])
        step(capa, "approve_plan", crew["approver"])
        capa = step(capa, "release_plan", crew["quality"])


def test_a_signature_given_before_a_return_does_not_count(to_capa, crew, step):
    capa = step(to_capa("implementation"), "return_to_cause", crew["quality"], reason="Check failed")
    advance(capa, "confirm_causes", by=crew["leader"])
    with pytest.raises(Refused, match="needs the approver's signature"):
        step(capa, "release_plan", crew["quality"])


def test_whoever_worked_on_it_cannot_verify(to_capa, crew, step):
    capa = to_capa("effectiveness")
    judged(capa, "effective")
    with pytest.raises(Refused, match="an independent person must confirm"):
        step(capa, "confirm_verdict", crew["builder"])


def test_a_running_window_is_not_confirmed(to_capa, crew, step):
    capa = to_capa("effectiveness")
    judged(capa, "effective", final=False)
    with pytest.raises(Refused, match="The window is still running"):
        step(capa, "confirm_verdict", crew["verifier"])


def test_noise_is_not_confirmed_as_effective(to_capa, crew, step):
    capa = to_capa("effectiveness")
    judged(capa, "not_shown")
    with pytest.raises(Refused, match="do not show the effect for 1 criterion"):
        step(capa, "confirm_verdict", crew["verifier"])


def test_an_ineffective_verdict_starts_a_new_revision_of_the_plan(to_capa, crew, characteristic, step):
    capa = to_capa("effectiveness")
    judged(capa, "not_effective")
    capa = step(capa, "confirm_ineffective", crew["verifier"], reason="No better than before")
    assert (capa.state, capa.plan_revision, capa.ineffective_count) == ("root_cause", 2, 1)
    advance(capa, "confirm_causes", by=crew["leader"])
    with pytest.raises(Refused, match="Plan an action against"):
        step(capa, "approve_plan", crew["approver"])


def closed(capa, crew, step) -> Capa:
    judged(capa, "effective")
    step(capa, "confirm_verdict", crew["verifier"])
    services.save_section(
        capa,
        "closing",
        by=crew["leader"],
        summary="Gauge at incoming",
        lessons="Measure first",
        cost_and_benefit="2,000 against 9,000 EUR a year",
        recognition="Thanked at the shift meeting",
    )
    return step(capa, "close", crew["quality"])


def test_an_effective_verdict_closes_after_its_confirmation(to_capa, crew, step):
    assert closed(to_capa("effectiveness"), crew, step).closed_at is not None


def test_a_recurrence_reopens_under_the_same_number(to_capa, crew, step):
    capa = closed(to_capa("effectiveness"), crew, step)
    again = step(capa, "reopen", crew["quality"], reason="Leak on 3 Dec")
    assert (again.number, again.state, again.reopen_count, again.closed_at) == (capa.number, "reopened", 1, None)
    resumed = advance(again, "resume", by=crew["leader"])
    with pytest.raises(Refused, match="Record the containment in stock"):
        step(resumed, "confirm_containment", crew["leader"])


def test_after_the_watch_period_a_new_capa_is_asked_for(to_capa, crew, step):
    capa = closed(to_capa("effectiveness"), crew, step)
    with acting(system("tests")):
        Capa.objects.filter(pk=capa.pk).update(watch_months=0)
    with pytest.raises(Refused, match="open a new CAPA"):
        step(capa, "reopen", crew["quality"], reason="Leak")


def test_a_preventive_action_skips_containment(capa, crew, step):
    services.save_section(capa, "symptom", by=crew["leader"], nature="preventive")
    submit(capa, crew)
    with pytest.raises(Refused, match="accept it as preventive"):
        accept(capa, crew)
    assert step(capa, "accept_preventive", crew["quality"]).state == "root_cause"


def test_who_opened_it_does_not_accept_it(site, crew, step, manager):
    capa = services.open_capa(title="Leak", site=site, by=manager, severity="minor")
    submit(capa, crew)
    with pytest.raises(Refused, match="somebody else must accept it"):
        accept(capa, crew)


def test_rejecting_needs_quality(to_capa, crew, step):
    with pytest.raises(Denied):
        step(to_capa("triage"), "reject", crew["leader"], reason="Not ours")


def test_a_customer_waits_24_hours_for_the_containment(site, engineer, crew, soon):
    capa = services.open_capa(title="Leak", site=site, by=engineer, severity="major", customer_stamp=soon)
    submit(capa, crew)
    accept(capa, crew)
    capa = Capa.objects.get(pk=capa.pk)
    assert (capa.due - soon).total_seconds() == 24 * 3600


def test_every_cell_without_a_step_is_refused(to_capa, manager, step):
    capa = step(to_capa("triage"), "reject", manager, reason="Not ours")
    for state, name, allowed in CAPA_FLOW.cells():
        if state == "rejected":
            assert not allowed
            with pytest.raises(Refused, match="does not exist"):
                step(capa, name, manager, reason="try")


def test_reimplementing_after_a_return_needs_the_owner_again(to_capa, crew, step):
    capa = to_capa("prevention")
    capa = step(capa, "return_to_cause", crew["quality"], reason="Check failed")
    analyse(capa, crew)
    step(capa, "approve_plan", crew["approver"])
    capa = step(capa, "release_plan", crew["quality"])
    with pytest.raises(Refused, match="The owner must sign"):
        step(capa, "confirm_implementation", crew["quality"])
    implement(capa, crew)
    assert Capa.objects.get(pk=capa.pk).state == "prevention"
