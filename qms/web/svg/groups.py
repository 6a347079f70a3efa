"""Groups beside each other, pairs with a fitted line, and shares as bars: the drawings of comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from django.utils.safestring import SafeString
from numpy.typing import NDArray

from qms.web.svg.draw import Scale, diamond, element, fmt, label, line, picture, rect, span, tick_decimals, ticks
from qms.web.words import number, places

_LEFT, _MOST = 56.0, 250
Values: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Group:
    """One group: its values, the box around their middle half, the mean with an interval, and whether it stands out."""

    name: str
    values: Sequence[float]
    box: tuple[float, float, float, float, float]  # low whisker, quartile, median, quartile, high whisker
    mean: float
    interval: tuple[float, float] | None = None
    flagged: bool = False


def groups(
    rows: Sequence[Group],
    *,
    unit: str = "",
    sentence: str,
    grand: float | None = None,
    size: tuple[int, int] = (640, 330),
) -> SafeString:
    """Raw points and box of each group, beside them the mean with its interval; the grand mean is a line."""
    width, height = size
    base, right = height - 34.0, width - 70.0
    low, high = span([value for row in rows for value in (*row.values, *(row.interval or ()))])
    y, step = Scale(low, high, base, 22.0), (right - _LEFT) / max(1, len(rows))
    parts = [*_grid(y, right), *_axis(y, unit), line(_LEFT, base, right, base, "c-axis")]
    if grand is not None:
        words = f"mean {number(grand, _digits(rows))}"
        parts += [line(_LEFT, y(grand), right, y(grand), "c-cl"), label(right + 6, y(grand) + 4, words)]
    for place, row in enumerate(rows):
        parts += _group(row, y, _LEFT + step * (place + 0.5), step, base, _digits(rows))
    return picture(width, height, sentence, parts, "ch ch-wide")


def _digits(rows: Sequence[Group]) -> int:
    """As many decimals for every mean as tell the largest with four digits."""
    return max(0, places(max((abs(row.mean) for row in rows), default=1.0), digits=4))


def _grid(y: Scale, right: float) -> list[str]:
    return [line(_LEFT, y(value), right, y(value), "c-grid") for value in ticks(y.low, y.high, 5)]


def _group(row: Group, y: Scale, middle: float, step: float, base: float, digits: int) -> list[str]:
    left, half = middle - step * 0.16, min(26.0, step * 0.16)
    stride = max(1, len(row.values) // _MOST)
    parts = []
    for i, value in enumerate(row.values[::stride]):  # spread by a fixed pattern, so that a drawing never changes
        shift = half * (((i * 37) % 17) / 8.0 - 1.0)
        parts.append(element("circle", class_="c-dot", cx=left + shift, cy=y(value), r=1.5))
    low, q1, median, q3, high = row.box
    parts += [
        element("rect", class_="c-box", x=left - half, y=y(q3), width=2 * half, height=max(0.5, y(q1) - y(q3))),
        line(left - half, y(median), left + half, y(median), "c-cl"),
        line(left, y(q3), left, y(high), "c-axis"),
        line(left, y(q1), left, y(low), "c-axis"),
    ]
    at = middle + step * 0.18
    if row.interval:
        ends = [y(value) for value in row.interval]
        tick = "c-tick is-odd" if row.flagged else "c-tick"
        parts.append(line(at, ends[0], at, ends[1], tick))
        parts += [line(at - 4, end, at + 4, end, tick) for end in ends]
    mark = diamond(at, y(row.mean), "c-vio") if row.flagged else element(
        "circle", class_="c-pt", cx=at, cy=y(row.mean), r=4)  # fmt: skip
    most = max(4, int(step / 6.2))
    name = row.name if len(row.name) <= most else f"{row.name[: most - 1]}…"
    return [
        *parts,
        mark,
        label(at + 8, y(row.mean) + 4, number(row.mean, digits), "vio" if row.flagged else "ink"),
        label(middle, base + 15, name, anchor="middle"),
        label(middle, base + 28, f"n {len(row.values):,}", anchor="middle"),
    ]


def _axis(y: Scale, unit: str) -> list[str]:
    values = ticks(y.low, y.high, 5)
    digits = tick_decimals(values)
    parts = [label(_LEFT - 8, y(value) + 4, number(value, digits), anchor="end") for value in values]
    return [*parts, *([label(4, 12, unit, "head")] if unit else [])]


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A fitted line through pairs, with the rows that steer it."""

    slope: float
    constant: float
    unusual: frozenset[int] = frozenset()


