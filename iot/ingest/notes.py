"""What open pages are told after a batch: the charts that moved, with their new points where those are few."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from iot.charting.batch import Batch
from iot.charting.course import Point
from iot.charting.judge import Judged
from iot.charting.plan import APART, Plan, rule_marks
from iot.charting.together import Points
from iot.copying import moment
from iot.readings import begins
from qms.core.live import announce_all

_MOST_LIVE_POINTS = 5  # more than that and the page reads the chart anew
_FLOOD = 500  # points of a batch from which that is so for every page: a backlog is being drained
Note = tuple[str, dict[str, object]]
ANEW: Mapping[str, object] = {"reload": True}


def tell(batch: Batch, gaps: set[int]) -> None:
    """Tell the open pages which charts moved, after the commit; `gaps`: parameters of which something is missing."""
    moved: dict[int, list[int]] = defaultdict(list)  # by site
    notes = list[Note]()
    for plan, note in [*_together(batch, gaps), *_alone(batch.alone, gaps)]:
        moved[plan.site].append(plan.id)
        notes.append((f"characteristic:{plan.id}", note))
    raised = bool(batch.raised) or any(one.signals for one in batch.alone)
    notes += [(f"site:{site}", {"kind": "charts", "moved": ids, "raised": raised}) for site, ids in moved.items()]
    announce_all(notes)


def _alone(judged: Sequence[Judged], gaps: set[int]) -> Iterator[tuple[Plan, dict[str, object]]]:
    for one in judged:
        if not one.points:
            continue
        bare = one.plan.chart in APART and any(point.kept[0] is None for point in one.points)
        missed = one.plan.parameter in gaps
        anew = bare or missed or one.again or one.signals or len(one.points) > _MOST_LIVE_POINTS
        shown = [] if anew else [live_point(point, one.ids[point.n]) for point in one.points]
        yield one.plan, dict(ANEW) if anew else {"points": shown}


def _together(batch: Batch, gaps: set[int]) -> Iterator[tuple[Plan, dict[str, object]]]:
    points = batch.points
    if points is None or not len(points):
        return
    starts = np.flatnonzero(begins(points.place))
    few = list[tuple[Plan, int, int]]()
    for start, many in zip(starts.tolist(), np.diff(starts, append=len(points)).tolist(), strict=True):
        plan = points.charts.plans[points.place[start]]
        if many > _MOST_LIVE_POINTS or len(points) > _FLOOD or plan.id in batch.raised or plan.parameter in gaps:
            yield plan, dict(ANEW)
        else:
            few.append((plan, start, start + many))
    shown = _shown(points) if few else []
    for plan, start, stop in few:
        yield plan, {"points": shown[start:stop]}


def _shown(points: Points) -> list[dict[str, object]]:
    """Points of columns in the shape of the chart's data."""
    limits = points.charts.limits[points.place].tolist()
    columns = (points.id, points.n, points.t, points.statistic, points.spread, points.mask)
    edges = _edges(points)
    return [
        {
            "id": row, "n": n, "t": moment(t).isoformat(), "value": value,
            "spread": None if math.isnan(spread) else spread, "rules": rule_marks(mask) if mask else (),
            "excluded": False, "limits": version or None, "ucl": edges[version][0], "lcl": edges[version][1],
        }
        for row, n, t, value, spread, mask, version in zip(*(one.tolist() for one in columns), limits, strict=True)
    ]  # fmt: skip


def _edges(points: Points) -> dict[int, tuple[float | None, float | None]]:
    """The limits that each version draws."""
    found: dict[int, tuple[float | None, float | None]] = {0: (None, None)}
    for place in np.unique(points.place).tolist():
        found |= {one.id: (one.ucl, one.lcl) for one in points.charts.plans[place].limits}
    return found


def live_point(point: Point, row: int) -> dict[str, object]:
    """A point in the shape of the chart's data."""
    return {
        "id": row,
        "n": point.n,
        "t": point.t.isoformat(),
        "value": point.plotted,
        "spread": point.spread if point.kept[0] is None else point.kept[1],
        "rules": rule_marks(point.mask),
        "excluded": False,
        "limits": point.limits.id if point.limits else None,
        "ucl": _edge(point, 0),
        "lcl": _edge(point, 1),
    }


def _edge(point: Point, side: int) -> float | None:
    """The limits a chart with steps draws at this point: its own, else those of its version."""
    if point.own[side] is not None or point.limits is None:
        return point.own[side]
    return (point.limits.ucl, point.limits.lcl)[side]
