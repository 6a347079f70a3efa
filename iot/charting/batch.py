"""Judge a batch: charts that follow on from their columns are judged together, every other chart by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from iot.charting.charts import Charts, follows_on
from iot.charting.course import Point, Value
from iot.charting.judge import UNCHARTED, Judged, judge
from iot.charting.plan import Plan
from iot.charting.raising import settle_new
from iot.charting.together import Points, judge_together
from iot.copying import moment
from iot.readings import Readings, begins
from qms.core.actor import Actor
from qms.core.trail import acting


@dataclass(frozen=True)
class Batch:
    """What became of the charts of a batch."""

    points: Points | None = None  # of charts judged together
    raised: set[int] = field(default_factory=set)  # which of those have a new signal
    alone: Sequence[Judged] = ()  # charts judged each by itself


def judge_batch(found: Readings, charts: Charts, *, now: datetime, by: Actor) -> Batch:
    """Turn stored readings into points and signals; the same outcome as `judge`, with a few statements in all.

    In: the readings just stored, in order of parameter, time and sequence number. Every chart is locked first.
    """
    place = charts.of(found.parameter)
    charted = (place >= 0) & (found.flags & int(UNCHARTED) == 0)
    if not charted.all():
        found, place = found[charted], place[charted]
    if not len(found):
        return Batch()
    starts = np.flatnonzero(begins(place))
    counts = np.diff(starts, append=len(place))
    places, ends = place[starts], starts + counts - 1
    with acting(by):
        charts.lock(places)
        go = follows_on(charts, places, found.t[starts], found.seq[starts], found.t[ends])
        points, raised = None, set[int]()
        if go.any():
            points = judge_together(charts, places[go], found[np.repeat(go, counts)], counts[go])
            raised = settle_new(*_broken(points), now=now)
        work = {
            charts.plans[places[at]]: _values(found, int(starts[at]), int(counts[at])) for at in np.flatnonzero(~go)
        }
        alone = judge(work, now=now, by=by) if work else []
        charts.forget(places[~go])
        return Batch(points, raised, alone)


def _broken(points: Points) -> tuple[dict[Plan, list[Point]], dict[tuple[int, int], int]]:
    """The points with a mask, chart by chart, and their row ids by characteristic and number."""
    broken, ids = dict[Plan, list[Point]](), dict[tuple[int, int], int]()
    for at in np.flatnonzero(points.mask).tolist():
        plan, point = points.charts.plans[points.place[at]], points.point(at)
        broken.setdefault(plan, []).append(point)
        ids[plan.id, point.n] = int(points.id[at])
    return broken, ids


def _values(found: Readings, start: int, count: int) -> list[Value]:
    """The readings of one chart, one by one."""
    one: Readings = found[slice(start, start + count)]
    lots = [None] * count if one.lot is None else one.lot.tolist()
    columns = (column.tolist() for column in (one.t, one.seq, one.value))
    return [Value(moment(t), seq, value, lot or "") for t, seq, value, lot in zip(*columns, lots, strict=True)]