def scatter(
    x: Sequence[float] | Values, y: Sequence[float] | Values, *, heads: tuple[str, str], sentence: str,
    fit: Fit | None = None, size: tuple[int, int] = (640, 330),
) -> SafeString:  # fmt: skip
    """Pairs as points, the fitted line over them; pairs that steer the fit are diamonds. At most 3,000 are drawn."""
    width, height = size
    base, right = height - 34.0, width - 16.0
    across, up = Scale(*span(x, 0.04), _LEFT, right), Scale(*span(y), base, 24.0)
    marked = fit.unusual if fit else frozenset()
    drawn = sorted({*range(0, len(x), max(1, len(x) // 3000)), *marked})
    places = zip(drawn, np.asarray(x)[drawn].tolist(), np.asarray(y)[drawn].tolist(), strict=True)
    parts = [*_grid(up, right), *_axis(up, heads[1]), line(_LEFT, base, right, base, "c-axis")]
    values = ticks(across.low, across.high, 7)
    digits = tick_decimals(values)
    parts += [label(across(value), base + 15, number(value, digits), anchor="middle") for value in values]
    parts.append(label(right, base + 29, heads[0], "head", "end"))
    for i, left, top in places:
        at = (across(left), up(top))
        written = f'<circle class="c-dot" cx="{fmt(at[0])}" cy="{fmt(at[1])}" r="2"/>'  # thousands of them
        parts.append(diamond(*at, "c-wat") if i in marked else written)
    if fit is not None:
        ends = _clipped(fit, across, up)
        parts += [line(*ends, "c-fit")] if ends else []
    return picture(width, height, sentence, parts, "ch ch-wide")


def _clipped(fit: Fit, across: Scale, up: Scale) -> tuple[float, float, float, float] | None:
    """The part of the line that lies inside the drawing."""
    places = np.linspace(across.low, across.high, 200)
    heights = fit.constant + fit.slope * places
    inside = np.flatnonzero((heights >= up.low) & (heights <= up.high))
    if len(inside) < 2:
        return None
    first, last = inside[0], inside[-1]
    return (
        across(float(places[first])), up(float(heights[first])), across(float(places[last])), up(float(heights[last]))
    )  # fmt: skip


def shares(
    rows: Mapping[str, Sequence[float]], *, names: Sequence[str], sentence: str, size: tuple[int, int] = (640, 220)
) -> SafeString:
    """Bars of shares in percent: for every component one bar per measure; bars start at zero."""
    width, height = size
    base, right = height - 34.0, width - 10.0
    top = max([100.0, *(value for values in rows.values() for value in values)])
    y, step = Scale(0, top, base, 30.0), (right - _LEFT) / max(1, len(rows))
    axis = ticks(0, top, 5)
    parts = [line(_LEFT, y(value), right, y(value), "c-grid") for value in axis[1:]]
    parts += [label(_LEFT - 8, y(value) + 4, f"{value:g} %", anchor="end") for value in axis]
    parts.append(line(_LEFT, base, right, base, "c-axis"))
    for place, (name, values) in enumerate(rows.items()):
        wide = step * 0.7 / max(1, len(values))
        for i, value in enumerate(values):
            left = _LEFT + step * (place + 0.15) + wide * i
            parts.append(rect("c-bar" if i == 0 else "c-bar-2", left, y(value), wide * 0.86, base - y(value)))
            parts.append(label(left + wide * 0.43, y(value) - 4, number(value, 1), "ink", "middle"))
        parts.append(label(_LEFT + step * (place + 0.5), base + 15, name, anchor="middle"))
    for i, name in enumerate(names):
        parts.append(rect("c-bar" if i == 0 else "c-bar-2", _LEFT + 170.0 * i, 4, 10, 10))
        parts.append(label(_LEFT + 170.0 * i + 15, 13, name))
    return picture(width, height, sentence, parts, "ch ch-wide")


def curve(
    x: Sequence[float], y: Sequence[float], *, heads: tuple[str, str], marks: Sequence[tuple[float, float, str]] = (),
    sentence: str, size: tuple[int, int] = (640, 290),
) -> SafeString:  # fmt: skip
    """A line over its axis, such as the operating characteristic of a plan, with named points on it."""
    width, height = size
    base, right = height - 34.0, width - 30.0
    across, up = Scale(min(x), max(x), _LEFT, right), Scale(0.0, max(1.0, *y), base, 24.0)
    parts = [*_grid(up, right), *_axis(up, heads[1]), line(_LEFT, base, right, base, "c-axis")]
    values = ticks(across.low, across.high, 8)
    digits = tick_decimals(values)
    parts += [label(across(value), base + 15, number(value, digits), anchor="middle") for value in values]
    parts.append(label(right, base + 29, heads[0], "head", "end"))
    points = " ".join(f"{fmt(across(a))},{fmt(up(b))}" for a, b in zip(x, y, strict=True))
    parts.append(element("polyline", class_="c-ln", points=points))
    for a, b, words in marks:
        if across.low <= a <= across.high:
            parts.append(line(across(a), base, across(a), up(b), "c-target"))
            parts.append(element("circle", class_="c-pt", cx=across(a), cy=up(b), r=4))
            parts.append(label(across(a) + 8, up(b) - 4, words, "ink"))
    return picture(width, height, sentence, parts, "ch ch-wide")
