"""Sparkline of a characteristic cell: limits, centre line, line and the last broken rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.safestring import SafeString

from qms.web.svg.draw import Scale, diamond, element, fmt, label, line, picture, span, triangle
from qms.web.words import number

STATES = ("ok", "signal", "watch", "stale", "learn")


def sparkline(  # noqa: PLR0913 - everything the small multiple shows
    values: Sequence[float | None],
    *,
    limits: tuple[float, float, float] | None = None,
    rules: Mapping[int, str] | None = None,
    state: str = "ok",
    name: str = "",
    unit: str = "",
    decimals: int = 3,
    size: tuple[int, int] = (160, 70),
    slots: int = 48,
    labels: bool = False,
    reach: tuple[float, float] | None = None,
) -> SafeString:
    """A small multiple.

    `values`: oldest first, None is a gap; `limits`: (lcl, centre, ucl) or None while limits are learned;
    `rules`: index of value -> rule numbers ("1" or "2,5"); `state`: one of STATES; `slots`: places kept on the x axis;
    `labels`: write the limits at the right end (for a wider panel); `reach`: values the scale must hold as well, so
    that several drawings share one scale.
    """
    width, height = size
    right = 56 if labels else 0
    drawn_limits = None if state == "learn" else limits
    low, high = span([*values, *(drawn_limits or ()), *(reach or ())])
    y = Scale(low, high, height - 4.0, 4.0)
    x = Scale(0, max(slots, len(values)) - 1, 9.0, width - 9.0 - right)
    parts = [*_limit_lines(drawn_limits, y, width), *_lines(values, x, y, faded=state == "stale")]
    marks = {} if state == "learn" else {i: text for i, text in (rules or {}).items() if i < len(values)}
    parts += _marks(values, marks, x, y, watch=state == "watch", height=height)
    parts += _last_point(values, marks, x, y, state)
    if labels and drawn_limits:
        names = zip(("LCL", "x̿", "UCL"), drawn_limits, strict=True)
        parts += [label(width, y(v) - 4, f"{k} {number(v, decimals)}", anchor="end") for k, v in names]
    return picture(width, height, _sentence(values, drawn_limits, marks, (name, unit, decimals)), parts)


def _limit_lines(limits: tuple[float, float, float] | None, y: Scale, width: float) -> list[str]:
    if limits is None:
        return []
    lcl, center, ucl = limits
    return [
        line(0, y(ucl), width, y(ucl), "c-lim"),
        line(0, y(lcl), width, y(lcl), "c-lim"),
        line(0, y(center), width, y(center), "c-cl is-soft"),
    ]


def _lines(values: Sequence[float | None], x: Scale, y: Scale, *, faded: bool) -> list[str]:
    css = "c-ln is-faded" if faded else "c-ln"
    runs: list[list[str]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{fmt(x(index))},{fmt(y(value))}")
    return [element("polyline", class_=css, points=" ".join(run)) for run in runs if len(run) > 1]


def _marks(
    values: Sequence[float | None], rules: Mapping[int, str], x: Scale, y: Scale, *, watch: bool, height: float
) -> list[str]:
    """Only the last point of each run of one rule carries a mark; only the newest mark its number."""
    ends = [i for i in sorted(rules) if rules.get(i + 1) != rules[i] and values[i] is not None]
    parts = []
    for index in ends:
        value = values[index]
        if value is not None:
            parts.append(triangle(x(index), y(value), "c-wat") if watch else diamond(x(index), y(value), "c-vio"))
    if ends and (value := values[ends[-1]]) is not None:
        at = min(height - 2.0, max(10.0, y(value) + 4))
        parts.append(label(x(ends[-1]) - 8, at, rules[ends[-1]].partition(",")[0], "ink" if watch else "vio", "end"))
    return parts


def _last_point(values: Sequence[float | None], rules: Mapping[int, str], x: Scale, y: Scale, state: str) -> list[str]:
    index = len(values) - 1
    if index < 0 or index in rules or state == "stale" or (value := values[index]) is None:
        return []
    return [element("circle", class_="c-pt", cx=x(index), cy=y(value), r=2)]


def _sentence(
    values: Sequence[float | None],
    limits: tuple[float, float, float] | None,
    rules: Mapping[int, str],
    words: tuple[str, str, int],
) -> str:
    name, unit, decimals = words
    known = [value for value in values if value is not None]
    text = f"{name or 'Chart'}, last {len(known)} points"
    if known:
        text += f", latest {number(known[-1], decimals)} {unit}".rstrip()
    if limits is None:
        return text + ", limits not yet set"
    text += f", limits {number(limits[0], decimals)} to {number(limits[2], decimals)}"
    return text + (f", rule {rules[max(rules)].replace(',', ' and ')} broken" if rules else "")
