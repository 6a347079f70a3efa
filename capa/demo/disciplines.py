"""The eight disciplines of one CAPA of the demo plant: what each step that was taken needs, and leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from capa.demo.people import Crew
from capa.demo.stories import Story
from capa.models import (
    Action,
    Capa,
    Cause,
    Containment,
    Criterion,
    DocumentUpdate,
    ReadAcross,
    TeamMember,
)
from capa.services import preview
from capa.workflow import CAUSE_KINDS, DOCUMENTS, PLACES
from qms.core.actor import Actor

Reached = Mapping[str, datetime]
BASELINE = timedelta(days=60)
CATEGORIES = ("machine", "measurement", "method")
METHODS = ("five_why", "ishikawa", "is_is_not")
EVIDENCE = (
    "Log of the change, photo before and after",
    "Release sheet signed on the line",
    "Revision in force, crew told",
)


def fill(capa: Capa, story: Story, reached: Reached, *, crew: Crew) -> None:
    """Set the record's own fields, before it is written."""
    capa.emergency = "needed" if story.severity == "critical" else "not_needed"
    capa.emergency_detail = "Shipment stopped and the customer told" if story.severity == "critical" else ""
    if story.stage != "initiated":
        capa.risk_severity, capa.risk_occurrence = story.risk
        capa.triage_rationale = story.note or "Repeats, and the pieces cannot be told apart by sight."
        capa.champion = crew.users["owner"]
    if "accept" in reached:
        capa.problem, capa.comparison = _problem(story), _comparison(story)
    if "confirm_containment" in reached:
        capa.cause_method = METHODS[len(story.title) % 3]
    if story.causes and "confirm_causes" in reached:
        capa.change_risk = "Low: can be taken back within a shift, no change to the drawing."
    if "close" in reached:
        capa.summary = f"{story.title}: cause removed, effect shown by the readings of {story.code}."
        capa.lessons = f"{story.causes[2][0]}: the same question is now asked at every release."
        capa.cost_and_benefit = (
            f"Cost about {story.risk[0] * 1400:,} EUR, saves about {story.risk[0] * 5200:,} EUR a year."
        )
        capa.recognition = "Thanks to the shift that kept the log, and to engineering for the trial."


def _problem(story: Story) -> dict[str, str]:
    return {
        "what": story.symptom, "where": f"Line L{story.code[1]}, characteristic {story.code}",
        "when": "Since about a week before it was opened, in all shifts", "who": "Quality inspection at the line",
        "why": "Pieces may reach the customer outside of the requirement",
        "how": "On the control chart and at the final check",
        "how_many": "See the nonconformity for the pieces",
    }  # fmt: skip


def _comparison(story: Story) -> list[dict[str, str]]:
    return [
        {"aspect": "what", "is": story.title, "is_not": "Other characteristics of the same station"},
        {"aspect": "where", "is": f"Line L{story.code[1]}", "is_not": "The other lines"},
        {"aspect": "when", "is": "After the change of lot or tool", "is_not": "Before it"},
        {"aspect": "extent", "is": "A part of each lot", "is_not": "Every piece"},
    ]


def write(capa: Capa, story: Story, reached: Reached, *, crew: Crew, by: Actor) -> None:
    """Write the rows of every discipline that was reached, and the verdict where there is one. Needs an act."""
    if story.stage != "initiated":
        TeamMember.objects.bulk_create(
            TeamMember(capa=capa, person=crew.users[key], function=function)
            for key, function in (("engineer", "quality"), ("approver", "engineering"), ("operator", "production"))
        )
    if "accept" in reached:
        _contain(capa, reached, crew)
    if story.causes and ("confirm_containment" in reached):
        causes = _causes(capa, story, reached, crew)
        _thoughts(capa, story, reached, crew)
        _plan(capa, story, causes, reached, crew)
    if "confirm_implementation" in reached:
        _prevent(capa, story, reached, crew)
    if "confirm_prevention" in reached:
        _judge(capa, reached, by)


