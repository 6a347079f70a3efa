"""The shortest allowed way through both flows."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from capa import services
from capa.models import Action, Capa, Cause, Nonconformity
from capa.workflow import ASPECTS, PLACES, QUESTIONS
from qms.core.stepping import advance
from tests.conftest import PASSWORD

NCR_WAY = (
    "reported",
    "contained",
    "evaluation",
    "disposition_proposed",
    "disposition_approved",
    "in_disposition",
    "verified",
    "closed",
)
CAPA_WAY = (
    "initiated",
    "triage",
    "containment",
    "root_cause",
    "plan",
    "implementation",
    "prevention",
    "effectiveness",
    "closed",
)


def criterion(characteristic, now) -> dict[str, object]:
    """How the effect is judged in every walk."""
    return {
        "characteristic": characteristic,
        "metric": "mean",
        "direction": "higher",
        "target": 8.5,
        "baseline_from": now - timedelta(days=60),
        "baseline_to": now - timedelta(days=30),
        "window_days": 20,
        "minimum_exposure": 50,
    }


def nonconformity(ncr, state, *, engineer, approver, manager, defect) -> Nonconformity:
    steps = {
        "contained": lambda: services.contain(
            Nonconformity.objects.get(pk=ncr.pk),
            by=engineer,
            password=PASSWORD,
            place="stock",
            measure="Blocked",
            quantity_checked=240,
            quantity_found=12,
            how="Counted twice",
        ),
        "evaluation": lambda: advance(ncr, "evaluate", by=engineer),
        "disposition_proposed": lambda: _propose(ncr, engineer, defect),
        "disposition_approved": lambda: advance(ncr, "approve_disposition", by=manager, password=PASSWORD),
        "in_disposition": lambda: advance(ncr, "start_disposition", by=engineer),
        "verified": lambda: _verify(ncr, approver, engineer),
        "closed": lambda: advance(ncr, "close", by=manager),
    }
    for reached in NCR_WAY[1 : NCR_WAY.index(state) + 1]:
        steps[reached]()
    return Nonconformity.objects.get(pk=ncr.pk)


def _propose(ncr, engineer, defect) -> None:
    ncr = Nonconformity.objects.get(pk=ncr.pk)
    services.save_nonconformity(ncr, by=engineer, requirement="8.4 to 8.8 kN", actual="8.31 kN", defect_code=defect)
    services.add_disposition(ncr, kind="scrap", quantity=ncr.quantity_nonconforming, by=engineer)
    advance(ncr, "propose_disposition", by=engineer)


def _verify(ncr, worker, inspector) -> None:
    for row in Nonconformity.objects.get(pk=ncr.pk).dispositions.filter(withdrawn_at=None):
        services.carry_out(row, by=worker)
    advance(ncr, "verify", by=inspector, password=PASSWORD)


def capa(record, state, *, crew, characteristic) -> Capa:
    steps = {
        "triage": submit,
        "containment": accept,
        "root_cause": contain,
        "plan": analyse,
        "implementation": plan,
        "prevention": implement,
        "effectiveness": prevent,
    }
    for reached in CAPA_WAY[1 : CAPA_WAY.index(state) + 1]:
        fresh = Capa.objects.get(pk=record.pk)
        if reached == "plan":
            analyse(fresh, crew)
        elif reached == "implementation":
            plan(fresh, crew, characteristic)
        else:
            steps[reached](fresh, crew)
    return Capa.objects.get(pk=record.pk)


def submit(record, crew) -> None:
    services.save_section(
        record, "symptom", by=crew["leader"], source="signal", symptom="2 % leak", emergency="not_needed"
    )
    advance(record, "submit", by=crew["leader"])


def accept(record, crew) -> None:
    services.save_section(
        record,
        "team",
        by=crew["leader"],
        champion_id=crew["quality"].id,
        risk_severity=4,
        risk_occurrence=3,
        triage_rationale="Reaches the customer",
    )
    services.set_team(
        record, by=crew["leader"], members=[(crew["leader"].id, "quality"), (crew["builder"].id, "production")]
    )
    advance(record, "accept", by=crew["quality"], password=PASSWORD)


def contain(record, crew) -> None:
    services.save_section(
        record,
        "problem",
        by=crew["leader"],
        problem={key: f"answer to {text}" for key, text in QUESTIONS.items()},
        comparison=[{"aspect": key, "is": "line 2", "is_not": "line 3"} for key in ASPECTS],
    )
    for place in PLACES:
        row = services.add_containment(record, place=place, measure="Sorted", checked=10, found=1, by=crew["leader"])
        services.verify_containment(row, how="No claim since", by=crew["leader"])
    advance(record, "confirm_containment", by=crew["leader"], password=PASSWORD)


def analyse(record, crew) -> None:
    services.save_section(record, "causes", by=crew["leader"], cause_method="five_why")
    for kind in ("occurrence", "escape", "systemic"):
        cause = Cause.objects.filter(capa=record, kind=kind).first() or services.add_cause(
            record, kind=kind, statement=f"The {kind} cause", evidence="Lot comparison", by=crew["leader"]
        )
        if not cause.result:
            services.verify_cause(cause, result="confirmed", test="On and off test", by=crew["leader"])
    advance(record, "confirm_causes", by=crew["leader"])


def plan(record, crew, characteristic) -> None:
    now = timezone.now()
    services.save_section(record, "plan", by=crew["leader"], change_risk="Cycle time rises by 2 s")
    for cause in Cause.objects.filter(capa=record, result="confirmed"):
        services.add_action(
            record,
            text=f"Remove the {cause.kind} cause",
            cause=cause,
            owner_id=crew["builder"].id,
            due=now + timedelta(days=5),
            expected_effect="half as many leaks",
            by=crew["leader"],
        )
    services.fix_criterion(
        record,
        by=crew["leader"],
        **criterion(characteristic, now),
    )
    advance(record, "approve_plan", by=crew["approver"], password=PASSWORD)
    advance(record, "release_plan", by=crew["quality"], password=PASSWORD)


def implement(record, crew) -> None:
    for action in Action.objects.filter(capa=record, revision=record.plan_revision, state="open"):
        services.finish_action(action, evidence="Photo of the gauge", by=crew["builder"])
    services.save_section(
        record, "implementation", by=crew["leader"], implemented_at=timezone.now() - timedelta(days=25)
    )
    advance(record, "report_implemented", by=crew["leader"], password=PASSWORD)
    advance(record, "confirm_implementation", by=crew["quality"], password=PASSWORD)


def prevent(record, crew) -> None:
    for kind in ("fmea", "control_plan", "document"):
        services.answer_document(record, kind=kind, answer="yes", reference="row 14", by=crew["leader"])
    row = services.ask_read_across(record, target="Line 1", by=crew["leader"])
    services.answer_read_across(row, answer="not_applicable", reason="No press fit", by=crew["leader"])
    advance(record, "confirm_prevention", by=crew["quality"], password=PASSWORD)
