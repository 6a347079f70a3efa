"""What the database can hold and give back: texts without NUL or half characters, moments in years people mean."""

from __future__ import annotations

import re
from datetime import date

FIRST, LAST = 1900, 2199
_LOST = re.compile("[\0\ud800-\udfff]")  # a search in C: texts of a megabyte come through here
OUTSIDE = f"The year must lie between {FIRST} and {LAST}. Check the date."


def storable(text: str) -> bool:
    """Whether the database can hold a text: it takes no NUL and no half of a character."""
    return _LOST.search(text) is None


def plausible(day: date) -> bool:
    """Whether a day, or the day of a moment, can be kept: of some years the row could not be read any more."""
    return FIRST <= day.year <= LAST