def _contain(capa: Capa, reached: Reached, crew: Crew) -> None:
    at = reached.get("confirm_containment")
    pieces = (capa.source_ncr.quantity_nonconforming if capa.source_ncr else None) or 12
    figures = {
        "stock": (pieces * 4, pieces // 9),
        "wip": (pieces, pieces // 4),
        "transit": (pieces // 2, 0),
        "customer": (0, 0),
    }
    Containment.objects.bulk_create(
        Containment(
            record=capa, place=place, location=place.capitalize(), measure="Blocked, checked, good pieces released",
            quantity_checked=checked, quantity_found=found, verified_by=crew.users["engineer2"] if at else None,
            verified_at=at - timedelta(minutes=30) if at else None,
            verified_how="Recount by a second person" if at else "",
        )
        for place, (checked, found) in zip(PLACES, figures.values(), strict=True)
    )  # fmt: skip


def _causes(capa: Capa, story: Story, reached: Reached, crew: Crew) -> list[Cause]:
    at = reached.get("confirm_causes")
    return Cause.objects.bulk_create(
        Cause(
            capa=capa, kind=kind, category=category, statement=statement, evidence=evidence, test=test,
            chain=[{"why": f"Why: {story.symptom}", "because": statement}],
            result="confirmed" if at else "", verified_by=crew.users["engineer"] if at else None,
            verified_at=at - timedelta(hours=3) if at else None,
        )
        for kind, category, (statement, evidence, test) in zip(CAUSE_KINDS, CATEGORIES, story.causes, strict=True)
    )  # fmt: skip


def _thoughts(capa: Capa, story: Story, reached: Reached, crew: Crew) -> None:
    """What else was on the fishbone before the root causes were found."""
    at = reached.get("confirm_causes") or reached["confirm_containment"] + timedelta(hours=8)
    Cause.objects.bulk_create(
        Cause(
            capa=capa, root=False, kind="occurrence", category=category, statement=statement, result=result, test=test,
            verified_by=crew.users["engineer"] if result else None,
            verified_at=at - timedelta(hours=5) if result else None,
        )
        for category, statement, result, test in story.thoughts
    )  # fmt: skip


def _plan(capa: Capa, story: Story, causes: list[Cause], reached: Reached, crew: Crew) -> None:
    if "confirm_causes" not in reached:
        return
    done = reached.get("report_implemented")
    planned = capa.implemented_at or capa.opened_at + timedelta(days=55)
    owners = ("engineer", "engineer2", "approver")
    Action.objects.bulk_create(
        Action(
            capa=capa, cause=cause, text=text, expected_effect=effect, owner=crew.users[owner],
            kind=("corrective", "preventive", "document")[number], due=planned + timedelta(days=3 * number - 4),
            state="done" if done or (number == 0 and "release_plan" in reached) else "open",
            evidence=EVIDENCE[number] if done or (number == 0 and "release_plan" in reached) else "",
            done_by=crew.users[owner] if done else None, done_at=done - timedelta(days=3 - number) if done else None,
        )
        for number, (cause, (text, effect), owner) in enumerate(zip(causes, story.actions, owners, strict=True))
    )  # fmt: skip
    if story.measure is not None:
        _criterion(capa, story).save()


def _criterion(capa: Capa, story: Story) -> Criterion:
    measure = story.measure
    assert measure is not None
    ends = (capa.implemented_at or capa.opened_at) - timedelta(hours=1)
    return Criterion(
        capa=capa, characteristic=capa.characteristic, metric=measure.metric, direction=measure.direction,
        baseline_from=ends - BASELINE, baseline_to=ends, target=measure.target, window_days=measure.window,
        minimum_exposure=measure.minimum,
    )  # fmt: skip


def _prevent(capa: Capa, story: Story, reached: Reached, crew: Crew) -> None:
    at = reached.get("confirm_prevention")
    documents = {
        "fmea": f"PFMEA-L{story.code[1]} row {len(story.title)}",
        "control_plan": f"CP-L{story.code[1]} rev 7, {story.code}",
        "document": "SOP in force since the change",
    }
    answered = documents if at else {"fmea": documents["fmea"]}
    DocumentUpdate.objects.bulk_create(
        DocumentUpdate(
            capa=capa, kind=kind, answer="yes" if kind in answered else "", reference=answered.get(kind, ""),
            answered_by=crew.users["engineer"] if kind in answered else None,
            answered_at=(at or reached["confirm_implementation"]) + timedelta(hours=-5) if kind in answered else None,
        )
        for kind in DOCUMENTS
    )  # fmt: skip
    ReadAcross.objects.bulk_create(
        ReadAcross(
            capa=capa, target=target, question=f"Does “{story.causes[0][0]}” apply to {target}?",
            answer="not_applicable" if at else "", reason="Checked on site: other design, not affected." if at else "",
            due=capa.state_since + timedelta(days=12), asked_by=crew.users["manager"],
            answered_by=crew.users["engineer2"] if at else None, answered_at=at - timedelta(hours=7) if at else None,
        )
        for target in story.elsewhere
    )  # fmt: skip


def _judge(capa: Capa, reached: Reached, by: Actor) -> None:
    """The verdict of each criterion, computed from the readings as it stood when the effect was confirmed."""
    assert capa.implemented_at is not None
    for criterion in Criterion.objects.filter(capa=capa):
        verdict = preview(criterion, implemented_at=capa.implemented_at, by=by)
        if confirmed := reached.get("confirm_verdict"):
            verdict.at = confirmed - timedelta(hours=2)
        verdict.save(force_insert=True)
