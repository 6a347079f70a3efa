"""Write versions of control limits: proposed from points, released by the flow, never moved."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from django.db.models import Max
from django.utils import timezone

from governance.models import MULTIVARIATE, Characteristic
from iot.charting.judge import rejudge
from iot.charting.phase_one import PhaseOne, Span, phase_one
from iot.charting.plans import plan_of
from iot.models import ControlLimits, Exclusion, Subgroup
from iot.multivariate.judge import rejudge_vectors
from iot.queries import present_points
from qms.core.actor import Actor
from qms.core.errors import Invalid, Refused
from qms.core.records import open_record
from qms.core.stepping import advance
from qms.core.trail import acting
from spc.values import BadInput

MOST_POINTS = 100_000


def propose_limits(
    characteristic: Characteristic, *, by: Actor, reason: str, first: datetime | None = None,
    last: datetime | None = None, estimator: str = "", effective_from: datetime | None = None,
) -> ControlLimits:  # fmt: skip
    """Estimate limits from the points of a span (default: all), excluded ones left out, as a record to be released.

    Raises Denied, Invalid for an estimator that this chart does not have, or Refused when the span gives no estimate.
    """
    with acting(by):
        points = _span(characteristic, first, last)
        if not points:
            raise Refused("There is no point in this span yet. Wait for data or choose another span.")
        found = _estimated(characteristic, points, estimator)
        lines = found.lines
        center, ucl = lines.get("center"), lines.get("ucl")
        if center is None or ucl is None:
            raise Refused(" ".join(found.reasons.values()) or "These points give no limits.")
        newest = ControlLimits.objects.filter(characteristic=characteristic).aggregate(top=Max("revision"))["top"] or 0
        return open_record(
            ControlLimits,
            title=f"Limits v{newest + 1} of {characteristic.code} {characteristic.name}"[:200],
            site=characteristic.site,
            by=by,
            characteristic=characteristic,
            revision=newest + 1,
            chart=characteristic.chart,
            sigma_estimator=found.estimator,
            size=characteristic.subgroup_size,
            center=center,
            ucl=ucl,
            lcl=lines.get("lcl"),
            sigma=lines.get("sigma") or 0.0,
            sigma_within=found.within,
            spread_center=lines.get("spread_center"),
            spread_ucl=lines.get("spread_ucl"),
            spread_lcl=lines.get("spread_lcl"),
            n_points=found.points,
            first_point=points[0].t,
            last_point=points[-1].t,
            exclusions=_exclusions(characteristic, points),
            effective_from=effective_from,
            design=dict(found.design),
            rules=[*characteristic.rules, *characteristic.own_rules],
            reason=reason.strip(),
        )


def _estimated(characteristic: Characteristic, points: list[Subgroup], estimator: str) -> PhaseOne:
    plan = plan_of(characteristic)
    runs = [plan.run_at(point.t) for point in points]
    keep = np.array([point.state == Subgroup.State.OK for point in points])
    try:
        return phase_one(Span(characteristic, points, keep, estimator, runs))
    except BadInput as problem:
        raise Invalid({"estimator" if estimator else "first": [str(problem)]}) from problem


def _span(characteristic: Characteristic, first: datetime | None, last: datetime | None) -> list[Subgroup]:
    points = present_points(characteristic)
    points = points.filter(t__gte=first) if first else points
    points = points.filter(t__lte=last) if last else points
    return list(points.order_by("-n").only("n", "t", "values", "mean", "state")[:MOST_POINTS])[::-1]


def _exclusions(characteristic: Characteristic, points: list[Subgroup]) -> list[dict[str, str]]:
    rows = Exclusion.objects.filter(
        characteristic=characteristic, lifted_at=None, last_t__gte=points[0].t, first_t__lte=points[-1].t
    )
    return [{"from": x.first_t.isoformat(), "to": x.last_t.isoformat(), "reason": x.reason} for x in rows]


def supersede_older(limits: ControlLimits, *, by: Actor) -> int:
    """Take the versions before this one out of force; returns how many there were."""
    with acting(by):
        older = ControlLimits.objects.filter(
            characteristic=limits.characteristic_id, state="in_force", revision__lt=limits.revision
        )
        for row in older.order_by("pk"):
            advance(row, "supersede", by=by, reason=f"{limits.number} is in force")
        return len(older)


def withdraw_limits(limits: ControlLimits, *, reason: str, by: Actor) -> ControlLimits:
    """Take a proposal back."""
    return advance(limits, "withdraw", by=by, reason=reason)


def judge_since(characteristic: int, since: datetime, *, by: Actor) -> None:
    """Judge the points from a moment on again, because the limits that hold there changed."""
    with acting(by):
        plan = plan_of(characteristic)
        if plan.chart in MULTIVARIATE:
            rejudge_vectors(plan.id, since=since, now=timezone.now(), by=by)
        else:
            rejudge(plan, since=since, now=timezone.now(), by=by)
