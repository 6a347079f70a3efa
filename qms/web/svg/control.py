"""The full control chart on the server: location above, spread below, stages, zones, labels at the right end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from qms.web.svg.data import Chart, Point, Stage
from qms.web.svg.draw import (
    Scale,
    diamond,
    element,
    fmt,
    label,
    line,
    picture,
    rect,
    span,
    spread_apart,
    tick_decimals,
    ticks,
    time_ticks,
)
from qms.web.words import number, stamp

_LEFT, _RIGHT = 48.0, 96.0
_ZONES = (("c-za", 2, 3), ("c-zb", 1, 2), ("c-zc", 0, 1))


@dataclass(frozen=True, slots=True)
class _Plot:
    """One of the two plots: its scales and its share of the drawing."""

    x: Scale
    y: Scale
    top: float
    bottom: float
    right: float


def control_chart(chart: Chart, *, size: tuple[int, int] = (860, 440), zones: bool = True) -> SafeString:
    """Draw the chart; evidence, print and pages without scripts use this, in the grammar of the interactive chart."""
    width, height = size
    has_spread = any(point.spread is not None for point in chart.points)
    lane = 26.0 if chart.events else 0.0
    room = height - 26.0 - 22.0 - lane
    split = 26.0 + room * (0.68 if has_spread else 1.0)
    x = Scale(-0.5, max(1, len(chart.points)) - 0.5, _LEFT, width - _RIGHT)
    upper = _Plot(x, _location_scale(chart, 26.0, split), 26.0, split, width - _RIGHT)
    parts = [label(4, 14, f"{chart.location}, {chart.unit}".rstrip(", "), "head")]
    parts += _location(chart, upper, width, zones=zones)
    bottom = split
    if has_spread:
        bottom = height - 22.0 - lane
        lower = _Plot(x, _spread_scale(chart, split + 26.0, bottom), split + 26.0, bottom, width - _RIGHT)
        parts += _spread(chart, lower, width)
    parts += _time_axis(chart, x, bottom, width)
    parts += _events(chart, x, bottom + 20.0, width) if lane else []
    return picture(width, height, sentence(chart), parts, "ch ch-wide")


def _location_scale(chart: Chart, top: float, bottom: float) -> Scale:
    edges = [edge for stage in chart.stages for edge in (stage.ucl, stage.lcl)]
    own = [edge for point in chart.points for edge in (point.ucl, point.lcl)]
    low, high = span([*(point.value for point in chart.points), *edges, *own])
    return Scale(low, high, bottom, top)


def _spread_scale(chart: Chart, top: float, bottom: float) -> Scale:
    values = [point.spread for point in chart.points] + [stage.spread_ucl for stage in chart.stages]
    return Scale(0.0, span(values)[1], bottom, top)


def _runs(chart: Chart) -> list[tuple[Stage, int, int]]:
    """Each stage with the indexes of its first and last point; stages without points are left out."""
    numbers = [point.n for point in chart.points]
    found = []
    for position, stage in enumerate(chart.stages):
        after = chart.stages[position + 1].from_n if position + 1 < len(chart.stages) else None
        inside = [i for i, n in enumerate(numbers) if n >= stage.from_n and (after is None or n < after)]
        if inside:
            found.append((stage, inside[0], inside[-1]))
    return found


def _location(chart: Chart, plot: _Plot, width: float, *, zones: bool) -> list[str]:
    parts: list[str] = []
    runs = _runs(chart)
    for position, (stage, first, last) in enumerate(runs):
        left, right = plot.x(first - 0.5), plot.x(last + 0.5)
        if zones and not chart.stepped:
            parts += _zone_bands(stage, plot, left, right)
        parts += _limit_lines(chart, stage, plot, (first, last))
        room = (plot.x(runs[position + 1][1] - 0.5) if position + 1 < len(runs) else width - 2.0) - max(left, 0.0)
        parts += _stage_head(stage, plot, left, room, first=position == 0)
    parts += _value_axis(plot)
    parts += _series(chart.points, plot, lambda point: point.value)
    parts += _violations(chart, plot, lambda point: point.value)
    parts += _excluded(chart, plot)
    if runs:
        end = runs[-1][0]
        rows = [("UCL", end.ucl), (chart.center_mark, end.center), ("LCL", None if end.lcl == 0 else end.lcl)]
        parts += _right_labels(rows, plot, width, chart.decimals)
    return parts


def _spread(chart: Chart, plot: _Plot, width: float) -> list[str]:
    parts = [label(4, plot.top - 10, f"{chart.spread}, {chart.unit}".rstrip(", "), "head")]
    runs = _runs(chart)
    for stage, first, last in runs:
        left, right = plot.x(first - 0.5), plot.x(last + 0.5)
        for value, css in ((stage.spread_ucl, "c-lim"), (stage.spread_center, "c-cl"), (stage.spread_lcl, "c-lim")):
            if value:
                parts.append(line(left, plot.y(value), right, plot.y(value), css))
    for _, first, _ in runs[1:]:
        parts.append(line(plot.x(first - 0.5), plot.top - 6, plot.x(first - 0.5), plot.bottom, "c-stage"))
    parts += _value_axis(plot, wanted=2)
    parts += _series(chart.points, plot, lambda point: point.spread)
    parts += _violations(chart, plot, lambda point: point.spread, spread=True)
    if runs:
        end = runs[-1][0]
        rows = [("UCL", end.spread_ucl), (chart.spread_center_mark, end.spread_center), ("LCL", end.spread_lcl or None)]
        parts += _right_labels(rows, plot, width, chart.decimals)
    return parts


def _zone_bands(stage: Stage, plot: _Plot, left: float, right: float) -> list[str]:
    if stage.center is None or stage.ucl is None or stage.lcl is None:
        return []
    parts = []
    for css, inner, outer in _ZONES:
        for edge in (stage.ucl, stage.lcl):
            third = (edge - stage.center) / 3
            ends = sorted((plot.y(stage.center + inner * third), plot.y(stage.center + outer * third)))
            parts.append(rect(css, left, ends[0], right - left, ends[1] - ends[0]))
    return parts


def _limit_lines(chart: Chart, stage: Stage, plot: _Plot, ends: tuple[int, int]) -> list[str]:
    left, right = plot.x(ends[0] - 0.5), plot.x(ends[1] + 0.5)
    parts = []
    if stage.center is not None:
        parts.append(line(left, plot.y(stage.center), right, plot.y(stage.center), "c-cl"))
    if chart.stepped:
        inside = list(enumerate(chart.points))[ends[0] : ends[1] + 1]
        parts.append(_steps([(i, p.ucl) for i, p in inside], plot))
        parts.append(_steps([(i, p.lcl) for i, p in inside], plot))
        return parts
    for value in (stage.ucl, stage.lcl):
        if value is not None:
            parts += [line(left, plot.y(value), right, plot.y(value), "c-lim")]
    return parts


def _steps(values: Sequence[tuple[int, float | None]], plot: _Plot) -> str:
    corners = [
        f"{fmt(plot.x(i + shift))},{fmt(plot.y(value))}"
        for i, value in values
        if value is not None
        for shift in (-0.5, 0.5)
    ]
    return element("polyline", class_="c-lim", points=" ".join(corners))


def _stage_head(stage: Stage, plot: _Plot, left: float, room: float, *, first: bool) -> list[str]:
    """The words of a stage, cut where the next one begins."""
    start = max(left, 150.0) if first else left + 6
    words = _fitting(": ".join(word for word in (stage.label, stage.reason) if word), left + room - start - 6)
    if first:
        return [label(start, 14, words)] if words else []
    return [line(left, 18, left, plot.bottom, "c-stage"), *([label(left + 6, 14, words)] if words else [])]


def _value_axis(plot: _Plot, wanted: int = 4) -> list[str]:
    values = ticks(plot.y.low, plot.y.high, wanted)
    digits = tick_decimals(values)
    return [label(_LEFT - 8, plot.y(value) + 4, number(value, digits), anchor="end") for value in values]


def _series(points: Sequence[Point], plot: _Plot, take: Callable[[Point], float | None]) -> list[str]:
    runs: list[list[str]] = [[]]
    dots = []
    for index, point in enumerate(points):
        value = None if point.excluded else take(point)
        if value is None:
            runs.append([])
            continue
        runs[-1].append(f"{fmt(plot.x(index))},{fmt(plot.y(value))}")
        dots.append(element("circle", class_="c-pt", cx=plot.x(index), cy=plot.y(value), r=1.8))
    return [element("polyline", class_="c-ln", points=" ".join(run)) for run in runs if len(run) > 1] + dots


def _own_rules(point: Point, *, spread: bool) -> tuple[int | str, ...]:
    """The broken rules that belong on a plot: numbered ones on the location, the spread's own (a letter) below."""
    return tuple(rule for rule in point.rules if str(rule).isalpha() is spread)


