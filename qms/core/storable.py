"""What the database can hold and people can read: texts without hidden signs, moments in years people mean."""

from __future__ import annotations

import re
from datetime import date

FIRST, LAST = 1900, 2199
_LOST = re.compile("[\0\ud800-\udfff]")  # a search in C: texts of a megabyte come through here
OUTSIDE = f"The year must lie between {FIRST} and {LAST}. Check the date."
BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
UNSEEN = frozenset("\u200b\u2060\ufeff")


def storable(text: str) -> bool:
    """Whether the database can hold a text: it takes no NUL and no half of a character."""
    return _LOST.search(text) is None


def plausible(day: date) -> bool:
    """Whether a day, or the day of a moment, can be kept: of some years the row could not be read any more."""
    return FIRST <= day.year <= LAST


def hidden_sign(text: str, *, lines: bool = False) -> str:
    """Which sign of a text nobody would see or that turns it round, with its place, in words; empty when it is sound.

    A name with such a sign would read like another, or not as it is written. With `lines` it may have line breaks.
    """
    for place, sign in enumerate(text, start=1):
        if (said := _hidden(sign)) and not (lines and sign in "\n\r\t"):
            return f"Character {place} is {said} (U+{ord(sign):04X}). Take it out: this has to read as it is written."
    return ""


def _hidden(sign: str) -> str:
    if sign in BREAKS:
        return "a line break"
    if sign in DIRECTIONS:
        return "a mark that turns the direction of writing"
    if sign in UNSEEN:
        return "an invisible character"
    if sign == "\t":
        return "a tab"
    return "a control character" if sign < " " or "\x7f" <= sign <= "\x9f" else ""
