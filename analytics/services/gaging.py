"""Plan a gage study, take its readings one at a time in the drawn order, and judge it by its figures."""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from analytics.models import GageStudy, Method, StudyCorrection, StudyRun
from analytics.queries import next_run_of, who_may_measure
from analytics.services.judging import judge_study
from governance.models import Characteristic, Gage
from qms.core import inbox
from qms.core.actor import Actor
from qms.core.errors import Denied, Invalid, Refused, because
from qms.core.models import User
from qms.core.records import locked, open_record, touched
from qms.core.stepping import advance
from qms.core.trail import acting
from spc.gauge_plan import run_order
from spc.values import LARGEST, BadInput

# the least that the figures can be computed from: operators, parts, repeats
LEAST: dict[str, tuple[int, int, int]] = {
    Method.CROSSED: (2, 2, 2), Method.NESTED: (2, 2, 2), Method.BIAS: (1, 1, 2), Method.LINEARITY: (1, 2, 2),
    Method.STABILITY: (1, 2, 1), Method.ATTRIBUTE: (1, 2, 1),
}  # fmt: skip
USUAL = ("OK", "NOK")
LONGEST = 40  # letters of a label or a rating


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is measured: how many parts and repeats, what the parts are called, and what is known of them."""

    method: str
    parts: int
    repeats: int
    labels: Sequence[str] = ()
    references: Sequence[str] = ()
    categories: Sequence[str] = ()
    tolerance: float | None = None


def plan_study(
    *, gage: Gage, characteristic: Characteristic, plan: Plan, operators: Sequence[User], by: Actor,
    title: str = "", due: datetime | None = None, seed: int | None = None,
) -> GageStudy:  # fmt: skip
    """Open a study with its run order drawn by lot; every operator is asked to measure.

    `seed` draws an order again; left out, one is taken and kept. The tolerance falls to the characteristic's. Raises
    Denied, or Invalid by field.
    """
    by.require("gagestudy.open", gage.site_id)
    found = _checked(plan, gage, characteristic, operators)
    people = {str(person.pk): person for person in operators}
    seed = secrets.randbelow(2**53) if seed is None else seed
    spread = None if None in (characteristic.lsl, characteristic.usl) else characteristic.usl - characteristic.lsl  # type: ignore[operator]  # both are there
    try:
        orders = run_order(
            _shares(found, list(people)), trials=plan.repeats, seed=seed, shuffled=plan.method != Method.STABILITY
        )
    except BadInput as problem:
        raise Invalid({"parts": [str(problem)]}) from problem
    with acting(by):
        study = open_record(
            GageStudy, title=title.strip() or f"{Method(plan.method).label}: {gage.code} for {characteristic.code}",
            site=gage.site, by=by, due=due, gage=gage, characteristic=characteristic, method=plan.method,
            parts=plan.parts, repeats=plan.repeats, seed=seed, labels=found["labels"],
            references=found["references"], categories=found["categories"],
            tolerance=spread if plan.tolerance is None else plan.tolerance,
        )  # fmt: skip
        for key, runs in orders.items():
            StudyRun.objects.bulk_create(
                StudyRun(study=study, operator=people[key], place=place, part=run.part, trial=run.trial)
                for place, run in enumerate(runs, start=1)
            )
        for person in operators:
            _ask(study, person, by)
    return study


def enter_reading(run: StudyRun, text: str, *, by: Actor) -> StudyRun:
    """Enter the reading of one's own next run; the last one of all judges the study.

    Raises Denied for somebody else's run, Invalid for what is no reading, Refused for a run that is not the next.
    """
    by.require("gagestudy.measure", run.study.site_id)
    if run.operator_id != by.id:
        raise Denied("This run is another operator's: each takes the readings of his own order.")
    with acting(by):
        study = locked(GageStudy, run.study_id)
        if study.state not in ("planned", "running"):
            raise Refused(
                f"{study.number} takes no more readings: it is {study.flow.state(study.state).label.lower()}."
            )
        upcoming = next_run_of(study, by)
        if upcoming is None or upcoming.pk != run.pk:
            raise Refused(f"Part {run.part} was entered already. Your next run is shown now.")
        value, rating = _reading(study, text)
        upcoming.value, upcoming.rating, upcoming.entered_at = value, rating, timezone.now()
        upcoming.save(update_fields=["value", "rating", "entered_at"])
        if study.state == "planned":
            study = advance(study, "begin", by=by)
        else:
            touched(study, by=by)
        if next_run_of(study, by) is None:
            inbox.done(task_key(study, upcoming.operator_id), by)
        _judge_when_whole(study, by)
    return upcoming


def correct_reading(run: StudyRun, text: str, *, reason: str, by: Actor) -> StudyRun:
    """Put another reading in place of one that was entered wrongly, with the reason, while the study is measured.

    By the operator who took it, or by who plans studies. Raises Denied, Invalid or Refused.
    """
    if run.operator_id != by.id:
        by.require("gagestudy.edit", run.study.site_id)
    by.require("gagestudy.measure", run.study.site_id)
    reason = because(reason, "Say why this reading was wrong.")
    with acting(by, reason=reason):
        study = locked(GageStudy, run.study_id)
        if study.state != "running":
            raise Refused(f"{study.number} is judged: its readings stay as they were. Plan a new study.")
        fresh = StudyRun.objects.get(pk=run.pk)
        if fresh.entered_at is None:
            raise Refused("This run has no reading yet.")
        old = fresh.reading
        fresh.value, fresh.rating = _reading(study, text)
        fresh.save(update_fields=["value", "rating"])
        StudyCorrection.objects.create(
            run=fresh, old=old[:LONGEST], new=fresh.reading[:LONGEST], reason=reason[:300], by_id=by.id
        )
        touched(study, by=by)
        _judge_when_whole(study, by)
    return fresh


def task_key(study: GageStudy, person: int) -> str:
    """The key of the task that asks a person to measure."""
    return f"gagestudy:{study.pk}:{person}"


def _judge_when_whole(study: GageStudy, by: Actor) -> None:
    """With the last reading the study judges itself; figures that cannot be computed are said on its page."""
    if StudyRun.objects.filter(study=study, entered_at=None).exists():
        return
    try:
        judge_study(study, by=by)
    except Invalid:
        return  # its page says why, and a reading can still be corrected


def _ask(study: GageStudy, person: User, by: Actor) -> None:
    count = StudyRun.objects.filter(study=study, operator=person).count()
    inbox.ask(
        key=task_key(study, person.pk), title=f"Measure for {study.number}", record=study, owner=person, by=by,
        detail=f"{count} readings with {study.gage.code}, one at a time in the order shown.", due=study.due,
        url=reverse("analytics:gage-study-measure", args=[study.pk]),
    )  # fmt: skip


def _reading(study: GageStudy, text: str) -> tuple[float | None, str]:
    """What was typed as a number, or as one of the ratings."""
    text = text.strip()
    if study.rated:
        found = next((one for one in study.categories if one.casefold() == text.casefold()), None)
        if found is None:
            raise Invalid({"reading": [f"Choose one of {', '.join(study.categories)}."]})
        return None, found
    if not text:
        raise Invalid({"reading": ["Enter what the gage shows."]})
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        raise Invalid({"reading": [f"“{text[:40]}” is no number. Enter digits alone, without the unit."]}) from None
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise Invalid({"reading": [f"“{text[:40]}” cannot be a reading."]})
    return value, ""


def _shares(found: dict[str, Any], people: list[str]) -> dict[str, list[str]]:
    """Which parts each operator measures: all of them, or his own where they are nested."""
    labels, wide = found["labels"], found["parts"]
    if not found["nested"]:
        return dict.fromkeys(people, labels)
    return {person: labels[place * wide : (place + 1) * wide] for place, person in enumerate(people)}


def _checked(plan: Plan, gage: Gage, characteristic: Characteristic, operators: Sequence[User]) -> dict[str, Any]:
    """Labels, references and ratings as they are kept; Invalid with everything that is wrong."""
    errors: dict[str, list[str]] = {}
    if plan.method not in LEAST:
        raise Invalid({"method": [f"Choose one of {', '.join(LEAST)}."]})
    for name, given, least in zip(
        ("operators", "parts", "repeats"), (len(operators), plan.parts, plan.repeats), LEAST[plan.method], strict=True
    ):
        if given < least:
            errors[name] = [f"{Method(plan.method).label} needs at least {least}."]
    if characteristic.site_id != gage.site_id:
        errors["characteristic"] = ["Choose a characteristic of the gage's own site."]
    known = set(who_may_measure(gage.site_id).values_list("pk", flat=True))
    if strange := [person.name for person in operators if person.pk not in known]:
        errors["operators"] = [f"{strange[0]} may not measure at {gage.site.code}: it takes a role such as operator."]
    if plan.method == Method.BIAS and plan.parts != 1:
        errors["parts"] = ["A bias study measures one master."]
    nested = plan.method == Method.NESTED
    labels = _labels(plan, plan.parts * (len(operators) if nested else 1), errors)
    categories = _ratings(plan, errors)
    references = _references(plan, categories, errors)
    if errors:
        raise Invalid(errors)
    return {
        "labels": labels, "categories": categories, "references": references, "nested": nested, "parts": plan.parts,
    }  # fmt: skip


def _labels(plan: Plan, wanted: int, errors: dict[str, list[str]]) -> list[str]:
    labels = [label.strip() for label in plan.labels if label.strip()] or [str(n + 1) for n in range(wanted)]
    if len(labels) != wanted:
        errors.setdefault("labels", [f"{wanted} parts need {wanted} labels, {len(labels)} are given."])
    elif len(set(labels)) != wanted or max(map(len, labels), default=0) > LONGEST:
        errors.setdefault("labels", [f"Each part needs a label of its own with at most {LONGEST} letters."])
    return labels


def _ratings(plan: Plan, errors: dict[str, list[str]]) -> list[str]:
    if plan.method != Method.ATTRIBUTE:
        return []
    found = list(dict.fromkeys(one.strip() for one in plan.categories if one.strip())) or list(USUAL)
    if len(found) < 2 or len({one.casefold() for one in found}) != len(found) or max(map(len, found)) > LONGEST:
        errors["categories"] = ["Give at least two different ratings, such as OK, NOK."]
    return found


def _references(plan: Plan, categories: list[str], errors: dict[str, list[str]]) -> list[Any]:
    given = [text.strip() for text in plan.references if text.strip()]
    needed = plan.method in (Method.BIAS, Method.LINEARITY)
    if not given:
        if needed:
            errors["references"] = ["Give the reference value of each master."]
        return []
    count = 1 if plan.method == Method.STABILITY else plan.parts
    if len(given) != count:
        errors["references"] = [f"{count} references are needed, {len(given)} are given."]
        return []
    if plan.method == Method.ATTRIBUTE:
        if strange := [text for text in given if text not in categories]:
            errors["references"] = [f"“{strange[0]}” is none of the ratings {', '.join(categories)}."]
        return given
    try:
        return [float(text.replace(",", ".") if text.count(",") == 1 else text) for text in given]
    except ValueError:
        errors["references"] = ["A reference is a number."]
        return []
