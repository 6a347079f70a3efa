"""What a check of the trail found, and the report of all checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone

Tell = Callable[[str, float], None]  # (stage, share from 0 to 1)
MOST = 200  # findings kept; the rest are counted
_ROW = "select tbl, op::text, pk, actor, at, image::jsonb ->> 'number' from core_trail where id = %s"
_DEEDS = {"I": "creation", "U": "change", "D": "removal", "B": "first image"}


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sealed: what kind, in words, and the trail row where there is one."""

    what: str
    text: str
    row: int | None = None


@dataclass
class Report:
    """What was looked at and what was found."""

    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    found: int = 0
    seconds: float = 0.0
    size: int = 0
    root: str = ""

    def add(self, what: str, text: str, row: int | None = None) -> None:
        """Note a finding."""
        self.found += 1
        if len(self.findings) < MOST:
            self.findings.append(Finding(what, text, row))

    def count(self, name: str, number: int = 1) -> None:
        """Note that so many of something were looked at."""
        self.counts[name] = self.counts.get(name, 0) + number

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return self.found == 0

    def verdict(self) -> str:
        """The report in a sentence."""
        looked = ", ".join(f"{number:,} {name}" for name, number in self.counts.items())
        if self.whole:
            return f"The trail is whole: {looked}."
        more = f" and {self.found - 1:,} more" if self.found > 1 else ""
        return f"{self.findings[0].text}{more} ({looked} looked at)."

    def data(self) -> dict[str, Any]:
        """The report as plain values, for a job's result and for evidence."""
        return {
            "whole": self.whole,
            "words": self.verdict(),
            "counts": self.counts,
            "found": self.found,
            "findings": [{"what": f.what, "text": f.text, "row": f.row} for f in self.findings],
            "size": self.size,
            "root": self.root,
            "seconds": round(self.seconds, 2),
            "at": timezone.now().isoformat(timespec="seconds"),
        }


def row_words(row: int) -> str:
    """A trail row as a person can find it again."""
    with connection.cursor() as cursor:
        cursor.execute(_ROW, [row])
        found = cursor.fetchone()
    if found is None:
        return f"trail row {row:,}"
    table, op, pk, actor, at, number = found
    what = number or f"{table} {pk}"
    return f"trail row {row:,} ({_DEEDS.get(op, op)} of {what} by {actor}, {at:%Y-%m-%d %H:%M:%S} UTC)"
