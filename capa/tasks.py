"""Long and repeated work of the room."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils import timezone

from capa.demo import load
from capa.models import Capa
from capa.services import judge, tend_deviations
from qms.core.actor import system
from qms.core.clock import every
from qms.core.errors import Refused
from qms.core.jobs import Effect, Running, work
from qms.core.trail import reading

logger = logging.getLogger(__name__)


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
    return lambda: {"sheet": load.name_sheet(settings.QMS_HOME).name}
