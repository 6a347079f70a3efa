"""Any control chart by point number: one or two tracks, level or stepped limits, a second line, marks of rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from django.utils.safestring import SafeString

from qms.web.svg.draw import (
    Scale,
    diamond,
    element,
    fmt,
    label,
    line,
    picture,
    span,
    spread_apart,
    tick_decimals,
    ticks,
)
from qms.web.words import number, places
from spc.display import decimate

_LEFT, _RIGHT, _COLUMNS, _DOTS = 56.0, 104.0, 500, 400
Level = float | Sequence[float | None] | None


@dataclass(frozen=True, kw_only=True)
class Track:
    """One plot: values by point, limits level or one for each point, marks by index with the number of the rule."""

    title: str
    values: Sequence[float | None]
    center: Level = None
    ucl: Level = None
    lcl: Level = None
    second: Sequence[float | None] = ()
    marks: Mapping[int, str] = field(default_factory=dict)
    excluded: frozenset[int] = frozenset()
    center_mark: str = "CL"
    share: float = 1.0


def series(tracks: Sequence[Track], *, sentence: str, size: tuple[int, int] = (640, 360)) -> SafeString:
    """Draw the tracks above each other on one axis of point numbers; long ones are thinned, no mark is lost."""
    width, height = size
    count = max((len(track.values) for track in tracks), default=1)
    x = Scale(0.5, count + 0.5, _LEFT, width - _RIGHT)
    room, total = height - 24.0 - 26.0 * len(tracks), sum(track.share for track in tracks)
    parts: list[str] = []
    top = 26.0
    for track in tracks:
        bottom = top + room * track.share / total
        parts += _track(track, x, (top, bottom), width)
        top = bottom + 26.0
    base = top - 26.0
    parts.append(line(_LEFT, base, width - _RIGHT, base, "c-axis"))
    for value in ticks(1, count, 8):
        if value == int(value):
            parts.append(label(x(value), base + 16, number(int(value)), anchor="middle"))
    return picture(width, height, sentence, parts, "ch ch-wide")


def _track(track: Track, x: Scale, ends: tuple[float, float], width: float) -> list[str]:
    low, high = span(
        end for row in (track.values, track.second, *map(_every, (track.center, track.ucl, track.lcl)))
        for end in _ends_of(row)
    )  # fmt: skip
    y = Scale(low, high, ends[1], ends[0])
    shown = _shown(track)
    parts = [label(4, ends[0] - 10, track.title, "head")]
    for value, css in ((track.ucl, "c-lim"), (track.center, "c-cl"), (track.lcl, "c-lim")):
        parts += _level(value, shown, x, y, css)
    axis = ticks(low, high, 4)
    digits = tick_decimals(axis)
    parts += [label(_LEFT - 8, y(value) + 4, number(value, digits), anchor="end") for value in axis]
    parts += _line(track.values, shown, x, y, "c-ln", track.excluded)
    if track.second:
        parts += _line(track.second, shown, x, y, "c-ln is-faded", track.excluded)
    if len(shown) <= _DOTS:
        known = [(i, track.values[i]) for i in shown if i not in track.excluded and i not in track.marks]
        parts += [element("circle", class_="c-pt", cx=x(i + 1), cy=y(v), r=1.8) for i, v in known if v is not None]
    parts += _outside(track, x, y)
    parts += _marks(track, x, y)
    return parts + _ends(track, y, ends, width)


def _every(value: Level) -> list[float | None]:
    if value is None:
        return []
    return [value] if isinstance(value, (int, float)) else list(value)


def _ends_of(values: Sequence[float | None]) -> list[float]:
    """Lowest and highest value of a long row."""
    known = np.array(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    return [float(known.min()), float(known.max())] if len(known) else []


def _shown(track: Track) -> list[int]:
    values = np.array(track.values, dtype=np.float64)  # None becomes NaN
    keep = np.zeros(len(values), dtype=np.bool_)
    keep[[i for i in (*track.marks, *track.excluded) if i < len(values)]] = True
    return [int(i) for i in decimate(np.arange(len(values), dtype=np.float64), values, keep, width=_COLUMNS)]


def _level(value: Level, shown: Sequence[int], x: Scale, y: Scale, css: str) -> list[str]:
    if value is None:
        return []
    if isinstance(value, (int, float)):
        return [line(x.start, y(value), x.end, y(value), css)]
    runs: list[list[str]] = [[]]
    for i in shown:
        edge = value[i] if i < len(value) else None
        if edge is None:
            runs.append([])
            continue
        runs[-1] += [f"{fmt(x(i + 1 + shift))},{fmt(y(edge))}" for shift in (-0.5, 0.5)]
    return [element("polyline", class_=css, points=" ".join(run)) for run in runs if run]


def _line(
    values: Sequence[float | None], shown: Sequence[int], x: Scale, y: Scale, css: str, excluded: frozenset[int]
) -> list[str]:
    runs: list[list[str]] = [[]]
    for i in shown:
        value = values[i] if i < len(values) and i not in excluded else None
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{fmt(x(i + 1))},{fmt(y(value))}")
    return [element("polyline", class_=css, points=" ".join(run)) for run in runs if len(run) > 1]


def _outside(track: Track, x: Scale, y: Scale) -> list[str]:
    """Excluded points: hollow, with a cross."""
    parts = []
    for i in sorted(track.excluded):
        value = track.values[i] if i < len(track.values) else None
        if value is not None:
            at, up = x(i + 1), y(value)
            parts.append(element("circle", class_="c-out", cx=at, cy=up, r=4))
            parts.append(element("path", class_="c-out", d=f"M{fmt(at - 2)} {fmt(up - 2)}l4 4m0-4l-4 4"))
    return parts


def _marks(track: Track, x: Scale, y: Scale) -> list[str]:
    """Diamonds; in a run of one rule only the first carries its number, on the side away from the centre."""
    parts = []
    for i, words in _told_apart(track, x, y):
        second = track.second[i] if i < len(track.second) else None
        value = track.values[i] if not words.startswith("lower") else second
        if value is None or i in track.excluded:
            continue
        parts.append(diamond(x(i + 1), y(value), "c-vio", 5.0))
        if track.marks.get(i - 1) != words and len(track.marks) <= 60:
            level = track.center[i] if isinstance(track.center, Sequence) else track.center
            below = level is not None and value < level
            text = words.removeprefix("lower").removeprefix("upper")
            parts.append(label(x(i + 1), y(value) + (17 if below else -9), text, "vio", "middle"))
    return parts


def _told_apart(track: Track, x: Scale, y: Scale) -> list[tuple[int, str]]:
    """The marks that do not lie on one another: of very many, one in each few pixels."""
    found = sorted(track.marks.items())
    if len(found) <= _DOTS:
        return found
    seen: dict[tuple[int, int], tuple[int, str]] = {}
    for i, words in found:
        value = (track.second if words.startswith("lower") else track.values)[i]
        if value is not None:
            seen.setdefault((int(x(i + 1) / 3), int(y(value) / 3)), (i, words))
    return list(seen.values())


def _ends(track: Track, y: Scale, ends: tuple[float, float], width: float) -> list[str]:
    """The limits with their values at the right end; a lower limit of zero has no label."""
    last = [(key, next((v for v in reversed(_every(value)) if v is not None), None)) for key, value in (
        ("UCL", track.ucl), (track.center_mark, track.center), ("LCL", track.lcl))]  # fmt: skip
    rows = sorted(((k, v) for k, v in last if v is not None and (k != "LCL" or v)), key=lambda row: -row[1])
    gaps = [a[1] - b[1] for a, b in pairwise(rows) if a[1] > b[1]]
    digits = places(min(gaps), digits=3) if gaps else places(*(v for _, v in rows), digits=3)
    spots = spread_apart([y(value) for _, value in rows], 13, *ends)
    parts = []
    for (key, value), at in zip(rows, spots, strict=True):
        parts.append(label(width - _RIGHT + 8, at + 4, key))
        parts.append(label(width - 2, at + 4, number(value, min(6, digits)), "ink", "end"))
    return parts
