"""Which parts of a CAPA may still be written: each until the signature or step that settles it."""

from __future__ import annotations

ORDER = ("initiated", "triage", "containment", "root_cause", "plan", "implementation", "prevention", "effectiveness")
_PLACE_OF_REOPENED = ORDER.index("containment")

# the last state in which a section may be written; writing ahead is welcome
SETTLED_AFTER: dict[str, str] = {
    "symptom": "triage",
    "team": "effectiveness",
    "problem": "containment",
    "containment": "containment",
    "causes": "root_cause",
    "plan": "plan",
    "implementation": "implementation",
    "prevention": "prevention",
    "closing": "effectiveness",
}
WAYS_BACK: dict[str, str] = {
    "symptom": "triage is decided",
    "problem": "the containment is signed",
    "containment": "the containment is signed",
    "causes": "the root causes are confirmed; return the plan to change them",
    "plan": "the plan is released; return to the root cause to change it",
    "implementation": "the implementation is confirmed",
    "prevention": "the prevention is signed",
}
NOT_BEFORE = {"implementation": "implementation"}


def refusal(section: str, state: str) -> str | None:
    """Why a section can no longer (or not yet) be written in a state, or None."""
    if state != "reopened" and state not in ORDER:
        return "This CAPA is finished; nothing in it can be changed."
    here = _PLACE_OF_REOPENED if state == "reopened" else ORDER.index(state)
    if section in NOT_BEFORE and here < ORDER.index(NOT_BEFORE[section]):
        return "The plan is not released yet; actions are done after that."
    if here > ORDER.index(SETTLED_AFTER[section]):
        return f"This part is settled: {WAYS_BACK.get(section, 'the step is done')}."
    return None
