"""The written steps of a CAPA: symptom, team, problem, causes, and how they were verified."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from django.utils import timezone

from capa.models import Capa, Cause, TeamMember
from capa.services.changing import changing, fitting, fresh_row, save_row, writable
from capa.services.opening import take_up
from capa.workflow.rows import listed
from qms.core.actor import Actor
from qms.core.comments import people_of
from qms.core.errors import Invalid, Refused
from qms.core.models import User
from qms.core.records import change_record, locked
from qms.core.trail import acting

FIELDS: dict[str, tuple[str, ...]] = {
    "symptom": (
        "title",
        "source",
        "source_detail",
        "source_ncr",
        "severity",
        "nature",
        "symptom",
        "emergency",
        "emergency_detail",
        "customer_stamp",
        "characteristic",
    ),
    "team": ("owner", "champion", "risk_severity", "risk_occurrence", "triage_rationale"),
    "problem": ("problem", "comparison"),
    "causes": ("cause_method",),
    "plan": ("change_risk",),
    "implementation": ("implemented_at",),
    "closing": ("summary", "lessons", "cost_and_benefit", "recognition", "watch_months"),
}
VERIFIED = ("confirmed", "refuted")
DEEPEST = 7  # whys behind a cause
TRIAGED = ("risk_severity", "risk_occurrence", "triage_rationale")


def save_section(capa: Capa, section: str, *, by: Actor, version: int | None = None, **fields: Any) -> Capa:
    """Save the fields of one section (see FIELDS); Refused once that section is settled, Invalid with field names."""
    if stray := {name for name in fields if name.removesuffix("_id") not in FIELDS.get(section, ())}:
        raise Invalid({name: [f"This is no field of the section {section}."] for name in sorted(stray)})
    with acting(by):
        fresh = locked(Capa, capa.pk)
        writable(fresh, section)
        if set(fields) & set(TRIAGED):
            writable(fresh, "symptom")
        fitting(fields, fresh.site, record=fresh)
        if (ncr := fields.get("source_ncr")) is not None and ncr.pk != fresh.source_ncr_id:
            take_up(ncr, fresh, by=by)
        return change_record(capa, by=by, version=version, **fields)


def save_sections(capa: Capa, *, by: Actor, version: int | None = None, reason: str = "", **fields: Any) -> Capa:
    """Save fields of any sections in one act; Refused when one of the sections is settled."""
    with acting(by, reason=reason):
        fresh = locked(Capa, capa.pk)
        for section, names in FIELDS.items():
            if any(name in names for name in fields):
                writable(fresh, section)
        if set(fields) & set(TRIAGED):
            writable(fresh, "symptom")
        fitting(fields, fresh.site, record=fresh)
        return change_record(capa, by=by, version=version, reason=reason, **fields)


def set_team(capa: Capa, *, members: Sequence[tuple[int, str]], by: Actor, version: int | None = None) -> Capa:
    """Set the team as (person id, function) pairs; people no longer named leave it.

    Raises Invalid for a person named twice, without a function, or new and of another site.
    """
    with changing(Capa, capa.pk, "edit", by=by, version=version) as fresh:
        writable(fresh, "team")
        present = {row.person_id: row for row in TeamMember.objects.filter(capa=fresh)}
        _fit_for_the_team(fresh, members, present)
        TeamMember.objects.filter(capa=fresh).exclude(person_id__in=[person for person, _ in members]).delete()
        for person, function in members:
            row = present.get(person) or TeamMember(capa=fresh, person_id=person)
            row.function = function.strip()
            save_row(row)
    return fresh


def _fit_for_the_team(capa: Capa, members: Sequence[tuple[int, str]], present: Container[int]) -> None:
    people = [person for person, _ in members]
    if len(set(people)) < len(people):
        raise Invalid({"person": ["A person stands for one function: name each person once."]})
    here = {person.pk for person in people_of(capa.site_id)}
    if strangers := [person for person in people if person not in here and person not in present]:
        names = listed(list(User.objects.filter(pk__in=strangers).values_list("name", flat=True)))
        raise Invalid({"members": [f"{names or 'Somebody'} has no role at {capa.site.code}."]})
    if not all(function.strip() for _, function in members):
        raise Invalid({"function": ["Say for which function each person stands, such as quality or production."]})


def add_cause(capa: Capa, *, kind: str, statement: str, by: Actor, version: int | None = None, **fields: Any) -> Cause:
    """Add a cause; `fields`: category, chain (list of {"why", "because"}), evidence, frozen, attachment, parent, root.

    `parent` is the cause it answers "why" to; `root` says that it is chosen as root cause (the default).
    """
    with changing(Capa, capa.pk, "analyse", by=by, version=version) as fresh:
        writable(fresh, "causes")
        row = Cause(capa=fresh, kind=kind, statement=statement, **fields)
        _own_branch(row, fresh)
        _own_evidence(row, fresh)
        save_row(row)
    return row


def change_cause(cause: Cause, *, by: Actor, version: int | None = None, **fields: Any) -> Cause:
    """Change a cause; its verification counts no more."""
    with changing(Capa, cause.capa_id, "analyse", by=by, version=version) as fresh:
        writable(fresh, "causes")
        cause = fresh_row(cause, "capa", fresh)
        for name, value in fields.items():
            setattr(cause, name, value)
        _own_branch(cause, fresh)
        cause.result, cause.test, cause.verified_by, cause.verified_at = "", "", None, None
        _own_evidence(cause, fresh)
        save_row(cause)
    return cause


def verify_cause(cause: Cause, *, result: str, test: str, by: Actor, version: int | None = None) -> Cause:
    """Confirm or refute a cause, and say how that was seen; without evidence it cannot be confirmed."""
    with changing(Capa, cause.capa_id, "analyse", by=by, version=version) as fresh:
        writable(fresh, "causes")
        cause = fresh_row(cause, "capa", fresh)
        if result not in VERIFIED:
            raise Invalid({"result": ["Say what the verification showed: confirmed or refuted."]})
        if result == "confirmed" and not cause.has_evidence:
            raise Refused("Add the evidence first: a frozen chart, a file or the test that showed it.", anchor="causes")
        if not test.strip():
            raise Invalid({"test": ["Say how it was verified, such as an on and off test."]})
        cause.result, cause.test = result, test.strip()
        cause.verified_by_id, cause.verified_at = by.id, timezone.now()
        save_row(cause)
    return cause


def choose_cause(cause: Cause, *, chosen: bool, by: Actor, kind: str = "", version: int | None = None) -> Cause:
    """Choose a candidate as root cause of a kind, or take that back; Refused for a refuted one or one with actions."""
    with changing(Capa, cause.capa_id, "analyse", by=by, version=version) as fresh:
        writable(fresh, "causes")
        cause = fresh_row(cause, "capa", fresh)
        if chosen and cause.result == "refuted":
            raise Refused("This cause was refuted: confirm it first, with how that was seen.", anchor="causes")
        if not chosen and cause.actions.filter(revision=fresh.plan_revision).exclude(state="cancelled").exists():
            raise Refused("An action is planned against this cause: move the action to another first.", anchor="plan")
        cause.root, cause.kind = chosen, kind or cause.kind
        cause.chain = cause.chain or _whys_above(cause)
        save_row(cause)
    return cause


def drop_cause(cause: Cause, *, by: Actor, version: int | None = None) -> None:
    """Take away a candidate nobody has worked on; what was verified stays, because it shows what was looked at."""
    with changing(Capa, cause.capa_id, "analyse", by=by, version=version) as fresh:
        writable(fresh, "causes")
        cause = fresh_row(cause, "capa", fresh)
        if cause.whys.exists():
            raise Refused("There are answers behind this cause: take those away first.", anchor="causes")
        if cause.result:
            raise Refused("A verified cause stays in the tree: it shows what was looked at.", anchor="causes")
        if cause.actions.exists():
            raise Refused("An action was planned against this cause: it stays.", anchor="causes")
        cause.delete()


def _whys_above(cause: Cause) -> list[dict[str, str]]:
    """The path that led to a cause in the tree, from the bone down to itself."""
    path, parent = [cause.statement], cause.parent
    while parent is not None:
        path.insert(0, parent.statement)
        parent = parent.parent
    return [{"why": f"Why {turn}?", "because": text} for turn, text in enumerate(path, 1)] if len(path) > 1 else []


def _own_branch(cause: Cause, capa: Capa) -> None:
    """A why belongs to a cause of the same CAPA, and nothing is its own reason."""
    above, parent = 0, cause.parent
    while parent is not None:
        if parent.capa_id != capa.pk:
            raise Invalid({"parent": [f"This cause belongs to another record than {capa.number}."]})
        if parent.pk == cause.pk and cause.pk is not None:
            raise Invalid({"parent": ["A cause cannot be its own reason."]})
        above, parent = above + 1, parent.parent
    if above > DEEPEST:
        raise Invalid({"parent": [f"More than {DEEPEST} whys deep: choose the root cause."]})


def _own_evidence(cause: Cause, capa: Capa) -> None:
    """Evidence of the CAPA itself or of the nonconformity it came from; nobody else's."""
    own = {capa.pk, capa.source_ncr_id}
    for item in (cause.frozen, cause.attachment):
        if item is not None and item.record_id not in own:
            raise Invalid({"evidence": [f"This evidence belongs to another record than {capa.number}."]})
