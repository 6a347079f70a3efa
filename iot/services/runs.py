"""Say which part a chart of short runs measures from when on, and take back what was entered wrongly."""

from __future__ import annotations

import math
from datetime import datetime

from django.utils import timezone

from governance.models import SHORT_RUNS, Characteristic, Chart
from iot.charting.judge import rejudge
from iot.charting.plans import plan_of
from iot.models import ProductionRun
from iot.services.removing import removing
from qms.core.actor import Actor
from qms.core.errors import Invalid, Refused
from qms.core.live import announce
from qms.core.trail import acting


def begin_run(
    characteristic: Characteristic, *, part: str, nominal: float, by: Actor, sigma: float | None = None,
    begins_at: datetime | None = None,
) -> ProductionRun:  # fmt: skip
    """From a moment on (default: now) the chart measures this part; what was measured since is judged again.

    In: nominal and sigma in the unit of the parameter; sigma is needed where deviations are standardised. Raises
    Denied, Refused for a chart without parts, Invalid by field, also for a moment at which another part begins.
    """
    by.require("signal.annotate", characteristic.site_id)
    if characteristic.chart not in SHORT_RUNS:
        raise Refused("Only a chart of short runs knows parts. Choose that chart first.")
    since = begins_at or timezone.now()
    if errors := _refusals(characteristic, part.strip(), nominal, sigma, since):
        raise Invalid({name: [text] for name, text in errors.items()})
    with acting(by):
        row = ProductionRun.objects.create(
            characteristic=characteristic, part=part.strip(), nominal=nominal, sigma=sigma, begins_at=since, by_id=by.id
        )
        _judge_again(row, by)
    return row


def remove_run(run: ProductionRun, *, reason: str, by: Actor) -> None:
    """Take a run back that was entered wrongly; the points since count from the part before it again.

    Raises Denied, Invalid without a reason, Refused when it is gone already.
    """
    with removing(run, "part", reason=reason, by=by):
        _judge_again(run, by)


def _refusals(row: Characteristic, part: str, nominal: float, sigma: float | None, since: datetime) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not part or len(part) > 60:
        errors["part"] = "Name the part in up to 60 characters."
    if not math.isfinite(nominal):
        errors["nominal"] = "The nominal must be a number."
    if sigma is None and row.chart == Chart.SHORT_RUN_Z:
        errors["sigma"] = "A standardised chart needs the standard deviation of the part."
    if sigma is not None and not (sigma > 0 and math.isfinite(sigma)):
        errors["sigma"] = "The standard deviation lies above 0."
    if since > timezone.now():
        errors["begins_at"] = "A run begins now or has begun: parts are not entered ahead."
    elif ProductionRun.objects.filter(characteristic=row, begins_at=since).exists():
        errors["begins_at"] = "Another part begins at this moment: take that one out first."
    return errors


def _judge_again(run: ProductionRun, by: Actor) -> None:
    rejudge(plan_of(run.characteristic_id), since=run.begins_at, now=timezone.now(), by=by)
    announce(f"characteristic:{run.characteristic_id}", {"reload": True})
