"""The gage studies of the demo plant: two that were judged, one that is being measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from analytics.models import GageStudy, StudyRun
from analytics.services import Plan, judge_study, plan_study
from capa.demo.people import Crew
from governance.models import Gage
from qms.core.actor import Actor
from qms.core.models import Record, Site
from qms.core.stepping import advance


@dataclass(frozen=True)
class Story:
    """A study: gage, characteristic, days before now it was judged (0: it runs), spread of parts and of the gage."""

    gage: str
    code: str
    days: int
    level: float
    parts: float
    repeats: float
    between: float
    decimals: int


STORIES = (
    Story("G-101", "C101", 128, 11.9911, 0.0021, 0.00010, 0.00006, 4),
    Story("G-206", "C206", 47, 0.0502, 0.0120, 0.0021, 0.0012, 3),
    Story("G-106", "C106", 0, 85.001, 0.0180, 0.0012, 0.0008, 3),
)
OPERATORS = ("operator", "engineer2", "production")
TAKEN = (7, 20, 12)  # readings of each operator in the study that runs
SEED = 20260


def fill(site: Site, crew: Crew, now: datetime, by: Actor) -> None:
    """Plan the studies, take their readings, judge those that are whole. Needs an act."""
    for place, story in enumerate(STORIES):
        gage = Gage.objects.select_related("site").get(site=site, code=story.gage)
        characteristic = gage.characteristics.select_related("parameter", "site").get(code=story.code)
        study = plan_study(
            gage=gage, characteristic=characteristic, plan=Plan(method="crossed", parts=10, repeats=2),
            operators=[crew.users[key] for key in OPERATORS], by=crew.actors["engineer"], seed=SEED + place,
            due=None if story.days else now + timedelta(days=2),
        )  # fmt: skip
        _measure(study, story, now, crew)
        study = advance(study, "begin", by=by)
        if story.days:
            _date(judge_study(study, by=crew.actors["engineer"]), now - timedelta(days=story.days))


def _measure(study: GageStudy, story: Story, now: datetime, crew: Crew) -> None:
    """Readings in the drawn order, a minute apart; a part is as wide as it is whoever measures it."""
    rng = np.random.default_rng(SEED + story.days)
    width = dict(zip(study.labels, story.level + story.parts * rng.normal(size=len(study.labels)), strict=True))
    begun = now - timedelta(days=story.days, hours=2)
    for key, limit in zip(OPERATORS, TAKEN, strict=True):
        off = story.between * rng.normal()
        runs = list(StudyRun.objects.filter(study=study, operator=crew.users[key]).order_by("place"))
        kept = runs if story.days else runs[:limit]
        for run in kept:
            run.value = round(width[run.part] + off + story.repeats * rng.normal(), story.decimals)
            run.entered_at = begun + timedelta(minutes=run.place)
        StudyRun.objects.bulk_update(kept, ["value", "entered_at"])


def _date(study: GageStudy, on: datetime) -> None:
    """Put a judged study and the analysis it rests on at the day on which it is said to have been judged."""
    pks = [pk for pk in (study.pk, study.answer_id) if pk is not None]
    opened = {"opened_at": on - timedelta(hours=3), "state_since": on, "updated_at": on, "closed_at": on}
    Record._base_manager.filter(pk__in=pks).update(**opened)
