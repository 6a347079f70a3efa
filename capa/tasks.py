"""Long and repeated work of the room."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from capa.demo import load
from capa.models import Capa, Nonconformity
from capa.services import SEVERAL, Several, judge, tend_deviations, told, tried
from qms.core.actor import Actor, system
from qms.core.clock import every
from qms.core.errors import Refused
from qms.core.jobs import Effect, Running, work
from qms.core.records import visible
from qms.core.trail import reading

logger = logging.getLogger(__name__)
TOLD_EVERY = 10  # rows


@every(24 * 3600)
def judge_running() -> int:
    """Compute the verdict of every CAPA whose window runs; once a day is enough. Returns how many were judged."""
    by = system("effectiveness")
    with reading(by):
        running = list(Capa.objects.filter(state="effectiveness"))
    judged = 0
    for capa in running:
        try:
            judged += len(judge(capa, by=by))
        except Refused:
            continue  # no readings to judge by; the page says the same to the owner
        except Exception:
            logger.exception("The verdict of %s could not be computed", capa.number)
    return judged


@every(600)
def tend_permits() -> int:
    """Put deviation permits in force on their first day, end those that are over; returns how many moved."""
    return tend_deviations(by=system("deviation permits"))


@work("demo")
def make_demo(job: Running) -> Effect:
    """Make the demo plant; a second job finds it there."""
    job.at("18 months of history", 0.1)
    by = system("demo")
    if not load.exists(by):
        load.make(now=timezone.now(), by=by, home=settings.QMS_HOME, say=lambda _: None)
    return lambda: {"words": "the demo plant is there", "sheet": load.name_sheet(settings.QMS_HOME).name}


@work("several")
def act_on_several(job: Running) -> Effect:
    """Do one thing to many nonconformities, each in an act of its own that is noted, so that none is done twice."""
    act, ids, refused = SEVERAL[job.args["act"]](job.args["typed"]), job.args["ids"], 0
    for number, pk in enumerate(ids):
        if number % TOLD_EVERY == 0:
            job.at(f"{number:,} of {len(ids):,}", number / len(ids))
        noted = job.once(str(pk), partial(_one_of_several, act, pk, job.by))
        with reading(job.by):
            act.go_on(noted)
        refused += "refusal" in noted
    return lambda: {"words": told(act, len(ids), refused), "refused": refused}


def _one_of_several(act: Several, pk: int, by: Actor) -> dict[str, Any]:
    row = visible(Nonconformity, by).filter(pk=pk).first()
    if row is None:
        return {"number": f"Record {pk}", "refusal": "You may not see it any more."}
    return tried(act, row, by=by)
