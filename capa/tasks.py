"""Long and repeated work of the room."""

from __future__ import annotations

from celery import shared_task

from capa.models import Capa
from capa.services import judge
from qms.core.actor import system
from qms.core.errors import Refused
from qms.core.trail import reading


@shared_task(name="capa.judge_running")
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
    return judged
