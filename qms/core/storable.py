"""What the database can hold and give back: texts without NUL or half characters, moments in years people mean."""

from __future__ import annotations

from datetime import date

FIRST, LAST = 1900, 2199
OUTSIDE = f"The year must lie between {FIRST} and {LAST}. Check the date."


def storable(text: str) -> bool:
    """Whether the database can hold a text: it takes no NUL and no half of a character."""
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def plausible(day: date) -> bool:
    """Whether a day, or the day of a moment, can be kept: of some years the row could not be read any more."""
    return FIRST <= day.year <= LAST