def _violations(chart: Chart, plot: _Plot, take: Callable[[Point], float | None], *, spread: bool = False) -> list[str]:
    """Diamonds: filled while open, hollow with a cause; in a run only the first carries the number."""
    states = {mark.point: mark.state for mark in chart.signals}
    runs = {i: stage for stage, first, last in _runs(chart) for i in range(first, last + 1)}
    parts: list[str] = []
    before = False
    for index, point in enumerate(chart.points):
        rules, value = _own_rules(point, spread=spread), take(point)
        if not rules or point.excluded or value is None:
            before = False
            continue
        x, y = plot.x(index), plot.y(value)
        parts.append(diamond(x, y, "c-vio" if states.get(point.n, "open") == "open" else "c-vio is-hollow", 5.5))
        if not before:
            center = runs[index].center if index in runs and not spread else None
            below = center is not None and value < center
            parts.append(label(x, y + (17 if below else -9), ",".join(map(str, rules)), "vio", "middle"))
        before = True
    return parts


def _excluded(chart: Chart, plot: _Plot) -> list[str]:
    parts = []
    for index, point in enumerate(chart.points):
        if point.excluded and point.value is not None:
            x, y = plot.x(index), plot.y(point.value)
            parts.append(element("circle", class_="c-out", cx=x, cy=y, r=4))
            parts.append(element("path", class_="c-out", d=f"M{fmt(x - 2)} {fmt(y - 2)}l4 4m0-4l-4 4"))
    return parts


