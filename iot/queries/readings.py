"""The readings of a characteristic over any span, in at most 2,000 points that keep every one beyond a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from governance.models import Characteristic, Chart
from iot.models import ControlLimits
from iot.queries.gaps import gaps_on
from iot.queries.rollups import Span, Summary, beyond, buckets_of, readings_in, span_of, summary_of
from qms.core.actor import Actor
from spc.capability import Capability, Spec, capability, of_summary
from spc.display import decimate

MOST = 2_000  # points of a chart
_MOST_BEYOND = 1_000
_BREAK = 5  # times the longest usual step without a reading: no line is drawn across


@dataclass(frozen=True)
class ReadingsChart:
    """Readings of a span: one by one (`step` 0), or buckets of `step` seconds with mean, lowest and highest.

    Times are seconds since 1970. `breaks`: the indexes before which something is missing. `cut`: more readings lie
    beyond a limit than can be drawn, so of these the extremes of each bucket are shown.
    """

    since: datetime
    until: datetime
    step: float
    t: list[float]
    n: list[int]
    mean: list[float]
    low: list[float]
    high: list[float]
    outside: list[tuple[float, float]]
    cut: bool
    summary: Summary
    capability: Capability | None
    lines: dict[str, float] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    missing: list[tuple[float, float]] = field(default_factory=list)

    @property
    def points(self) -> int:
        """How many points are drawn."""
        return len(self.t) * (2 if self.step else 1) + len(self.outside)


def readings_chart(
    characteristic: Characteristic, since: datetime | None, until: datetime | None, *, actor: Actor
) -> ReadingsChart:
    """The readings from `since` (default: a day before) up to `until` (default: now)."""
    end = until or timezone.now()
    start = since or end - timedelta(days=1)
    span = span_of(characteristic, min(start, end), end, actor=actor)
    lines = _lines(characteristic)
    lower, upper = _within(lines)
    found = [] if lower is upper is None else sorted(beyond(span, lower=lower, upper=upper, most=_MOST_BEYOND + 1))
    cut = len(found) > _MOST_BEYOND
    outside = [] if cut else found
    columns, step = _columns(span, outside)
    gaps = gaps_on(span.parameter, span.since, span.until)
    missing = [(gap.since.timestamp(), gap.until.timestamp()) for gap in gaps]
    summary = summary_of(span)
    return ReadingsChart(
        span.since, span.until, step, *columns, outside, cut, summary, _capability(characteristic, summary), lines,
        _breaks(columns[0], step, missing), missing,
    )  # fmt: skip


_Columns = tuple[list[float], list[int], list[float], list[float], list[float]]


def _columns(span: Span, outside: Sequence[tuple[float, float]]) -> tuple[_Columns, float]:
    """Times, counts, means, lows and highs, and the width of the buckets."""
    room = MOST - len(outside)
    single = readings_in(span)
    if single is not None:
        t, v = single
        shown = decimate(t, v, np.isin(t, [moment for moment, _ in outside]), width=room // 4)
        values = v[shown].tolist()
        return (t[shown].tolist(), [1] * len(values), values, values, values), 0.0
    rows = buckets_of(span, step=span.seconds / (room // 2 - 2))
    middle = np.clip(rows.t + rows.step / 2, span.since.timestamp(), span.until.timestamp())
    counts = [int(n) for n in rows.n]
    return (middle.tolist(), counts, rows.mean.tolist(), rows.low.tolist(), rows.high.tolist()), rows.step


def _lines(characteristic: Characteristic) -> dict[str, float]:
    """The limits that hold for single readings: specification, and control limits of charts of single values."""
    lines = {"LSL": characteristic.lsl, "T": characteristic.target, "USL": characteristic.usl}
    if characteristic.chart in (Chart.I_MR, Chart.WIDENED):
        rows = ControlLimits.objects.filter(characteristic=characteristic, state="in_force", size=1)
        if limits := rows.order_by("-revision").first():
            lines |= {"LCL": limits.lcl, "x̄": limits.center, "UCL": limits.ucl}
    return {name: value for name, value in lines.items() if value is not None}


def _within(lines: dict[str, float]) -> tuple[float | None, float | None]:
    """The limits nearest to the middle, on each side."""
    lower = [lines[name] for name in ("LSL", "LCL") if name in lines]
    upper = [lines[name] for name in ("USL", "UCL") if name in lines]
    return max(lower, default=None), min(upper, default=None)


def _capability(characteristic: Characteristic, summary: Summary) -> Capability | None:
    """Overall indices of the span; None without a specification or with too little data."""
    if (characteristic.lsl is None and characteristic.usl is None) or not summary.sigma or summary.mean is None:
        return None
    spec = Spec(characteristic.lsl, characteristic.usl, characteristic.target)
    return capability(of_summary(summary.mean, summary.sigma, n=summary.n), spec)


def _breaks(t: Sequence[float], step: float, missing: Sequence[tuple[float, float]]) -> list[int]:
    """Where the line is not drawn on: empty buckets, gaps the device counted, and pauses much longer than usual."""
    times = np.array(t)
    if len(times) < 2:
        return []
    apart = np.diff(times)
    rhythm = float(np.percentile(apart, 95))  # parts come when they come
    usual = max(step * 1.5, rhythm * 2) if step else rhythm * _BREAK
    found = set((np.flatnonzero(apart > usual) + 1).tolist())
    found |= {int(np.searchsorted(times, until)) for _, until in missing}
    return sorted(at for at in found if 0 < at < len(times))


def readings_json(characteristic: Characteristic, chart: ReadingsChart) -> dict[str, Any]:
    """The chart as plain data: columns of equal length, times in ISO 8601."""
    card, told = chart.capability, chart.summary
    return {
        "characteristic": characteristic.pk, "code": characteristic.code, "unit": characteristic.parameter.unit,
        "since": chart.since.isoformat(), "until": chart.until.isoformat(), "step": chart.step,
        "t": [_iso(t) for t in chart.t], "n": chart.n, "mean": chart.mean, "low": chart.low, "high": chart.high,
        "outside": [{"t": _iso(t), "value": value} for t, value in chart.outside], "outside_cut": chart.cut,
        "missing": [{"since": _iso(a), "until": _iso(b)} for a, b in chart.missing], "breaks": chart.breaks,
        "lines": chart.lines,
        "summary": {"n": told.n, "mean": told.mean, "sigma": told.sigma, "low": told.low, "high": told.high,
                    "pp": card.pp if card else None, "ppk": card.ppk if card else None},
    }  # fmt: skip


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
