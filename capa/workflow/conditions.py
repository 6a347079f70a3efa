"""What each step of a CAPA needs; every condition answers with the sentence that says what is missing."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from capa.workflow.record import CapaLike
from capa.workflow.rows import PLACES, counted, listed

QUESTIONS: dict[str, str] = {
    "what": "what is wrong",
    "where": "where it was found",
    "when": "when it happens",
    "who": "who found it",
    "why": "why it is a problem",
    "how": "how it was found",
    "how_many": "how many are affected",
}
ASPECTS: dict[str, str] = {"what": "what", "where": "where", "when": "when", "extent": "how much"}
CAUSE_KINDS: dict[str, str] = {"occurrence": "occurrence", "escape": "escape", "systemic": "systemic"}
DOCUMENTS: dict[str, str] = {"fmea": "FMEA", "control_plan": "control plan", "document": "work instructions"}
SHOWN, DISPROVED = ("effective",), ("not_effective", "not_shown")


def lacks_source(capa: CapaLike) -> str | None:
    """D0: where it comes from, the symptom and how bad it is."""
    missing = [
        name
        for name, value in (
            ("the source", capa.source),
            ("the problem in one line", capa.title.strip()),
            ("the symptom", capa.symptom.strip()),
            ("the severity", capa.severity),
        )
        if not value
    ]
    return f"Enter {listed(missing)}." if missing else None


def emergency_unanswered(capa: CapaLike) -> str | None:
    """D0: the emergency question is answered, and what was done is said."""
    if not capa.emergency:
        return "Answer whether an emergency response is needed."
    if capa.emergency == "needed" and not capa.emergency_detail.strip():
        return "An emergency response is needed: enter what was done at once."
    return None


def not_corrective(capa: CapaLike) -> str | None:
    """A preventive action has nothing to contain."""
    return (
        None
        if capa.nature == "corrective"
        else "This is a preventive action: accept it as preventive, without containment."
    )


def not_preventive(capa: CapaLike) -> str | None:
    """Only a preventive action skips containment."""
    return None if capa.nature == "preventive" else "This is corrective: accept it as CAPA, containment comes first."


def lacks_risk(capa: CapaLike) -> str | None:
    """Triage weighs the risk and says why."""
    if capa.risk_severity is None or capa.risk_occurrence is None:
        return "Score the risk: severity and likelihood, 1 to 5 each."
    return None if capa.triage_rationale.strip() else "Enter the rationale of the triage decision."


def lacks_team(capa: CapaLike) -> str | None:
    """D1: a leader, a champion and two functions."""
    missing = [name for name, value in (("a leader", capa.owner_id), ("a champion", capa.champion_id)) if value is None]
    if missing:
        return f"Name {listed(missing)}."
    functions = len(capa.functions())
    return f"The team needs at least two functions; {functions} named so far." if functions < 2 else None


def accepted_by_originator_alone(capa: CapaLike, actor_id: int | None) -> str | None:
    """Whoever asked for the CAPA does not accept it alone."""
    return "You opened this CAPA: somebody else must accept it." if actor_id == capa.originator_id else None


def lacks_nonconformity(capa: CapaLike) -> str | None:
    """What is handled as a nonconformity needs one."""
    return None if capa.has_nonconformity else "Link the nonconformity that handles this instead."


def lacks_problem(capa: CapaLike) -> str | None:
    """D2: the seven questions."""
    missing = [text for key, text in QUESTIONS.items() if not capa.problem.get(key, "").strip()]
    return f"Describe the problem: {listed(missing)}." if missing else None


def lacks_comparison(capa: CapaLike) -> str | None:
    """D2: is and is not, side by side."""
    full = {row["aspect"] for row in capa.comparison if row.get("is", "").strip() and row.get("is_not", "").strip()}
    missing = [text for key, text in ASPECTS.items() if key not in full]
    return f"Answer is and is not for {listed(missing)}." if missing else None


def containment_open(capa: CapaLike) -> str | None:
    """D3: all four places are answered, counted and verified."""
    rows = capa.containment_rows()
    missing = [text for key, text in PLACES.items() if key not in {row.place for row in rows}]
    if missing:
        return f"Record the containment in {listed(missing)}; 0 checked is an answer where nothing can be."
    bare = [
        PLACES.get(row.place, row.place) for row in rows if row.quantity_checked is None or row.quantity_found is None
    ]
    if bare:
        return f"Enter how many pieces were checked and found in {listed(bare)}."
    open_ = [PLACES.get(row.place, row.place) for row in rows if row.verified_at is None]
    return f"Verify that the containment in {listed(open_)} holds." if open_ else None


def lacks_method(capa: CapaLike) -> str | None:
    """D4: a method before a cause."""
    return (
        None
        if capa.cause_method
        else "Choose the method of the cause analysis: 5-Why, Ishikawa, fault tree or is/is-not."
    )


def lacks_causes(capa: CapaLike) -> str | None:
    """D4: why it happened, why it was not found, why the system let it."""
    kinds = {row.kind for row in capa.cause_rows() if row.result != "refuted"}
    missing = [text for key, text in CAUSE_KINDS.items() if key not in kinds]
    return f"Record the {listed(missing)} cause." if missing else None


def causes_unverified(capa: CapaLike) -> str | None:
    """D4: each cause has evidence and somebody verified it."""
    bare = [CAUSE_KINDS[row.kind] for row in capa.cause_rows() if not row.has_evidence]
    if bare:
        return f"Add the evidence of the {listed(bare)} cause: a frozen chart, a file or the test that showed it."
    open_ = [CAUSE_KINDS[row.kind] for row in capa.cause_rows() if not row.result]
    return f"Verify the {listed(open_)} cause." if open_ else None


def lacks_actions(capa: CapaLike) -> str | None:
    """D5: each verified cause has an action with owner, date and expected effect."""
    actions, causes = capa.action_rows(), [row for row in capa.cause_rows() if row.result == "confirmed"]
    untied = [CAUSE_KINDS[row.kind] for row in causes if row.id not in {action.cause_id for action in actions}]
    if untied or not actions:
        return f"Plan an action against the {listed(untied or ['root'])} cause."
    for action in actions:
        missing = [
            name
            for name, value in (
                ("a cause", action.cause_id),
                ("an owner", action.owner_id),
                ("a due date", action.due),
                ("an expected effect", action.expected_effect.strip()),
            )
            if not value
        ]
        if missing:
            return f"The action “{action.text}” lacks {listed(missing)}."
    return None if capa.change_risk.strip() else "Enter the risk of the change."


def criteria_incomplete(capa: CapaLike) -> str | None:
    """D5: how the effect will be judged is written down before anybody acts."""
    rows = capa.criterion_rows()
    if not rows:
        return "Fix how effectiveness will be judged: metric, baseline, target, window and minimum exposure."
    bare = sum(not row.is_complete for row in rows)
    return (
        f"{counted(bare, 'effectiveness criterion', 'effectiveness criteria')} not complete:"
        " metric, baseline, target, window and minimum exposure."
        if bare
        else None
    )


def plan_unsigned(capa: CapaLike) -> str | None:
    """D5: the approver signs before quality."""
    return (
        None if capa.signers("approve_plan") else "The plan needs the approver's signature before quality releases it."
    )


def released_by_its_approver(capa: CapaLike, actor_id: int | None) -> str | None:
    """D5: approver and quality are two people, and not only the originator."""
    if capa.signers("approve_plan") - {actor_id}:
        return None
    return "You approved this plan: quality must be another person."


def actions_open(capa: CapaLike) -> str | None:
    """D6: all actions done, each with evidence."""
    actions = [row for row in capa.action_rows() if row.state != "cancelled"]
    open_ = [row.text for row in actions if row.state != "done"]
    if open_:
        return f"{counted(len(open_), 'action')} of {len(actions)} not done: {listed(open_)}."
    bare = [row.text for row in actions if not row.has_evidence]
    if bare:
        return f"Add the evidence of {listed(bare)}."
    return None if actions else "All actions were cancelled: return to the root cause and plan anew."


def implementation_undated(capa: CapaLike) -> str | None:
    """D6: before and after are split at a known moment."""
    if capa.implemented_at is None:
        return "Enter when the change took effect on the floor: before and after are split there."
    if capa.implemented_at > timezone.now():
        return "The change takes effect in the future: report it implemented after that."
    return None


def implementation_unsigned(capa: CapaLike) -> str | None:
    """D6: the owner signs before quality."""
    return None if capa.signers("report_implemented") else "The owner must sign that the plan is implemented."


def confirmed_by_its_implementer(capa: CapaLike, actor_id: int | None) -> str | None:
    """D6: owner and quality are two people."""
    if capa.signers("report_implemented") - {actor_id}:
        return None
    return "You reported it implemented: somebody else must confirm it."


def documents_open(capa: CapaLike) -> str | None:
    """D7: FMEA, control plan and instructions are updated, or a reason says why not."""
    answered = {row.subject for row in capa.document_rows() if row.is_answered}
    missing = [text for key, text in DOCUMENTS.items() if key not in answered]
    return f"Answer the update of {listed(missing)}: what changed, or why no change is needed." if missing else None


def read_across_open(capa: CapaLike) -> str | None:
    """D7: other parts, lines and sites, each answered."""
    rows = capa.read_across_rows()
    if not rows:
        return "List where else the cause may sit: other parts, lines or sites."
    open_ = [row.subject for row in rows if not row.is_answered]
    return f"Read-across not answered for {listed(open_)}." if open_ else None


def effect_not_shown(capa: CapaLike) -> str | None:
    """The data show the effect for every criterion."""
    rows = capa.criterion_rows()
    if not rows or any(not row.outcome for row in rows):
        return "No verdict yet: compute it from the readings."
    if any(not row.is_final for row in rows):
        return "The window is still running, or the minimum exposure is not reached."
    bad = sum(row.outcome not in SHOWN for row in rows)
    return f"The data do not show the effect for {counted(bad, 'criterion', 'criteria')}." if bad else None


def effect_not_disproved(capa: CapaLike) -> str | None:
    """An ineffective verdict is as final as an effective one."""
    rows = capa.criterion_rows()
    if any(row.is_final and row.outcome in DISPROVED for row in rows):
        return None
    return "No final verdict says that the effect is missing."


def judged_by_a_doer(capa: CapaLike, actor_id: int | None) -> str | None:
    """The verifier is independent."""
    return (
        "You worked on this CAPA: an independent person must confirm the verdict." if actor_id in capa.doers() else None
    )


def verdict_unconfirmed(capa: CapaLike) -> str | None:
    """A person stands behind the computed verdict."""
    return None if capa.signers("confirm_verdict") else "An independent verifier must confirm the verdict by signature."


def close_lacks_summary(capa: CapaLike) -> str | None:
    """D8: what was learnt, what it cost and who is thanked."""
    missing = [
        name
        for name, value in (
            ("the summary", capa.summary),
            ("the lessons", capa.lessons),
            ("cost and benefit", capa.cost_and_benefit),
            ("the recognition of the team", capa.recognition),
        )
        if not value.strip()
    ]
    return f"Enter {listed(missing)}." if missing else None


def watch_period_over(capa: CapaLike) -> str | None:
    """A recurrence within the watch period keeps the number."""
    if capa.closed_at is None or timezone.now() <= capa.closed_at + timedelta(days=round(capa.watch_months * 30.44)):
        return None
    return f"Closed more than {counted(capa.watch_months, 'month')} ago: open a new CAPA and link this one."
