"""Ask a study, keep the answer as a record, hand it on as evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import spc
from analytics import studies
from analytics.models import Analysis
from analytics.studies import Answer
from analytics.tables import Table
from qms.core.actor import Actor
from qms.core.errors import Invalid, Refused
from qms.core.evidence import freeze
from qms.core.links import link
from qms.core.models import FrozenEvidence, Record, Site
from qms.core.records import change_record, locked, open_record
from qms.core.stepping import advance
from qms.core.trail import acting
from spc.guide import Advice
from spc.values import BadInput


@dataclass(frozen=True)
class Origin:
    """Where data came from: pasted, a file, characteristics over a span of time, or the API."""

    source: str = "text"
    detail: str = ""
    first: datetime | None = None
    last: datetime | None = None


WORDING = frozenset({"title", "question", "owner"})


def analyse(
    table: Table, *, study: str, roles: Mapping[str, Any] | None = None, options: Mapping[str, Any] | None = None
) -> Answer:
    """The answer of a study about a table.

    In: the columns, the key of a study, role -> column names (left out: chosen by their kind), option -> value. Out:
    Answer with figures, words, assumptions, formulas, reference and drawing. Raises Invalid with row and column of
    what cannot be judged.
    """
    try:
        chosen = roles or studies.default_roles(table, studies.study_of(study))
        return studies.run(table, study, chosen, options or {})
    except BadInput as problem:
        raise Invalid({"data": [str(problem)]}) from problem
    except (ArithmeticError, ValueError) as problem:  # a figure that the numbers do not carry
        raise Invalid({"data": [f"These data cannot be judged by this study: {problem}."]}) from problem


def propose(
    table: Table, *, study: str, roles: Mapping[str, Any], options: Mapping[str, Any] | None = None
) -> Advice | None:
    """The chart the guide proposes, with its reason and warnings; None where there is nothing to choose."""
    try:
        return studies.propose(table, study, roles, options)
    except BadInput as problem:
        raise Invalid({"data": [str(problem)]}) from problem


def open_analysis(
    *,
    title: str,
    site: Site,
    table: Table,
    answer: Answer,
    by: Actor,
    question: str = "",
    origin: Origin | None = None,
    save: bool = True,
) -> Analysis:
    """Keep an answer with the data it was computed from; `save` locks it at once, else it stays a draft.

    Raises Denied or Invalid.
    """
    told, origin = answer.told, origin or Origin()
    with acting(by):
        record = open_record(
            Analysis,
            title=title.strip() or answer.study.label,
            site=site,
            by=by,
            question=question.strip() or answer.study.question,
            study=answer.study.key,
            source=origin.source,
            source_detail=origin.detail[:300],
            first=origin.first,
            last=origin.last,
            data={"columns": [column.as_json() for column in used(table, answer)]},
            size=sum(len(column) for column in used(table, answer)),
            roles={role: list(names) for role, names in answer.roles.items()},
            options=dict(answer.options),
            result=answer.as_json(),
            headline=told.headline[:400],
            drawing=told.drawing,
            method_version=f"spc {spc.VERSION}",
        )
        return advance(record, "save", by=by) if save else record


def used(table: Table, answer: Answer) -> list[Any]:
    """The columns the answer rests on."""
    names = {name for chosen in answer.roles.values() for name in chosen}
    return [column for column in table.columns if column.name in names]


def reword_analysis(
    record: Analysis, *, by: Actor, version: int | None = None, reason: str = "", **fields: Any
) -> Analysis:
    """Change title, question or owner of a draft. Raises Denied, Conflict, Invalid, or Refused once it is saved."""
    if strange := fields.keys() - WORDING:
        raise Invalid({name: ["This is computed and cannot be changed: run a new analysis."] for name in strange})
    with acting(by, reason=reason):
        fresh = locked(Analysis, record.pk)
        if fresh.state != "draft":
            raise Refused(f"{fresh.number} is locked: run a new analysis instead of changing this one.")
        return change_record(fresh, by=by, version=version, reason=reason, **fields)


def freeze_analysis(analysis: Analysis, *, record: Record, by: Actor) -> FrozenEvidence:
    """Keep a saved analysis as evidence of a record, and link the two. Raises Denied, or Refused for a draft."""
    if analysis.state != "saved":
        raise Refused(f"{analysis.number} is not saved: save and lock it before it is used as evidence.")
    if analysis.pk == record.pk:
        raise Refused("An analysis is no evidence of itself.")
    with acting(by):
        link(record, analysis, "related", by=by)
        return freeze(
            record,
            kind="analysis",
            title=f"{analysis.number} {analysis.title}: {analysis.headline}",
            data={
                "number": analysis.number,
                "digest": analysis.digest,
                "question": analysis.question,
                "roles": analysis.roles,
                "options": analysis.options,
                "data": analysis.data,
                "result": analysis.result,
                "method_version": analysis.method_version,
            },
            by=by,
            svg=analysis.drawing,
            source_url=analysis.get_absolute_url(),
        )
