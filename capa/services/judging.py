"""The verdict on effectiveness, computed from readings before and after the change took effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import cast

import numpy as np
from django.utils import timezone

from capa.events import VerdictReached
from capa.models import Capa, Criterion, Verdict
from capa.queries import stage_chart
from capa.services.changing import changing
from governance.models import Characteristic
from iot import queries as floor
from qms.core.actor import Actor
from qms.core.errors import Refused
from qms.core.events import publish
from spc import effect
from spc.values import BadInput


@dataclass(frozen=True)
class Window:
    """The time after the change that counts, and whether it is over."""

    start: datetime
    end: datetime
    over: bool


def judge(capa: Capa, *, by: Actor) -> list[Verdict]:
    """Compute one verdict per criterion of the present plan from the readings; writes and returns them.

    Before: the baseline agreed in the plan. After: from the moment the change took effect to the end of the
    window, or to now while it runs or while the agreed exposure is not reached. Raises Refused without criteria
    or without that moment.
    """
    with changing(Capa, capa.pk, "judge", by=by) as fresh:
        rows = fresh.criterion_rows()
        if fresh.implemented_at is None:
            raise Refused("Enter when the change took effect on the floor (D6): before and after are split there.")
        if not rows or not all(row.is_complete for row in rows):
            raise Refused("No complete effectiveness criterion: metric, baseline, target, window and minimum exposure.")
        verdicts = [_judged(row, fresh.implemented_at, by) for row in rows]
        for verdict in verdicts:
            verdict.save(force_insert=True)
            publish(
                VerdictReached(
                    record=fresh.pk,
                    number=fresh.number,
                    criterion=verdict.criterion_id,
                    outcome=verdict.outcome,
                    final=verdict.final,
                    sentence=verdict.sentence,
                ),
                record=fresh.pk,
            )
    return verdicts


def preview(criterion: Criterion, *, implemented_at: datetime, by: Actor) -> Verdict:
    """The verdict as it would be now, not written."""
    return _judged(criterion, implemented_at, by)


def window_of(criterion: Criterion, start: datetime, now: datetime) -> Window:
    """The agreed window after a change; it stays open until it has passed."""
    end = start + timedelta(days=criterion.window_days)
    return Window(start, min(end, now), now >= end)


def _judged(criterion: Criterion, start: datetime, by: Actor) -> Verdict:
    now = timezone.now()
    window = window_of(criterion, start, now)
    found = _compare(criterion, window.end, start, by)
    if window.over and found.n_after < (criterion.minimum_exposure or 0) and window.end < now:
        window = Window(start, now, over=True)  # too little was made in time: the window waits for the exposure
        found = _compare(criterion, now, start, by)
    enough = found.n_after >= (criterion.minimum_exposure or 0)
    over = window.over or (criterion.window_units is not None and found.n_after >= criterion.window_units)
    return Verdict(
        capa_id=criterion.capa_id,
        criterion=criterion,
        at=now,
        outcome=found.outcome,
        sentence=found.sentence,
        result={
            **asdict(found),
            "implemented_at": start.isoformat(),
            "window_end": window.end.isoformat(),
            "chart": stage_chart(criterion, start, window.end, actor=by),
        },
        data_from=criterion.baseline_from or start,
        data_to=window.end,
        n_before=int(found.n_before),
        n_after=int(found.n_after),
        final=over and enough and found.outcome != "insufficient",
        computed_by_id=by.id,
    )


def _compare(criterion: Criterion, end: datetime, start: datetime, by: Actor) -> effect.Verdict:
    """Before against after by the test that fits the metric."""
    characteristic = criterion.characteristic
    assert characteristic is not None
    assert criterion.baseline_from is not None
    assert criterion.baseline_to is not None
    before_ends = min(criterion.baseline_to, start)  # readings after the change never count as before
    sides = (criterion.baseline_from, before_ends), (start, end)
    goal = effect.Goal(
        direction=cast("effect.Direction", criterion.direction),
        target=criterion.target,
        minimum=criterion.minimum_exposure or 0,
        metric=f"{criterion.get_metric_display().lower()} of {characteristic.name}",
        unit=_unit(criterion),
    )
    if criterion.metric == "signal_rate":
        return _rates(characteristic, sides, goal, by)
    before, after = (floor.values_between(characteristic, first, last, actor=by) for first, last in sides)
    try:
        if criterion.metric == "mean":
            return effect.of_means(before, after, goal)
        if criterion.metric == "spread":
            return effect.of_spread(before, after, goal)
        return effect.of_proportions(_share(criterion, before), _share(criterion, after), goal)
    except BadInput as problem:
        raise Refused(f"The readings cannot be judged: {problem}") from problem


def _share(criterion: Criterion, values: Sequence[float]) -> effect.Exposure:
    """Readings out of specification among all, or counted defects among the units inspected."""
    characteristic, data = criterion.characteristic, np.asarray(values, dtype=float)
    assert characteristic is not None
    if criterion.metric == "defect_proportion":
        size = characteristic.subgroup_size if characteristic.parameter.kind == "count" else 1
        return effect.Exposure(int(data.sum()), len(data) * size)
    if characteristic.lsl is None and characteristic.usl is None:
        raise Refused(f"{characteristic.code} has no specification limit, so nothing can be out of it.")
    low = -np.inf if characteristic.lsl is None else characteristic.lsl
    high = np.inf if characteristic.usl is None else characteristic.usl
    return effect.Exposure(int(((data < low) | (data > high)).sum()), len(data))


def _rates(
    characteristic: Characteristic, sides: tuple[tuple[datetime, datetime], ...], goal: effect.Goal, by: Actor
) -> effect.Verdict:
    """Signals per point of the chart."""
    before, after = (
        effect.Exposure(
            floor.signals_between(characteristic, first, last, actor=by),
            floor.points_between(characteristic, first, last, actor=by),
        )
        for first, last in sides
    )
    return effect.of_rates(before, after, goal)


def _unit(criterion: Criterion) -> str:
    if criterion.metric in ("mean", "spread") and criterion.characteristic is not None:
        return criterion.characteristic.parameter.unit
    return "per point" if criterion.metric == "signal_rate" else ""
