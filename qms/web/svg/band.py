"""Readings over time: the range of each stretch as a band with its mean, what is missing left open."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from django.utils.safestring import SafeString

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
from qms.web.words import number

_LEFT, _RIGHT, _TOP, _GROUND = 52.0, 96.0, 8.0, 24.0
_DOTS = 600  # single readings drawn with a dot each
_CSS = {"LSL": "c-spec", "T": "c-target", "USL": "c-spec", "x̄": "c-cl"}
_LETTER = 6.5  # width of a letter of an axis
_WIDE = 600  # a drawing from here on is for a desk
_LABELS = 200  # places an axis may have a label at


@dataclass(frozen=True, kw_only=True)
class Band:
    """Stretches by column: seconds since 1970, mean, lowest and highest; `breaks`: before which index nothing joins.

    `outside`: single readings beyond a limit; `missing`: from and to of what never came; `lines`: words -> value.
    """

    since: float
    until: float
    t: Sequence[float]
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    breaks: frozenset[int] = frozenset()
    outside: Sequence[tuple[float, float]] = ()
    missing: Sequence[tuple[float, float]] = ()
    lines: Mapping[str, float] = field(default_factory=dict)
    zone: str = "UTC"


def band(shown: Band, *, sentence: str, size: tuple[int, int] = (980, 360)) -> SafeString:
    """Draw a band; the sentence says what it shows."""
    width, height = size
    x = Scale(shown.since, shown.until, _LEFT, width - _RIGHT)
    ends = [*shown.low, *shown.high, *(v for _, v in shown.outside), *shown.lines.values()]
    low, high = span([min(ends), max(ends)] if ends else [])
    y = Scale(low, high, height - _GROUND, _TOP)
    wide = width >= _WIDE
    parts = [*_axes(shown, x, y, height, labels=8 if wide else 3), *_missing(shown, x, height)]
    for run in _runs(shown):
        parts += _run(shown, run, x, y)
    parts += [diamond(x(t), y(v), "c-vio", 4.0) for t, v in shown.outside]
    return picture(width, height, sentence, [*parts, *_lines(shown, y, width)], "ch ch-wide" if wide else "ch")


def _axes(shown: Band, x: Scale, y: Scale, height: float, *, labels: int) -> list[str]:
    base, values = height - _GROUND, ticks(y.low, y.high, 5)
    digits = tick_decimals(values)
    parts = [line(x.start, base, x.end, base, "c-axis")]
    parts += [label(_LEFT - 8, y(value) + 4, number(value, digits), anchor="end") for value in values]
    step = (shown.until - shown.since) / _LABELS
    moments = [datetime.fromtimestamp(shown.since + step * i, UTC) for i in range(_LABELS + 1)]
    end = -math.inf  # where the words before end
    for i, words in time_ticks(moments, shown.zone, labels):
        at, wide = x(shown.since + step * i), _LETTER * len(words)
        if at - (wide / 2 if i else 0) > end:
            parts.append(label(at, base + 16, words, anchor="middle" if i else "start"))
            end = at + (wide / 2 if i else wide) + _LETTER
    return parts


def _missing(shown: Band, x: Scale, height: float) -> list[str]:
    """What never came: an empty field from top to ground."""
    parts = []
    for since, until in shown.missing:
        left, right = x(max(since, shown.since)), x(min(until, shown.until))
        parts.append(rect("c-missing", left, _TOP, max(right - left, 1.5), height - _TOP - _GROUND))
    return parts


def _runs(shown: Band) -> list[range]:
    cuts = [0, *sorted(at for at in shown.breaks if 0 < at < len(shown.t)), len(shown.t)]
    return [range(a, b) for a, b in pairwise(cuts) if b > a]


def _run(shown: Band, run: range, x: Scale, y: Scale) -> list[str]:
    edge = [f"{fmt(x(shown.t[i]))},{fmt(y(shown.high[i]))}" for i in run]
    edge += [f"{fmt(x(shown.t[i]))},{fmt(y(shown.low[i]))}" for i in reversed(run)]
    course = " ".join(f"{fmt(x(shown.t[i]))},{fmt(y(shown.mean[i]))}" for i in run)
    parts = [
        element("polygon", class_="c-range", points=" ".join(edge)),
        element("polyline", class_="c-ln", points=course),
    ]
    if len(shown.t) <= _DOTS or len(run) == 1:
        parts += [element("circle", class_="c-pt", cx=x(shown.t[i]), cy=y(shown.mean[i]), r=1.8) for i in run]
    return parts


def _lines(shown: Band, y: Scale, width: float) -> list[str]:
    rows = sorted(shown.lines.items(), key=lambda row: -row[1])
    spots = spread_apart([y(value) for _, value in rows], 14, _TOP + 4, y.start)
    digits = tick_decimals(ticks(y.low, y.high, 5)) + 1
    parts = []
    for (key, value), at in zip(rows, spots, strict=True):
        css = _CSS.get(key, "c-lim")
        parts.append(line(_LEFT, y(value), width - _RIGHT, y(value), css))
        parts.append(label(width - _RIGHT + 8, at + 4, key, "spec" if key in ("LSL", "T", "USL") else None))
        parts.append(label(width - 2, at + 4, number(value, min(digits, 6)), "ink", "end"))
    return parts