def _right_labels(rows: Sequence[tuple[str, float | None]], plot: _Plot, width: float, decimals: int) -> list[str]:
    known = sorted(((key, value) for key, value in rows if value is not None), key=lambda row: -row[1])
    places = spread_apart([plot.y(value) for _, value in known], 13, plot.top, plot.bottom)
    parts = []
    for (key, value), at in zip(known, places, strict=True):
        parts.append(label(plot.right + 8, at + 4, key))
        parts.append(label(width - 2, at + 4, number(value, decimals), "ink", "end"))
    return parts


def _time_axis(chart: Chart, x: Scale, bottom: float, width: float) -> list[str]:
    parts = [line(_LEFT, bottom, width - _RIGHT, bottom, "c-axis")]
    for index, words in time_ticks([point.t for point in chart.points], chart.zone):
        parts.append(line(x(index), bottom, x(index), bottom + 4, "c-axis"))
        parts.append(label(x(index), bottom + 16, words, anchor="start" if index == 0 else "middle"))
    return parts


def _fitting(words: str, room: float) -> str:
    """A text cut to its room; nothing when only a few letters would be left."""
    most = int(room / 5.8)
    if len(words) <= most:
        return words
    return f"{words[: most - 1]}…" if most > 4 else ""


def _events(chart: Chart, x: Scale, top: float, width: float) -> list[str]:
    places = {point.n: index for index, point in enumerate(chart.points)}
    parts = [label(4, top + 14, "Events", "head"), rect("c-lane", _LEFT, top, width - _RIGHT - _LEFT, 20)]
    shown = sorted((event for event in chart.events if event.n in places), key=lambda event: event.n)
    for position, event in enumerate(shown):
        at = x(places[event.n])
        end = x(places[shown[position + 1].n]) if position + 1 < len(shown) else width - _RIGHT
        parts.append(line(at, top + 1, at, top + 19, "c-tick"))
        if words := _fitting(event.text, end - at - 10):
            parts.append(label(at + 5, top + 14, words))
    return parts


def sentence(chart: Chart) -> str:
    """The chart in one sentence, also for the live chart's label."""
    if not chart.points:
        return f"Control chart of {chart.title or 'a characteristic'} without points yet"
    first, last = chart.points[0], chart.points[-1]
    text = f"Control chart of {chart.title}, {len(chart.points)} points from {stamp(first.t, chart.zone)}"
    text += f" to {stamp(last.t, chart.zone)}"
    if last.value is not None:
        text += f", latest {number(last.value, chart.decimals)} {chart.unit}".rstrip()
    if chart.stages and chart.stages[-1].center is not None:
        stage = chart.stages[-1]
        shown = (("LCL", stage.lcl), ("centre", stage.center), ("UCL", stage.ucl))
        text += "; " + ", ".join(f"{key} {number(value, chart.decimals)}" for key, value in shown if value is not None)
    waiting = [mark for mark in chart.signals if mark.state == "open"]
    if waiting:
        rules = " and ".join(str(rule) for rule in waiting[-1].rules)
        return f"{text}. Open signals: {len(waiting)}, the last by rule {rules}."
    return f"{text}. No open signal."
