"""What the room announces."""

from __future__ import annotations

from dataclasses import dataclass

from qms.core.events import Event


@dataclass(frozen=True)
class AnalysisOpened(Event):
    """An analysis became a record."""

    record: int
    number: str
    site: int
    study: str
