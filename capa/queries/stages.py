"""The chart of an effect: the metric over time, with one stage before and one after the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Q, StdDev
from django.db.models.functions import TruncDay, TruncHour, TruncMinute

from capa.models import Criterion
from governance.models import Characteristic
from iot import queries as floor
from qms.core.actor import Actor
from qms.web import svg
from spc.limits import estimate
from spc.samples import Sample, counted, individuals
from spc.values import BadInput

SLICES: tuple[tuple[timedelta, type, str], ...] = (
    (timedelta(hours=3), TruncMinute, "minute"),
    (timedelta(days=6), TruncHour, "hour"),
    (timedelta.max, TruncDay, "day"),
)
NAMES = {
    "mean": "Mean",
    "spread": "Standard deviation",
    "out_of_limit": "Out of specification",
    "signal_rate": "Mean",
    "defect_proportion": "Defects",
}
LEAST = 3  # slices a side, below which there is no picture of a stage


@dataclass(frozen=True)
class Slice:
    """The metric over one minute, hour or day; `events` of `n` where it is a share."""

    t: datetime
    value: float
    events: int
    n: int


def stage_chart(criterion: Criterion, change: datetime, end: datetime, *, actor: Actor) -> dict[str, Any] | None:
    """The chart as plain data (see qms.web.svg.Chart.as_json) with its caption; None when a side has too few slices."""
    characteristic = criterion.characteristic
    if characteristic is None or criterion.baseline_from is None or criterion.baseline_to is None:
        return None
    kind, name = _slicing(end - criterion.baseline_from)
    spans = (criterion.baseline_from, min(criterion.baseline_to, change)), (change, end)
    before, after = (_slices(criterion, characteristic, kind, *span, actor=actor) for span in spans)
    if len(before) < LEAST or len(after) < LEAST:
        return None
    share = criterion.metric in ("out_of_limit", "defect_proportion")
    stages: list[svg.Stage] = []
    points: list[svg.Point] = []
    for label, part in (("Before", before), ("After", after)):
        first = len(points) + 1
        stage, drawn = _stage(part, first, share=share)
        points += drawn
        stages.append(svg.Stage(first, *stage, label=f"{label}, {part[0].t:%d %b}"))
    unit = "%" if share else characteristic.parameter.unit
    chart = svg.Chart(
        points=points,
        stages=stages,
        unit=unit,
        decimals=2 if share else characteristic.decimals,
        title=characteristic.name,
        zone=characteristic.site.timezone,
        location=f"{NAMES[criterion.metric]} per {name}",
        center_mark="p̄" if share else "x̄",
        stepped=share,
    )
    total = sum(part.n for part in (*before, *after))
    return {**chart.as_json(), "caption": _caption(name, len(before), len(after), total, share=share)}


def _caption(name: str, before: int, after: int, total: int, *, share: bool) -> str:
    kind = "p chart" if share else "Individuals chart"
    what = f"{kind}, {before} + {after} {name}s, {total:,} readings."
    return f"{what} Stage break at the change, each stage with its own limits."


def _slicing(span: timedelta) -> tuple[type, str]:
    return next((kind, name) for most, kind, name in SLICES if span <= most)


def _slices(
    criterion: Criterion, characteristic: Characteristic, kind: type, first: datetime, last: datetime, *, actor: Actor
) -> list[Slice]:
    outside = Q(pk__in=())
    if characteristic.lsl is not None:
        outside |= Q(value__lt=characteristic.lsl)
    if characteristic.usl is not None:
        outside |= Q(value__gt=characteristic.usl)
    rows = (
        floor.readings_of(characteristic, actor=actor, since=first, until=last)
        .filter(flags=0)
        .order_by()
        .annotate(slice=kind("t"))
        .values("slice")
        .annotate(
            n=Count("value"), mean=Avg("value"), sd=StdDev("value", sample=True), out=Count("value", filter=outside)
        )
        .order_by("slice")
    )
    return [found for row in rows if (found := _slice(criterion, characteristic, dict(row))) is not None]


def _slice(criterion: Criterion, characteristic: Characteristic, row: dict[str, Any]) -> Slice | None:
    n, events, value = row["n"], 0, row["mean"]
    if criterion.metric == "out_of_limit":
        events = row["out"]
    elif criterion.metric == "defect_proportion":
        events = round(row["mean"] * n)
        n *= characteristic.subgroup_size if characteristic.parameter.kind == "count" else 1
    elif criterion.metric == "spread":
        value = row["sd"]
    if value is None or not n:
        return None
    share = criterion.metric in ("out_of_limit", "defect_proportion")
    return Slice(row["slice"], 100.0 * events / n if share else float(value), events, n)


def _stage(
    part: Sequence[Slice], first: int, *, share: bool
) -> tuple[tuple[float | None, float | None, float | None], list[svg.Point]]:
    """Centre and limits of one side by the product's own estimators, and its points."""
    try:
        sample = _sample(part, share=share)
        lines = estimate(sample).along(sample.sizes)
    except BadInput:
        return (None, None, None), [svg.Point(first + k, row.t, row.value) for k, row in enumerate(part)]
    scale = 100.0 if share else 1.0
    center, ucl, lcl = (scale * float(column[0]) for column in (lines.center, lines.ucl, lines.lcl))
    own = [
        (scale * float(high), scale * float(low)) if share else (None, None)
        for high, low in zip(lines.ucl, lines.lcl, strict=True)
    ]
    points = [
        svg.Point(first + k, row.t, row.value, ucl=high, lcl=low)
        for k, (row, (high, low)) in enumerate(zip(part, own, strict=True))
    ]
    return (center, ucl, lcl), points


def _sample(part: Sequence[Slice], *, share: bool) -> Sample:
    if share:
        return counted([row.events for row in part], [row.n for row in part], chart="p")
    return individuals([row.value for row in part])
