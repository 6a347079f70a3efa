"""Ways to begin that the first run offers; rooms add theirs in AppConfig.ready()."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qms.core.actor import Actor
from qms.core.models import Site


@dataclass(frozen=True, kw_only=True)
class Start:
    """A way to begin: `begin` does it or asks for it and returns the URL to go on with; order sorts the choices."""

    key: str
    label: str
    text: str
    begin: Callable[[Site, Actor], str]
    order: int = 100


STARTS: dict[str, Start] = {}


def offer(start: Start) -> None:
    """Add a way to begin."""
    STARTS[start.key] = start


def choices() -> list[Start]:
    """All ways in their order."""
    return sorted(STARTS.values(), key=lambda start: start.order)
