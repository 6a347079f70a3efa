"""Judge a gage study: the readings as a table, the study of the workbench, the verdict by named thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics import tables
from analytics.models import GageStudy, Method, Source, StudyRun
from analytics.services.analysing import Origin, analyse, open_analysis
from analytics.studies import Answer
from qms.core import inbox
from qms.core.actor import Actor
from qms.core.errors import Invalid, Refused
from qms.core.links import link
from qms.core.models import Task
from qms.core.records import locked
from qms.core.stepping import advance
from qms.core.trail import acting
from spc import gauge_verdict as by_threshold
from spc.values import BadInput

STUDIES: dict[str, str] = {
    Method.CROSSED: "gauge", Method.NESTED: "gauge-nested", Method.BIAS: "bias", Method.LINEARITY: "linearity",
    Method.STABILITY: "stability", Method.ATTRIBUTE: "agreement",
}  # fmt: skip
WORDS = {
    "acceptable": "Acceptable", "conditional": "Conditional, usable with care", "unacceptable": "Not acceptable",
}  # fmt: skip


@dataclass(frozen=True)
class Judgement:
    """The verdict with the figures it rests on and the source of its thresholds."""

    verdict: str
    words: str
    source: str
    share: float | None = None
    ndc: int | None = None


def judge_study(study: GageStudy, *, by: Actor) -> GageStudy:
    """Compute a study from its complete rounds, keep the answer as a saved analysis, and judge it.

    Raises Denied, Refused when too few readings are there, Invalid when they cannot be judged.
    """
    by.require("gagestudy.measure", study.site_id)
    with acting(by):
        fresh = locked(GageStudy, study.pk)
        if fresh.state != "running":
            raise Refused(f"{fresh.number} is {fresh.flow.state(fresh.state).label.lower()}.")
        answer, table, count = _asked(fresh)
        found = judgement_of(fresh.method, answer.figures)
        where = f"{fresh.number}, gage {fresh.gage.code} for {fresh.characteristic.code}, {count} readings"
        analysis = open_analysis(
            title=fresh.title, site=fresh.site, table=table, answer=answer, by=by,
            question=f"Is {fresh.gage} good enough for {fresh.characteristic}?", origin=Origin(Source.STUDY, where),
        )  # fmt: skip
        fresh.answer, fresh.verdict, fresh.words = analysis, found.verdict, found.words
        fresh.share, fresh.ndc, fresh.source = found.share, found.ndc, found.source
        fresh.save(update_fields=["answer", "verdict", "words", "share", "ndc", "source"])
        link(fresh, analysis, "related", by=by)
        return advance(fresh, "judge", by=by)


def finish_tasks(study: int, by: Actor) -> None:
    """Nobody is asked any more to measure for a study that is closed. Needs an act."""
    for task in Task.objects.filter(key__startswith=f"gagestudy:{study}:", done_at=None):
        inbox.done(task.key, by)


def _asked(study: GageStudy) -> tuple[Answer, tables.Table, int]:
    runs = complete_runs(study)
    columns, roles, options = _question(study, runs)
    try:
        table = tables.of_columns(columns)
    except BadInput as problem:
        raise Invalid({"data": [str(problem)]}) from problem
    return analyse(table, study=STUDIES[study.method], roles=roles, options=options), table, len(runs)


def complete_runs(study: GageStudy) -> list[StudyRun]:
    """The readings that the figures may rest on, by operator, part and round.

    Every round that all operators have finished; of a bias or linearity study every reading, of a stability study the
    occasions that are whole. Raises Refused when there is none.
    """
    runs = list(StudyRun.objects.filter(study=study).select_related("operator"))
    if study.method in (Method.BIAS, Method.LINEARITY):
        kept = [run for run in runs if run.entered_at]
    elif study.method == Method.STABILITY:
        left = {run.part for run in runs if run.entered_at is None}
        kept = [run for run in runs if run.part not in left]
    else:
        open_round = min((run.trial for run in runs if run.entered_at is None), default=study.repeats + 1)
        kept = [run for run in runs if run.trial < open_round]
        least = 1 if study.method == Method.ATTRIBUTE else 2
        if open_round - 1 < least:
            raise Refused(f"{least} complete round{'s are' if least > 1 else ' is'} needed: every part by everybody.")
    if not kept:
        raise Refused("There is no complete round of readings yet.")
    order = {label: place for place, label in enumerate(study.labels)}
    return sorted(kept, key=lambda run: (run.operator_id, order.get(run.part, 0), run.trial))


def _question(study: GageStudy, runs: Sequence[StudyRun]) -> tuple[list[dict[str, Any]], Any, dict[str, Any]]:
    """Columns, roles and options as the study of the workbench takes them."""
    unit = study.characteristic.parameter.unit
    values = {"name": "Reading", "unit": unit, "values": [run.value for run in runs]}
    parts = {"name": "Part", "values": [f"part {run.part}" for run in runs]}
    people = {"name": "Appraiser", "values": [_called(run) for run in runs]}
    tolerance = {"tolerance": study.tolerance} if study.tolerance else {}
    if study.method in (Method.CROSSED, Method.NESTED):
        return [values, parts, people], {"value": "Reading", "part": "Part", "appraiser": "Appraiser"}, tolerance
    if study.method == Method.BIAS:
        return [values], {"x": "Reading"}, {"reference": study.references[0], **tolerance}
    if study.method == Method.LINEARITY:
        known = {"name": "Reference", "unit": unit, "values": [study.reference_of(run.part) for run in runs]}
        return [values, known], {"value": "Reading", "reference": "Reference"}, {}
    if study.method == Method.STABILITY:
        reference = {"reference": study.references[0]} if study.references else {}
        size = len(runs) // len({run.part for run in runs})
        ordered = sorted(runs, key=lambda run: (study.labels.index(run.part), run.operator_id, run.trial))
        values["values"] = [run.value for run in ordered]
        return [values], {"values": ["Reading"]}, {"size": size, **reference}
    rating = {"name": "Rating", "values": [run.rating for run in runs]}
    columns, roles = [rating, parts, people], {"rating": "Rating", "part": "Part", "appraiser": "Appraiser"}
    if study.references:
        columns.append({"name": "Standard", "values": [study.reference_of(run.part) for run in runs]})
        roles["standard"] = "Standard"
    return columns, roles, {}


def _called(run: StudyRun) -> str:
    """An operator's name; two of one name stay two."""
    return f"{run.operator.name} ({run.operator_id})"


