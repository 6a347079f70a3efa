"""The pencil: elements, scales and ticks shared by all server-made charts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.safestring import SafeString, mark_safe
from numpy.typing import NDArray

Number = float | int
_LEFT = 'preserveAspectRatio="xMinYMid meet"'


def fmt(value: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def element(name: str, /, text: str = "", **attributes: object) -> str:
    """One SVG element; `class_` gives class, underscores become hyphens, None is left out, everything is escaped."""
    parts = []
    for key, value in attributes.items():
        if value is None:
            continue
        written = fmt(value) if isinstance(value, float) else escape(str(value))
        parts.append(f' {key.rstrip("_").replace("_", "-")}="{written}"')
    head = f"<{name}{''.join(parts)}"
    return f"{head}>{escape(text)}</{name}>" if text else f"{head}/>"


def rect(css: str, x: float, y: float, width: float, height: float) -> str:
    """A filled box of a class of the grammar."""
    return element("rect", class_=css, x=float(x), y=float(y), width=float(width), height=float(max(0.0, height)))


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """A straight line of a class of the grammar."""
    return element("line", class_=css, x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2))


def label(x: float, y: float, text: str, css: str | None = None, anchor: str | None = None) -> str:
    """A text of the grammar."""
    return element("text", text, class_=css, x=float(x), y=float(y), text_anchor=anchor)


def diamond(x: float, y: float, css: str, radius: float = 5.0) -> str:
    """The mark of a broken rule."""
    r = fmt(radius)  # written out: charts of many points have thousands of them
    return f'<path class="{css}" d="M{fmt(x)} {fmt(y - radius)}l{r} {r}-{r} {r}-{r}-{r}z"/>'


def triangle(x: float, y: float, css: str) -> str:
    """The mark of an early sign."""
    return element("path", class_=css, d=f"M{fmt(x)} {fmt(y - 5)}l5 8.5h-10z")


def picture(width: float, height: float, sentence: str, parts: Iterable[str], css: str = "ch") -> SafeString:
    """The finished drawing: `role=img` with one sentence that says what it shows."""
    box = f'viewBox="0 0 {fmt(width)} {fmt(height)}" {_LEFT}'
    head = f'<svg class="{css}" {box} role="img" aria-label="{escape(sentence)}">'
    return mark_safe(f"{head}{''.join(parts)}</svg>")  # noqa: S308 - every part is made by `element`


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight map from values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Pixel of a value; the middle when the scale has no width."""
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.5
        return self.start + share * (self.end - self.start)


def span(values: Iterable[float | None] | NDArray[np.float64], pad: float = 0.06) -> tuple[float, float]:
    """Lowest and highest finite value with a share of air at both ends."""
    listed = values if isinstance(values, np.ndarray) else list(values)
    known = np.asarray(listed, dtype=np.float64)  # None becomes NaN
    known = known[np.isfinite(known)]
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    air = (high - low) * pad or abs(high) * pad or 1.0
    return low - air, high + air


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """About `wanted` round values within the range."""
    if not 0 < high - low < math.inf:  # two ends of the largest numbers are further apart than any number says
        return [low]
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(index * step, 12) for index in range(first, math.floor(high / step + 1e-9) + 1)]


def tick_decimals(values: Sequence[float]) -> int:
    """Decimals that tell the ticks apart, at most six."""
    if len(values) < 2:
        return 1
    step = abs(values[1] - values[0])
    return next((digits for digits in range(7) if abs(round(step, digits) - step) < step * 1e-6), 6)


_Key = Callable[[datetime], object]
_GRAINS: tuple[tuple[float, _Key, Callable[[datetime], str]], ...] = (
    (3_456_000.0, lambda t: t.date(), lambda t: f"{t.day} {t:%b}"),
    (172_800.0, lambda t: t.date(), lambda t: f"{t:%a} {t.day}"),
    (21_600.0, lambda t: (t.date(), t.hour // 4), lambda t: f"{t:%a %H:%M}"),
    (5_400.0, lambda t: (t.date(), t.hour), lambda t: f"{t:%H:%M}"),
    (0.0, lambda t: (t.date(), t.hour, t.minute // 10), lambda t: f"{t:%H:%M}"),
)


def time_ticks(times: Sequence[datetime], zone: str, room: int = 8) -> list[tuple[int, str]]:
    """Indexes of points where a new day, hour or ten minutes begins, with their words; thinned to `room` labels."""
    if not times:
        return []
    local = [moment.astimezone(ZoneInfo(zone)) for moment in times]
    seconds = abs((local[-1] - local[0]).total_seconds())  # a clock may have been put back
    _, key, words = next(grain for grain in _GRAINS if seconds >= grain[0])
    found = [(i, words(t)) for i, t in enumerate(local) if i == 0 or key(t) != key(local[i - 1])]
    shown = found[:: math.ceil(len(found) / room)]
    if len(shown) > 1 and shown[1][0] - shown[0][0] < len(local) / room:  # they would stand in each other
        del shown[0]
    return _gaps_filled(shown, local, words)


def _gaps_filled(
    found: list[tuple[int, str]], local: Sequence[datetime], words: Callable[[datetime], str]
) -> list[tuple[int, str]]:
    """Where points lie dense, a long stretch without a label gets one in its middle; within a day the clock."""
    filled = []
    for position, (index, before) in enumerate(found):
        filled.append((index, before))
        following = found[position + 1][0] if position + 1 < len(found) else len(local) - 1
        if following - index > len(local) / 3:
            middle = (index + following) // 2
            between = words(local[middle])
            filled.append((middle, f"{local[middle]:%H:%M}" if between == before else between))
    return filled


def spread_apart(wanted: Sequence[float], distance: float, low: float, high: float) -> list[float]:
    """Positions of labels near the wanted ones (ascending), `distance` apart, inside [low, high] if they fit."""
    placed = list(wanted)
    for index in range(1, len(placed)):
        placed[index] = max(placed[index], placed[index - 1] + distance)
    over = placed[-1] - high if placed else 0.0
    if over > 0:
        placed[-1] -= over
        for index in range(len(placed) - 2, -1, -1):
            placed[index] = max(low, min(placed[index], placed[index + 1] - distance))
    return placed
