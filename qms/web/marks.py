"""State marks: twelve shapes that read in grey print and at 11 px."""

from __future__ import annotations

from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_SHAPES: Final[dict[str, str]] = {
    "ok": '<circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" stroke-width="1.3"/>',
    "signal": '<path d="M6 0l6 6-6 6-6-6z" fill="currentColor"/>',
    "watch": '<path d="M6 .8L11.8 11H.2z" fill="currentColor"/>',
    "stale": (
        '<circle cx="6" cy="6" r="4.7" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2.2 2"/>'
    ),
    "learn": (
        '<circle cx="6" cy="6" r="4.7" fill="none" stroke="currentColor" stroke-width="1.2"/>'
        '<path d="M6 6V1.3A4.7 4.7 0 0 1 6 10.7z" fill="currentColor"/>'
    ),
    "hold": (
        '<path d="M1 1h10v10H1z" fill="none" stroke="currentColor" stroke-width="1.3"/>'
        '<path d="M3.6 3.3h1.6v5.4H3.6zM6.8 3.3h1.6v5.4H6.8z" fill="currentColor"/>'
    ),
    "done": '<path d="M1.5 6.4l3 3 6-6.6" fill="none" stroke="currentColor" stroke-width="1.8"/>',
    "miss": '<path d="M2 2l8 8M10 2l-8 8" fill="none" stroke="currentColor" stroke-width="1.8"/>',
    "todo": '<path d="M1.5 1.5h9v9h-9z" fill="none" stroke="currentColor" stroke-width="1.2"/>',
    "lock": (
        '<path d="M2.2 5.4h7.6v5.6H2.2zM4 5.4V3.6a2 2 0 0 1 4 0v1.8" fill="none" '
        'stroke="currentColor" stroke-width="1.3"/>'
    ),
    "better": '<path d="M6 1l5 6H7.5v4h-3V7H1z" fill="currentColor"/>',
    "worse": '<path d="M6 11L1 5h3.5V1h3v4H11z" fill="currentColor"/>',
    "same": '<path d="M1 4h10M1 8h10" fill="none" stroke="currentColor" stroke-width="1.6"/>',
}
MARKS: Final = tuple(_SHAPES)
# the colour class that goes with a mark when nothing else is said
TONES: Final[dict[str, str]] = {"done": "good", "better": "good", "worse": "signal", "miss": "signal"}


def shape(mark: str, tone: str = "") -> SafeString:
    """One mark as inline SVG, 12 px, hidden from assistive technology (its word stands beside it)."""
    if mark not in _SHAPES:
        raise KeyError(f"No state mark is called {mark!r}; known marks: {', '.join(MARKS)}")
    return format_html(
        '<svg class="mk{}" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{}</svg>',
        f" {tone}" if tone else "",
        mark_safe(_SHAPES[mark]),  # noqa: S308 - constants of this module
    )


def state(mark: str, word: str, tone: str = "") -> SafeString:
    """A mark with its word, for rows of tables and lists."""
    return format_html('<span class="st st-{}">{}{}</span>', tone or TONES.get(mark, mark), shape(mark), word)
