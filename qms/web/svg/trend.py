"""XmR trend of a KPI or of an effectiveness check: natural limits per stage, target, latest point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from qms.web.svg.draw import Scale, diamond, element, fmt, label, line, picture, rect, span, spread_apart
from qms.web.words import number


@dataclass(frozen=True, slots=True)
class Limits:
    """Natural limits of one stage of a trend; `first` and `last` are indexes of values."""

    first: int
    last: int
    lcl: float
    center: float
    ucl: float
    words: str = ""


def trend(
    values: Sequence[float],
    *,
    stages: Sequence[Limits] = (),
    target: float | None = None,
    marks: Mapping[int, str] | None = None,
    periods: Mapping[int, str] | None = None,
    unit: str = "",
    decimals: int = 1,
    size: tuple[int, int] = (420, 96),
) -> SafeString:
    """A small trend; `marks`: index -> rule number, `periods`: index -> word under the axis."""
    width, height = size
    room, base = width - 74.0, height - (16.0 if periods else 4.0)
    edges = [edge for stage in stages for edge in (stage.lcl, stage.ucl)]
    low, high = span([*values, *edges, target], 0.05)
    x, y = Scale(0, max(1, len(values) - 1), 4.0, room - 4.0), Scale(low, high, base, 5.0)
    parts = [part for stage in stages for part in _stage(stage, x, y, base)]
    if target is not None:
        parts.append(line(0, y(target), room, y(target), "c-tgt"))
    points = " ".join(f"{fmt(x(i))},{fmt(y(v))}" for i, v in enumerate(values))
    parts.append(element("polyline", class_="c-ln", points=points))
    for index, value in enumerate(values):
        if marks and index in marks:
            parts.append(diamond(x(index), y(value), "c-vio"))
            parts.append(label(x(index), y(value) - 8, marks[index], "vio", "middle"))
        else:
            radius = 2.8 if index == len(values) - 1 else 1.5
            parts.append(element("circle", class_="c-pt", cx=x(index), cy=y(value), r=radius))
    parts += _right_labels(stages, target, y, (room, width, base), decimals)
    parts += [label(x(i), height - 2, text, anchor=_anchor(i, len(values))) for i, text in (periods or {}).items()]
    return picture(width, height, _sentence(values, stages, target, (unit, decimals)), parts)


def _anchor(index: int, count: int) -> str:
    if index == 0:
        return "start"
    return "end" if index == count - 1 else "middle"


def _stage(stage: Limits, x: Scale, y: Scale, base: float) -> list[str]:
    left, right = max(0.0, x(stage.first) - 4), x(stage.last) + 4
    parts = [
        rect("c-zc", left, y(stage.ucl), right - left, y(stage.lcl) - y(stage.ucl)),
        line(left, y(stage.ucl), right, y(stage.ucl), "c-lim"),
        line(left, y(stage.lcl), right, y(stage.lcl), "c-lim"),
        line(left, y(stage.center), right, y(stage.center), "c-cl"),
    ]
    if stage.first > 0:
        parts.append(line(left, 2, left, base, "c-stage"))
        if stage.words:
            parts.append(label(left + 4, 11, stage.words))
    return parts


def _right_labels(
    stages: Sequence[Limits], target: float | None, y: Scale, box: tuple[float, float, float], decimals: int
) -> list[str]:
    room, width, base = box
    rows: list[tuple[str, float]] = []
    if stages:
        last = stages[-1]
        rows = [("UCL", last.ucl), ("x̄", last.center), ("LCL", last.lcl)]
    if target is not None:
        rows.append(("target", target))
    rows.sort(key=lambda row: -row[1])
    places = spread_apart([y(value) for _, value in rows], 12, 5, base)
    parts = []
    for (key, value), at in zip(rows, places, strict=True):
        css = "spec" if key == "target" else "ink"
        parts.append(label(room + 7, at + 4, key))
        parts.append(label(width, at + 4, number(value, decimals), css, "end"))
    return parts


def _sentence(values: Sequence[float], stages: Sequence[Limits], target: float | None, words: tuple[str, int]) -> str:
    unit, decimals = words
    text = f"Trend of {len(values)} periods"
    if values:
        text += f", latest {number(values[-1], decimals)} {unit}".rstrip()
    if stages:
        text += f", natural limits {number(stages[-1].lcl, decimals)} to {number(stages[-1].ucl, decimals)}"
    return text + (f", target {number(target, decimals)}" if target is not None else "")
