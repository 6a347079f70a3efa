"""Histogram of single values with specification lines and the fitted normal curve."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from django.utils.safestring import SafeString

from qms.web.svg.draw import Scale, element, fmt, label, line, picture, span, tick_decimals, ticks
from qms.web.words import number


def histogram(
    bins: Sequence[tuple[float, float, int]],
    *,
    spec: Mapping[str, float | None] | None = None,
    normal: tuple[float, float] | None = None,
    unit: str = "",
    decimals: int = 2,
    name: str = "Values",
    size: tuple[int, int] = (308, 148),
) -> SafeString:
    """Bars from zero, specification as solid accent lines, target dotted.

    `bins`: (from, to, count); `spec`: keys "LSL", "T", "USL"; `normal`: (mean, sigma) of the curve to lay over it.
    """
    width, height = size
    total = sum(count for _, _, count in bins)
    lines = [(key, value) for key, value in (spec or {}).items() if value is not None]
    low, high = span([*(edge for bar in bins for edge in bar[:2]), *(value for _, value in lines)], 0.04)
    x = Scale(low, high, 6.0, width - 6.0)
    top = max((count for _, _, count in bins), default=1) or 1
    curve = _curve(normal, bins, total, (low, high)) if normal and bins else []
    y = Scale(0, max([top, *(value for _, value in curve)]) * 1.04, height - 18.0, 18.0)
    parts = [_bar(bar, x, y) for bar in bins]
    if curve:
        points = " ".join(f"{fmt(x(a))},{fmt(y(b))}" for a, b in curve)
        parts.append(element("polyline", class_="c-ln", points=points))
    parts.append(line(6, height - 18, width - 6, height - 18, "c-axis"))
    parts += _ticks(low, high, x, height)
    parts += _spec_lines(lines, x, height, decimals)
    return picture(width, height, _sentence(bins, lines, total, (name, unit, decimals)), parts)


def _bar(bar: tuple[float, float, int], x: Scale, y: Scale) -> str:
    left, right = x(bar[0]), x(bar[1])
    return element(
        "rect",
        class_="c-bar",
        x=left + 0.5,
        width=max(0.5, right - left - 1),
        y=y(bar[2]),
        height=max(0.0, y(0) - y(bar[2])),
    )


def _curve(
    normal: tuple[float, float], bins: Sequence[tuple[float, float, int]], total: int, ends: tuple[float, float]
) -> list[tuple[float, float]]:
    mean, sigma = normal
    if sigma <= 0:
        return []
    step = (bins[0][1] - bins[0][0]) * total / (sigma * math.sqrt(2 * math.pi))
    places = [ends[0] + (ends[1] - ends[0]) * i / 64 for i in range(65)]
    return [(v, step * math.exp(-0.5 * ((v - mean) / sigma) ** 2)) for v in places]


def _ticks(low: float, high: float, x: Scale, height: float) -> list[str]:
    values = ticks(low, high, 5)
    digits = tick_decimals(values)
    return [label(x(v), height - 4, number(v, digits), anchor="middle") for v in values]


def _spec_lines(lines: Sequence[tuple[str, float]], x: Scale, height: float, decimals: int) -> list[str]:
    """Each line with its label over it; labels that would touch are pushed apart, inside the drawing."""
    known = sorted(
        ((x(value), key, f"{key} {number(value, decimals)}") for key, value in lines), key=lambda row: row[0]
    )
    halves = [3.2 * len(text) for _, _, text in known]
    places = [max(at, half) for (at, _, _), half in zip(known, halves, strict=True)]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + halves[i - 1] + halves[i] + 4)
    edge = x.end + 6.0
    for i in reversed(range(len(places))):
        places[i] = min(places[i], edge - halves[i])
        edge = places[i] - halves[i] - 4
    parts = []
    for (at, key, text), place in zip(known, places, strict=True):
        parts += [
            line(at, 16, at, height - 18, "c-target" if key == "T" else "c-spec"),
            label(place, 11, text, "spec", "middle"),
        ]
    return parts


def _sentence(
    bins: Sequence[tuple[float, float, int]],
    lines: Sequence[tuple[str, float]],
    total: int,
    words: tuple[str, str, int],
) -> str:
    name, unit, decimals = words
    text = f"Histogram of {total} values of {name}"
    if bins:
        text += f" from {number(bins[0][0], decimals)} to {number(bins[-1][1], decimals)} {unit}".rstrip()
    if lines:
        text += "; " + ", ".join(f"{key} {number(value, decimals)}" for key, value in lines)
    return text
