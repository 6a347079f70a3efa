"""A CAPA by the shortest lawful way: what people enter is written at once, every step is taken and checks it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from capa.models import Action, Capa, Cause, Containment, Criterion, DocumentUpdate, ReadAcross, TeamMember
from capa.services import finish_action
from capa.workflow import ASPECTS, PLACES, QUESTIONS
from qms.core.actor import system
from qms.core.stepping import advance
from qms.core.trail import acting
from tests.capa.walk import CAPA_WAY, criterion
from tests.conftest import PASSWORD


def capa(record, state, *, crew, characteristic) -> Capa:
    """The CAPA in a state of the main way, with what every step before it asks for."""
    ways = (submit, accept, contain, analyse, plan, implement, prevent)
    for way in ways[: CAPA_WAY.index(state)]:
        way(Capa.objects.get(pk=record.pk), crew, *((characteristic,) if way is plan else ()))
    return Capa.objects.get(pk=record.pk)


def entered(record, *rows, **fields) -> None:
    """What people enter into a discipline, in one act: the step after it checks it as a whole."""
    with acting(system("tests")):
        for row in rows:
            row.save()
        Capa.objects.filter(pk=record.pk).update(**fields)


def submit(record, crew) -> None:
    entered(record, source="signal", symptom="2 % leak", emergency="not_needed")
    advance(record, "submit", by=crew["leader"])


def accept(record, crew) -> None:
    members = ((crew["leader"].id, "quality"), (crew["builder"].id, "production"))
    entered(
        record,
        *(TeamMember(capa=record, person_id=person, function=function) for person, function in members),
        champion_id=crew["quality"].id,
        risk_severity=4,
        risk_occurrence=3,
        triage_rationale="Reaches the customer",
    )
    advance(record, "accept", by=crew["quality"], password=PASSWORD)


def contain(record, crew) -> None:
    sorted_out = {"measure": "Sorted", "quantity_checked": 10, "quantity_found": 1, "round": record.reopen_count}
    seen = {"verified_by_id": crew["leader"].id, "verified_at": timezone.now(), "verified_how": "No claim since"}
    entered(
        record,
        *(Containment(record_id=record.pk, place=place, **sorted_out, **seen) for place in PLACES),
        problem={key: f"answer to {text}" for key, text in QUESTIONS.items()},
        comparison=[{"aspect": key, "is": "line 2", "is_not": "line 3"} for key in ASPECTS],
    )
    advance(record, "confirm_containment", by=crew["leader"], password=PASSWORD)


def analyse(record, crew) -> None:
    verified = {"verified_by_id": crew["leader"].id, "verified_at": timezone.now(), "test": "On and off test"}
    entered(
        record,
        *(
            Cause(
                capa=record, kind=kind, statement=f"The {kind} cause", evidence="Lot comparison",
                result="confirmed", **verified,
            )
            for kind in ("occurrence", "escape", "systemic")
        ),
        cause_method="five_why",
    )  # fmt: skip
    advance(record, "confirm_causes", by=crew["leader"])


def plan(record, crew, characteristic) -> None:
    now = timezone.now()
    entered(
        record,
        *(
            Action(
                capa=record,
                revision=record.plan_revision,
                text=f"Remove the {cause.kind} cause",
                cause=cause,
                owner_id=crew["builder"].id,
                due=now + timedelta(days=5),
                expected_effect="half as many leaks",
            )
            for cause in Cause.objects.filter(capa=record, result="confirmed")
        ),
        Criterion(
            capa=record,
            revision=record.plan_revision,
            **criterion(characteristic, now),
        ),
        change_risk="Cycle time rises by 2 s",
    )
    advance(record, "approve_plan", by=crew["approver"], password=PASSWORD)
    advance(record, "release_plan", by=crew["quality"], password=PASSWORD)


def implement(record, crew) -> None:
    for action in record.action_rows():
        finish_action(action, evidence="Photo of the gauge", by=crew["builder"])  # it answers the owner's task as well
    entered(record, implemented_at=timezone.now() - timedelta(days=25))
    advance(record, "report_implemented", by=crew["leader"], password=PASSWORD)
    advance(record, "confirm_implementation", by=crew["quality"], password=PASSWORD)


def prevent(record, crew) -> None:
    answered = {"capa": record, "answered_by_id": crew["leader"].id, "answered_at": timezone.now()}
    entered(
        record,
        *(
            DocumentUpdate(kind=kind, answer="yes", reference="row 14", **answered)
            for kind in ("fmea", "control_plan", "document")
        ),
        ReadAcross(
            target="Line 1", answer="not_applicable", reason="No press fit", asked_by_id=crew["leader"].id, **answered
        ),
    )
    advance(record, "confirm_prevention", by=crew["quality"], password=PASSWORD)
