"""Freeze a chart: its data, its drawing and a digest, kept with a record for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from governance.models import MULTIVARIATE, Characteristic
from iot.models import Signal
from iot.queries import chart_data, chart_json, newest_point, variables_json
from qms.core.actor import Actor
from qms.core.evidence import freeze
from qms.core.models import FrozenEvidence, Record
from qms.core.trail import acting
from qms.web.svg import control_chart
from qms.web.words import stamp

_BEFORE = 100  # points before the signal that show what was normal


def freeze_chart(
    characteristic: Characteristic, *, record: Record, by: Actor, signal: Signal | None = None,
    since: datetime | None = None, until: datetime | None = None,
) -> FrozenEvidence:  # fmt: skip
    """Keep the chart of a span (default: the newest points, or those around the signal) as evidence of a record."""
    with acting(by):
        last = (signal.last_point if signal else None) if until is None else None
        chart = chart_data(characteristic, actor=by, since=since, until=until, last_point=last, points=_BEFORE)
        data = (
            chart_json(characteristic, chart)
            | {"signal": signal.pk if signal else None}
            | _variables(characteristic, signal)
        )
        span = _span([point.t for point in chart.points], characteristic.site.timezone)
        return freeze(
            record,
            kind="control_chart",
            title=f"{characteristic.code} {characteristic.name}, {span}",
            data=data,
            by=by,
            svg=str(control_chart(chart)),
            source_url=characteristic.get_absolute_url(),
        )


def _variables(characteristic: Characteristic, signal: Signal | None) -> dict[str, Any]:
    """Of a multivariate chart also its variables, at the first point of the signal or at the newest one."""
    if characteristic.chart not in MULTIVARIATE:
        return {}
    point = signal.subgroup if signal else newest_point(characteristic)
    return {"variables": variables_json(characteristic, point)}


def _span(times: Sequence[datetime], zone: str) -> str:
    if not times:
        return "no points"
    return f"{stamp(times[0], zone, named=False)} to {stamp(times[-1], zone)}"
