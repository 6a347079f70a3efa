"""Decide which of two values a reading has."""

from __future__ import annotations

import numpy as np
from django.db import connection
from django.utils import timezone

from iot.charting.judge import rejudge
from iot.charting.plans import plans
from iot.copying import micros
from iot.models import Correction
from iot.multivariate.judge import judge_noted
from iot.multivariate.rows import note
from iot.rollups.batch import roll_up
from iot.storage.pieces import kept_since, open_again
from qms.core.actor import Actor
from qms.core.errors import Refused, because
from qms.core.trail import acting


def decide_correction(correction: Correction, *, accept: bool, reason: str, by: Actor) -> Correction:
    """Take the value heard later (the chart is judged again from there) or keep the stored one; both stay on record."""
    by.require("quarantine.replay", correction.parameter.site_id)
    reason = because(reason, "Say why this value holds.")
    with acting(by, reason=reason):
        row = Correction.objects.select_for_update().get(pk=correction.pk)
        if row.state != Correction.State.OPEN:
            raise Refused(f"This was decided already: {row.get_state_display().lower()}.")
        row.state = Correction.State.ACCEPTED if accept else Correction.State.REFUSED
        row.reason = reason[:200]
        row.save(update_fields=["state", "reason"])
        if accept:
            _apply(row, by)
            same = Correction.objects.filter(parameter_id=row.parameter_id, t=row.t, seq=row.seq)
            same.filter(state=Correction.State.OPEN).update(stored=row.heard)
    return row


def _apply(row: Correction, by: Actor) -> None:
    since = kept_since([row.parameter_id])
    if since is not None and row.t < since:
        raise Refused(f"Single readings of {row.parameter} are kept since {since:%Y-%m-%d} only: this one is gone.")
    open_again([row.parameter_id], row.t, row.t)
    with connection.cursor() as cursor:
        cursor.execute(
            "update iot_reading set value = %s where parameter_id = %s and t = %s and seq = %s",
            [row.heard, row.parameter_id, row.t, row.seq],
        )
    whose, t, value = np.array([row.parameter_id]), np.array([micros(row.t)]), np.array([row.heard])
    roll_up(whose, t, value, np.zeros(1, np.int64), now=timezone.now(), again=[row.parameter_id])
    charted = [plan for plan in plans() if plan.parameter == row.parameter_id]
    for plan in charted:
        rejudge(plan, since=row.t, now=timezone.now(), by=by)
    judge_noted(note({row.parameter_id: row.t}), now=timezone.now(), by=by)
