"""The written steps of a CAPA: symptom, team, problem, causes, and how they were verified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from capa.models import Capa, Cause, TeamMember
from capa.services.changing import changing, named, of_record, save_row, writable
from qms.core.actor import Actor
from qms.core.errors import Invalid, Refused
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
        named(fields, fresh)
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
        named(fields, fresh)
        return change_record(capa, by=by, version=version, reason=reason, **fields)


def set_team(capa: Capa, *, members: Sequence[tuple[int, str]], by: Actor, version: int | None = None) -> Capa:
    """Set the team as (person id, function) pairs; people no longer named leave it."""
    with changing(Capa, capa.pk, "edit", by=by, version=version) as fresh:
        writable(fresh, "team")
        TeamMember.objects.filter(capa=fresh).exclude(person_id__in=[person for person, _ in members]).delete()
        for person, function in members:
            row = TeamMember.objects.filter(capa=fresh, person_id=person).first() or TeamMember(
                capa=fresh, person_id=person
            )
            row.function = function.strip()
            save_row(row)
    return fresh


def add_cause(capa: Capa, *, kind: str, statement: str, by: Actor, version: int | None = None, **fields: Any) -> Cause:
    """Add a cause; `fields`: category, chain (list of {"why", "because"}), evidence, frozen, attachment."""
    with changing(Capa, capa.pk, "analyse", by=by, version=version) as fresh:
        writable(fresh, "causes")
        row = Cause(capa=fresh, kind=kind, statement=statement, **fields)
        _own_evidence(row, fresh)
        save_row(row)
    return row


def change_cause(cause: Cause, *, by: Actor, version: int | None = None, **fields: Any) -> Cause:
    """Change a cause; its verification counts no more."""
    with changing(Capa, cause.capa_id, "analyse", by=by, version=version) as fresh:
        writable(fresh, "causes")
        of_record(cause, "capa", fresh)
        for name, value in fields.items():
            setattr(cause, name, value)
        cause.result, cause.test, cause.verified_by, cause.verified_at = "", "", None, None
        _own_evidence(cause, fresh)
        save_row(cause)
    return cause


def verify_cause(cause: Cause, *, result: str, test: str, by: Actor, version: int | None = None) -> Cause:
    """Confirm or refute a cause, and say how that was seen; without evidence it cannot be confirmed."""
    with changing(Capa, cause.capa_id, "analyse", by=by, version=version) as fresh:
        writable(fresh, "causes")
        of_record(cause, "capa", fresh)
        if result == "confirmed" and not cause.has_evidence:
            raise Refused("Add the evidence first: a frozen chart, a file or the test that showed it.", anchor="causes")
        if not test.strip():
            raise Invalid({"test": ["Say how it was verified, such as an on and off test."]})
        cause.result, cause.test = result, test.strip()
        cause.verified_by_id, cause.verified_at = by.id, timezone.now()
        save_row(cause)
    return cause


def _own_evidence(cause: Cause, capa: Capa) -> None:
    """Evidence of the CAPA itself or of the nonconformity it came from; nobody else's."""
    own = {capa.pk, capa.source_ncr_id}
    for item in (cause.frozen, cause.attachment):
        if item is not None and item.record_id not in own:
            raise Invalid({"evidence": [f"This evidence belongs to another record than {capa.number}."]})
