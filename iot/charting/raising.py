"""Signals in the database: raised once per event, grown while it lasts, withdrawn when late data undoes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from iot.charting.course import Point
from iot.charting.folding import QUIET, Event, fold
from iot.charting.plan import Plan
from iot.events import SignalRaised
from iot.models import Signal, SignalState, Subgroup
from qms.core.events import publish

RETROSPECTIVE = timedelta(hours=1)  # a violation measured longer ago asks nobody to act at once

_SEEDS = """
select x.id, s.* from unnest(%s::bigint[], %s::bigint[]) x(id, first) cross join lateral (
  select first_point, last_point, first_at, last_at, limits_id, mask, points, id as signal from iot_signal
  where characteristic_id = x.id and state <> 'withdrawn' and last_point < x.first and last_point >= x.first - %s
  order by last_point desc limit 1) s
"""
_JOIN = """
update iot_subgroup g set signal_id = x.signal
from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) x(chart, first, last, signal)
where g.characteristic_id = x.chart and g.n between x.first and x.last and g.mask <> 0
"""


def settle(plan: Plan, points: Sequence[Point], ids: Mapping[int, int], *, now: datetime, again: bool) -> list[int]:
    """Make the signals of a chart agree with its points; returns the rows that are new.

    In: the points judged in this turn with their row ids, `again` when they replace earlier ones.
    """
    if not points or not (again or any(point.mask for point in points)):
        return []
    since = points[0].n
    standing = Signal.objects.filter(characteristic_id=plan.id).exclude(state=SignalState.WITHDRAWN)
    touched = list(standing.filter(last_point__gte=since).order_by("first_point")) if again else []
    stretch = [*_earlier(plan, touched, since), *points]
    seed = _seed(standing, stretch[0].n)
    events = fold(stretch, seed=seed)
    _match(events, touched)
    raised = [_write(plan, event, ids, now) for event in events]
    _withdraw(touched, kept={event.signal for event in events})
    _join(plan, events, since)
    return [signal for signal in raised if signal is not None]


def settle_new(
    broken: Mapping[Plan, Sequence[Point]], ids: Mapping[tuple[int, int], int], *, now: datetime
) -> set[int]:
    """Make signals of new points of many charts, each chart's own violations only; the charts that got a new row.

    In: per plan its points with a mask, in order; their row ids by characteristic and number.
    """
    if not broken:
        return set()
    seeds = _seeds({plan.id: points[0].n for plan, points in broken.items()})
    events = [(plan, event) for plan, points in broken.items() for event in fold(points, seed=seeds.get(plan.id))]
    fresh = list[tuple[Plan, Event, Signal]]()
    for plan, event in events:
        said = _said(plan, event, partial(_known_row, ids, plan.id))
        if event.signal is None:
            fresh.append((plan, event, _new(plan, event, said, now)))
        else:
            Signal.objects.filter(pk=event.signal).update(**said)
    Signal.objects.bulk_create([row for _, _, row in fresh])
    for plan, event, row in fresh:
        event.signal = row.pk
        if not row.retrospective:
            _publish(plan, row)
    _join_all(events, {plan.id: points[0].n for plan, points in broken.items()})
    return {plan.id for plan, _, _ in fresh}


def _seeds(first: Mapping[int, int]) -> dict[int, Event]:
    """The event just before the new points of each chart, where it can still grow."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEDS, [list(first), list(first.values()), QUIET])
        return {chart: Event(None, *rest) for chart, *rest in cursor.fetchall()}


def _join_all(events: Sequence[tuple[Plan, Event]], since: Mapping[int, int]) -> None:
    """Let violating points know their signal."""
    spans = [(plan.id, max(event.first_n, since[plan.id]), event.last_n, event.signal) for plan, event in events]
    with connection.cursor() as cursor:
        cursor.execute(_JOIN, [list(column) for column in zip(*spans, strict=True)])


def _earlier(plan: Plan, touched: Sequence[Signal], since: int) -> list[Point]:
    """The points of a touched event that lie before the stretch judged again."""
    if not touched or touched[0].first_point >= since:
        return []
    rows = Subgroup.objects.filter(characteristic_id=plan.id, n__gte=touched[0].first_point, n__lt=since).order_by("n")
    by_id = {limits.id: limits for limits in plan.limits}
    return [
        Point(p.n, p.t, p.first_t, p.values, p.mean, p.spread, by_id.get(p.limits_id or 0), p.mask, p.lot,
              (p.up, p.down), (p.ucl, p.lcl))
        for p in rows
    ]  # fmt: skip


