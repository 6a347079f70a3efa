"""Bars: the Pareto strip above lists, a full Pareto and a meter. Bars always start at zero."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString

from qms.web.svg.draw import Scale, element, fmt, label, line, picture, rect
from qms.web.words import number


def pareto_strip(share: float, *, height: int = 34) -> SafeString:
    """One bar of the strip above a list; `share` of the tallest bar, 0 to 1. Hidden from assistive technology."""
    tall = max(1.0, min(1.0, share) * height) if share > 0 else 0.0
    bar = element("rect", class_="s-bar", x=0, width=100, y=float(height - tall), height=float(tall))
    return SafeString(f'<svg viewBox="0 0 100 {height}" preserveAspectRatio="none" aria-hidden="true">{bar}</svg>')


def pareto(
    rows: Sequence[tuple[str, float]],
    *,
    unit: str = "",
    decimals: int = 0,
    name: str = "Pareto",
    size: tuple[int, int] = (620, 180),
) -> SafeString:
    """Ranked bars with a thin cumulative line and the 80 % line; rows are sorted, "Other" stays last."""
    width, height = size
    ranked = sorted(rows, key=lambda row: (row[0] == "Other", -row[1], row[0]))
    total = sum(value for _, value in ranked) or 1.0
    base, right = height - 20.0, width - 40.0
    step = right / max(1, len(ranked))
    y = Scale(0, max((value for _, value in ranked), default=1.0) or 1.0, base, 22.0)
    share = Scale(0, 100, base, 14.0)
    parts = [line(0, share(80), right, share(80), "c-grid-80"), label(right + 4, share(80) + 4, "80 %")]
    running, points, over = 0.0, [], []
    for index, (key, value) in enumerate(ranked):
        middle = step * (index + 0.5)
        parts.append(rect("c-bar", step * index + step * 0.14, y(value), step * 0.72, base - y(value)))
        over.append(label(middle, y(value) - 4, number(value, decimals), "ink", "middle"))
        parts.append(label(middle, height - 6, key, anchor="middle"))
        running += value
        points.append(f"{fmt(middle)},{fmt(share(100 * running / total))}")
    parts.append(element("polyline", class_="c-cum", points=" ".join(points)))
    parts += [
        element("circle", class_="c-cum-pt", cx=point.split(",")[0], cy=point.split(",")[1], r=2) for point in points
    ]
    parts += [label(right + 4, share(100) + 4, "100 %"), *over]  # figures lie over the line, never under it
    words = ", ".join(f"{key} {number(value, decimals)} {unit}".rstrip() for key, value in ranked[:3])
    return picture(width, height, f"{name}: {words}", parts)


def meter(share: float, *, need: float | None = None, sentence: str) -> SafeString:
    """Progress towards something counted; `share` and `need` in 0 to 1; the figures stand beside it as text."""
    parts = [
        element("rect", class_="m-bg", x=0, y=3, width=100, height=6),
        element("rect", class_="m-fg", x=0, y=3, width=100 * max(0.0, min(1.0, share)), height=6),
    ]
    if need is not None:
        parts.append(element("rect", class_="m-need", x=100 * max(0.0, min(1.0, need)), y=0, width=0.6, height=12))
    return picture(100, 12, sentence, parts, "meter-s")
