"""The data of a control chart: points, stages, signals and events in the one shape that is drawn and frozen."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import F, Min
from django.utils import timezone
from numpy.typing import NDArray

from governance.models import COUNTED, MULTIVARIATE, UNRULED, Characteristic, Chart
from governance.queries import rule_set
from iot.charting.plan import APART, REMEMBERED, SPREAD_HIGH, rule_marks
from iot.charting.plans import rules_of_version
from iot.models import Annotation, ControlLimits, ReadingGap, Signal, SignalState, Subgroup
from iot.queries.blocks import numbers_to_draw
from iot.queries.gaps import gaps_on
from iot.queries.lists import see
from iot.queries.spans import span_asked
from iot.queries.standing import Standing
from iot.workflow import LEARNING_POINTS
from qms.core.actor import Actor
from qms.web import svg
from spc.display import decimate
from spc.rules import Rule

NEWEST = 150  # points when no span is asked for
WIDTH = 700  # columns of time; each keeps its first, lowest, highest and last point
_MOST_EVENTS = 14
_LABELS: dict[str, tuple[str, str, str, str]] = {
    Chart.I_MR: ("Value", "Moving range", "x̄", "MR"),
    Chart.XBAR_R: ("Mean x̄", "Range R", "x̿", "R̄"),
    Chart.XBAR_S: ("Mean x̄", "Standard deviation s", "x̿", "s̄"),
    Chart.P: ("Proportion p", "", "p̄", ""),
    Chart.NP: ("Count np", "", "np", ""),
    Chart.C: ("Count c", "", "c̄", ""),
    Chart.U: ("Count per unit u", "", "ū", ""),
    Chart.EWMA: ("Weighted average z", "", "target", ""),
    Chart.EWMA_P: ("Average z of p", "", "p̄", ""),
    Chart.EWMA_U: ("Average z of u", "", "ū", ""),
    Chart.LANEY_P: ("Proportion p", "", "p̄", ""),
    Chart.LANEY_U: ("Count per unit u", "", "ū", ""),
    Chart.G: ("Cases g", "", "ḡ", ""),
    Chart.T: ("Time t", "", "t̄", ""),
    Chart.MOVING_AVERAGE: ("Moving average", "", "target", ""),
    Chart.RESIDUAL: ("Residual e", "", "ē", ""),
    Chart.WIDENED: ("Value", "", "x̄", ""),
    Chart.T2: ("T²", "", "", ""),
    Chart.MEWMA: ("T² of averages", "", "", ""),
    Chart.SHORT_RUN: ("Deviation", "Moving range", "d̄", "MR"),
    Chart.SHORT_RUN_Z: ("Deviation in σ", "Moving range", "0", "MR"),
    Chart.CUSUM: ("Upward sum C+", "Downward sum C\u2212", "0", "0"),
}


class Row(NamedTuple):
    """A point as the database has it."""

    id: int
    n: int
    t: datetime
    mean: float
    spread: float | None
    mask: int
    state: str
    limits: int | None
    lot: str
    signal: int | None
    up: float | None = None
    down: float | None = None
    ucl: float | None = None
    lcl: float | None = None

    @property
    def plotted(self) -> float:
        """The value drawn: what a chart with a memory has come to, else the statistic itself."""
        return self.mean if self.up is None else self.up


def chart_data(
    characteristic: Characteristic, *, actor: Actor, since: datetime | None = None, until: datetime | None = None,
    last_point: int | None = None, points: int = NEWEST,
) -> svg.Chart:  # fmt: skip
    """The chart of a span of time, or of the newest points (up to number `last_point`).

    Long spans are thinned; every violating, excluded and extreme point and every first point of a stage stays.
    """
    see(characteristic, actor)
    rows = _rows(characteristic, since, until, last_point, points)
    signals = {s.pk: s for s in Signal.objects.filter(pk__in={row.signal for row in rows if row.signal})}
    location, spread, center, spread_center = _LABELS[characteristic.chart]
    if characteristic.chart in APART:  # values of the learning stage have other heights
        rows = [row for row in rows if row.up is not None] or rows
    shown, stages = _thin(rows), _stages(characteristic, rows)
    gaps = gaps_on(characteristic.parameter_id, shown[0].t, timezone.now() if until is None else until) if shown else []
    drawn = [_point(row) for row in shown]
    stepped = characteristic.chart == Chart.T or any(row.ucl is not None for row in shown)  # without equal zones
    return svg.Chart(
        points=_with_gaps(_edged(drawn, stages) if stepped else drawn, gaps),
        stages=stages,
        stepped=stepped,
        unit=_unit(characteristic),
        decimals=characteristic.decimals,
        title=f"{characteristic.code} {characteristic.name}",
        zone=characteristic.site.timezone,
        signals=list(_marks(shown, signals)),
        events=_events(characteristic, rows, shown, gaps),
        location=location,
        spread=spread,
        center_mark=center,
        spread_center_mark=spread_center,
        spec={"LSL": characteristic.lsl, "T": characteristic.target, "USL": characteristic.usl}
        if characteristic.chart in (Chart.I_MR, Chart.WIDENED)
        else {},
    )


def chart_asked(characteristic: Characteristic, params: Mapping[str, str], *, actor: Actor) -> svg.Chart:
    """The chart an address asks for: a `range`, or `from` and `to` in the plant's zone; else the newest points.

    All begins with the oldest point: points outlive the readings they were made of.
    """
    if params.get("range") == "all":
        oldest = Subgroup.objects.filter(characteristic=characteristic).aggregate(first=Min("t"))["first"]
        return chart_data(characteristic, actor=actor, since=oldest)
    since, until = span_asked(characteristic, params)
    return chart_data(characteristic, actor=actor, since=since, until=until)


def chart_json(characteristic: Characteristic, chart: svg.Chart) -> dict[str, Any]:
    """The chart as plain data, with what the page and the evidence say beside it."""
    return chart.as_json() | {
        "characteristic": characteristic.pk,
        "code": characteristic.code,
        "name": characteristic.name,
        "chart": characteristic.chart,
        "size": characteristic.subgroup_size,
        "rules": [rule.label for rule in rules_of(characteristic)],
    }


def rules_of(characteristic: Characteristic, standing: Standing | None = None) -> list[Rule]:
    """The rules its newest points are judged by: those signed with the limits in force, else the chosen ones.

    Run rules do not apply to points that carry what came before.
    """
    if characteristic.chart in UNRULED:
        return [REMEMBERED, *([SPREAD_HIGH] if characteristic.chart == Chart.CUSUM else [])]
    limits = (standing or Standing(characteristic)).limits
    signed = rules_of_version(limits) if limits else ()
    return list(signed or rule_set(characteristic.rules, characteristic.own_rules))


def _rows(
    characteristic: Characteristic, since: datetime | None, until: datetime | None, last_point: int | None, points: int
) -> list[Row]:
    found = Subgroup.objects.filter(characteristic=characteristic)
    if since or until:
        drawn = numbers_to_draw(characteristic.pk, since, until)
        if drawn is not None:
            found = found.filter(n__in=drawn)
        found = found.filter(t__gte=since) if since else found
        found = found.filter(t__lt=until) if until else found
    else:
        found = found.filter(n__lte=last_point) if last_point else found
    columns = found.values_list(
        "id", "n", "t", "mean", "spread", "mask", "state", "limits_id", "lot", "signal_id",
        "up", "down", "ucl", "lcl",
    )  # fmt: skip
    if since or until:
        return [Row(*values) for values in columns.order_by("t", "n")]
    return [Row(*values) for values in columns.order_by("-n")[:points]][::-1]


def _unit(characteristic: Characteristic) -> str:
    """The unit on the axis, whose label names σ and what is counted itself."""
    told = characteristic.chart in COUNTED | MULTIVARIATE or characteristic.chart == Chart.SHORT_RUN_Z
    return "" if told else characteristic.parameter.unit


def _thin(rows: Sequence[Row]) -> list[Row]:
    keep: NDArray[np.bool_] = np.array(
        [bool(row.mask) or row.state != Subgroup.State.OK for row in rows], dtype=np.bool_
    )
    for at, (before, row) in enumerate(pairwise(rows), start=1):
        keep[at] |= before.limits != row.limits
    times = np.array([row.t.timestamp() for row in rows])
    if not rows:
        return []
    chosen = decimate(times, np.array([row.plotted for row in rows]), keep, width=WIDTH)
    return [rows[int(at)] for at in chosen]


def _point(row: Row) -> svg.Point:
    return svg.Point(
        n=row.n,
        t=row.t,
        value=row.plotted,
        spread=row.spread if row.down is None else row.down,
        rules=rule_marks(row.mask),
        excluded=row.state == Subgroup.State.EXCLUDED,
        limits=row.limits,
        id=row.id,
        ucl=row.ucl,
        lcl=row.lcl,
    )


def _edged(points: Sequence[svg.Point], stages: Sequence[svg.Stage]) -> list[svg.Point]:
    """Every point with its limits: its own, else those of its stage."""
    found, at = [], -1
    for point in points:
        while at + 1 < len(stages) and stages[at + 1].from_n <= point.n:
            at += 1
        stage = stages[max(at, 0)]
        found.append(replace(point, ucl=stage.ucl, lcl=stage.lcl) if point.ucl is None else point)
    return found


def _with_gaps(points: list[svg.Point], gaps: Sequence[ReadingGap]) -> list[svg.Point]:
    """An empty place before the point that follows a gap, so that no line is drawn over what is missing."""
    times, found, done = [point.t for point in points], list[svg.Point](), 0
    for gap in sorted(gaps, key=lambda one: one.until):
        at = bisect_left(times, gap.until)
        if at == 0 or (found and at == done):
            continue
        found += points[done:at]
        done = at
        following = points[min(at, len(points) - 1)]
        found.append(svg.Point(following.n, gap.since, None, missing=True))
    return [*found, *points[done:]]


def _marks(rows: Sequence[Row], signals: Mapping[int, Signal]) -> list[svg.SignalMark]:
    """One mark for an open signal; settled ones mark each of their points, so that all are drawn hollow."""
    marks, seen = [], set[int]()
    for row in rows:
        if not row.mask:
            continue
        signal = signals.get(row.signal or 0)
        state = signal.state if signal else SignalState.WITHDRAWN.value
        if signal and state == SignalState.OPEN and signal.pk in seen:
            continue
        seen.add(signal.pk if signal else 0)
        words = signal.words if signal else "Undone by data that came late"
        marks.append(svg.SignalMark(signal.pk if signal else 0, row.n, rule_marks(row.mask), words, state))
    return marks


def _stages(characteristic: Characteristic, rows: Sequence[Row]) -> list[svg.Stage]:
    starts = [row for at, row in enumerate(rows) if at == 0 or rows[at - 1].limits != row.limits]
    known = {x.pk: x for x in ControlLimits.objects.filter(characteristic=characteristic)}
    zone = ZoneInfo(characteristic.site.timezone)
    return [_stage(row, known.get(row.limits or 0), zone) for row in starts]


def _stage(row: Row, limits: ControlLimits | None, zone: ZoneInfo) -> svg.Stage:
    if limits is None:
        return svg.Stage(row.n, None, None, None, label="Learning")
    lines = _lines(limits)
    since = f", from {limits.effective_from.astimezone(zone):%d %b}" if limits.effective_from else ""
    return svg.Stage(
        from_n=row.n,
        center=None if limits.chart in MULTIVARIATE else limits.center_line,
        ucl=limits.ucl,
        lcl=limits.lcl,
        **lines,
        label=f"Limits v{limits.revision}{since}",
        reason=limits.reason,
        limits_id=limits.pk,
    )


def _lines(limits: ControlLimits) -> dict[str, float | None]:
    """Sigma of what is drawn, and the lines of the lower plot; both sums of a CUSUM have one interval."""
    if limits.chart == Chart.CUSUM:
        return {"sigma": None, "spread_center": 0.0, "spread_ucl": limits.ucl, "spread_lcl": None}
    if limits.chart in MULTIVARIATE:  # no zones: T squared is not symmetric
        return dict.fromkeys(("sigma", "spread_center", "spread_ucl", "spread_lcl"))
    sigma = (limits.ucl - limits.center) / 3 if limits.chart in UNRULED else limits.sigma
    return {
        "sigma": sigma, "spread_center": limits.spread_center, "spread_ucl": limits.spread_ucl,
        "spread_lcl": limits.spread_lcl,
    }  # fmt: skip


def _events(
    characteristic: Characteristic, rows: Sequence[Row], shown: Sequence[Row], gaps: Sequence[ReadingGap]
) -> list[svg.Event]:
    """Annotations, causes, exclusions, gaps and lots at the point they belong to; the newest when there are many."""
    if not shown:
        return []
    said = Annotation.objects.filter(characteristic=characteristic, at__gte=rows[0].t, at__lte=rows[-1].t)
    marks = [(row.at, row.text) for row in said]
    causes = Signal.objects.filter(pk__in={row.signal for row in rows if row.signal}).exclude(cause="")
    marks += list(causes.values_list("first_at", "cause"))
    marks += [(b.t, f"Lot {b.lot}") for a, b in pairwise(rows) if b.lot and a.lot and a.lot != b.lot][-6:]
    marks += [
        (row.t, "Excluded")
        for at, row in enumerate(rows)
        if row.state != Subgroup.State.OK and (at == 0 or rows[at - 1].state == Subgroup.State.OK)
    ]
    marks += [(gap.until, gap.words) for gap in gaps if shown[0].t < gap.until]
    times = [row.t for row in shown]
    newest = sorted(marks)[-_MOST_EVENTS:]
    return [svg.Event(_nearest(times, shown, at), text) for at, text in newest]


def _nearest(times: Sequence[datetime], shown: Sequence[Row], at: datetime) -> int:
    place = next((i for i, t in enumerate(times) if t >= at), len(times) - 1)
    return shown[place].n


def learning_of(characteristic: Characteristic, standing: Standing | None = None) -> tuple[int, int] | None:
    """(points so far, points needed) while a chart has no limits that fit it; None once it has."""
    standing = standing or Standing(characteristic)
    if standing.limits:
        return None
    return min(standing.rows.count(), LEARNING_POINTS), LEARNING_POINTS


def newest_point(characteristic: Characteristic) -> Subgroup | None:
    """The last point of the chart."""
    return Subgroup.objects.filter(characteristic=characteristic).order_by(F("n").desc()).first()