def _seed(standing: QuerySet[Signal], since: int) -> Event | None:
    """The event just before the stretch, if it can still grow."""
    row = standing.filter(last_point__lt=since, last_point__gte=since - QUIET).order_by("-last_point").first()
    if row is None:
        return None
    mask = row.mask
    return Event(
        None, row.first_point, row.last_point, row.first_at, row.last_at, row.limits_id, mask, row.points, row.pk
    )


def _match(events: Sequence[Event], touched: Sequence[Signal]) -> None:
    """Give each event the earliest row that overlaps it in time, so that decisions stay with their event."""
    free = list(touched)
    for event in events:
        if event.signal is None:
            row = next((s for s in free if s.first_at <= event.last_at and s.last_at >= event.first_at), None)
            if row:
                event.signal = row.pk
                free.remove(row)


def _write(plan: Plan, event: Event, ids: Mapping[int, int], now: datetime) -> int | None:
    """Raise or grow one signal; the id only when it is new."""
    said = _said(plan, event, lambda n: _row_id(plan, n, ids))
    if event.signal is not None:
        Signal.objects.filter(pk=event.signal).update(**said)
        return None
    row = _new(plan, event, said, now)
    row.save()
    event.signal = row.pk
    if not row.retrospective:
        _publish(plan, row)
    return row.pk


def _said(plan: Plan, event: Event, row_id: Callable[[int], int]) -> dict[str, object]:
    """What a signal says of its event; what its first point says only where that is among the points at hand."""
    limits = next(one for one in plan.limits if one.id == event.limits)
    changed = {
        "first_point": event.first_n, "last_point": event.last_n, "first_at": event.first_at, "last_at": event.last_at,
        "points": event.points, "mask": event.mask,
        "rules": [rule.name for rule in plan.broken(event.mask, limits)],
    }  # fmt: skip
    if event.first is not None:
        changed |= _figures(plan, event.first) | {"subgroup_id": row_id(event.first.n)}
    return changed


def _new(plan: Plan, event: Event, said: Mapping[str, Any], now: datetime) -> Signal:
    late = event.last_at < now - RETROSPECTIVE
    return Signal(site_id=plan.site, characteristic_id=plan.id, retrospective=late, **said)


def _known_row(ids: Mapping[tuple[int, int], int], chart: int, n: int) -> int:
    return ids[chart, n]


def _row_id(plan: Plan, n: int, ids: Mapping[int, int]) -> int:
    return ids[n] if n in ids else Subgroup.objects.only("id").get(characteristic_id=plan.id, n=n).pk


def _figures(plan: Plan, first: Point) -> dict[str, object]:
    """What the first violating point says: value, distance, rule in words."""
    limits = first.limits
    if limits is None:
        raise ValueError("A point without limits breaks no rule.")
    distance = plan.distance(first.statistic, first.memory, limits)
    rule = plan.broken(first.mask, limits)[0]
    value, center = plan.plotted(first.statistic, first.t, first.memory, limits)
    return {
        "value": value,
        "center": center,
        "sigma": limits.sigma,
        "distance": distance,
        "limits_id": limits.id,
        "rule": rule.name,
        "words": first.words or plan.words(rule, high=distance >= 0),
    }


def _publish(plan: Plan, row: Signal) -> None:
    publish(
        SignalRaised(
            signal=row.pk,
            characteristic=plan.id,
            site=plan.site,
            rule=row.rule,
            words=row.words,
            value=row.value,
            at=row.first_at.isoformat(),
        ),
        key=f"characteristic:{plan.id}",
    )


def _withdraw(touched: Sequence[Signal], kept: set[int | None]) -> None:
    """A signal that late data undid stays readable; what a person already decided stays as it is."""
    gone = [row.pk for row in touched if row.pk not in kept and row.state == SignalState.OPEN]
    Signal.objects.filter(pk__in=gone).update(state=SignalState.WITHDRAWN)
    Subgroup.objects.filter(signal_id__in=gone).update(signal=None)


def _join(plan: Plan, events: Sequence[Event], since: int) -> None:
    """Let violating points know their signal."""
    for event in events:
        span = Subgroup.objects.filter(
            characteristic_id=plan.id, n__gte=max(event.first_n, since), n__lte=event.last_n, mask__gt=0
        )
        span.update(signal_id=event.signal)
