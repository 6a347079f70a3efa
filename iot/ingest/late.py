"""Readings that came so late that judging them was left for later."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import Error

from iot.charting.batch import Batch
from iot.charting.judge import settle_owed
from iot.charting.plans import plans
from iot.ingest.notes import tell
from iot.models import ChartState
from iot.rollups.blocks import forget_points
from qms.core.actor import Actor
from qms.core.trail import acting
from spc.values import BadInput

_log = logging.getLogger(__name__)


def judge_owed(*, now: datetime, by: Actor) -> int:
    """Judge again what very late readings changed, each chart in an act of its own; returns how many charts moved.

    A chart that cannot be judged stays owed, and holds up no other.
    """
    moved = 0
    for pk in ChartState.objects.filter(owed_from__isnull=False).order_by("pk").values_list("pk", flat=True):
        try:
            with acting(by):
                [plan] = plans(only=[pk])
                done = settle_owed(plan, now=now, by=by)
                if done and done.points:
                    forget_points([plan.parameter], done.points[0].first_t)
                    tell(Batch(alone=[done]), set())
                    moved += 1
        except (Error, BadInput):
            _log.exception("Very late readings of characteristic %s wait: they could not be judged.", pk)
    return moved