def judgement_of(method: str, figures: Mapping[str, Any]) -> Judgement:
    """The verdict of a method's figures."""
    if method in (Method.CROSSED, Method.NESTED):
        part = figures["anova" if method == Method.CROSSED else "nested"]
        share, ndc = part["pct_study"].get("grr"), part["ndc"]
        verdict = by_threshold.of_gauge(share, ndc)
        said = "no spread at all" if share is None else f"{share:.1f} % gage R&R, {ndc or 0} distinct categories"
        return Judgement(verdict, f"{WORDS[verdict]}: {said}.", by_threshold.RR_SOURCE, share, ndc)
    if method == Method.ATTRIBUTE:
        rows = figures.get("standard") or figures.get("within") or {}
        every = [one["kappa"] for one in rows.values() if one["kappa"] is not None]
        main = figures.get("all_standard") or figures.get("between") or {}
        kappa = min(every, default=main.get("kappa"))
        verdict = by_threshold.of_agreement(kappa)
        said = "kappa cannot be computed" if kappa is None else f"least kappa {kappa:.2f}"
        return Judgement(verdict, f"{WORDS[verdict]}: {said}.", by_threshold.KAPPA_SOURCE)
    stable = method == Method.STABILITY
    fine = figures["stable" if stable else "acceptable"]
    verdict = by_threshold.of_test(fine)
    shown = "a special cause" if stable else "a bias"
    said = "the readings do not vary" if fine is None else f"no sign of {shown}" if fine else f"{shown} is shown"
    source = by_threshold.STABILITY_SOURCE if stable else by_threshold.LOCATION_SOURCE
    return Judgement(verdict, f"{WORDS[verdict]}: {said}.", source)
