"""Ways to begin and to connect data that the first run offers; rooms add theirs in AppConfig.ready()."""

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


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way in for data: the page where it is opened, for people with the permission; order sorts them."""

    key: str
    label: str
    text: str
    url: str
    icon: str
    permission: str
    order: int = 100


STARTS: dict[str, Start] = {}
WAYS: dict[str, Way] = {}


def offer(start: Start) -> None:
    """Add a way to begin."""
    STARTS[start.key] = start


def choices() -> list[Start]:
    """All ways in their order."""
    return sorted(STARTS.values(), key=lambda start: start.order)


def lead(*ways: Way) -> None:
    """Add ways in for data."""
    WAYS.update({way.key: way for way in ways})


def ways_for(actor: Actor) -> list[Way]:
    """The ways in that a person may open, in their order."""
    return sorted((way for way in WAYS.values() if actor.can(way.permission)), key=lambda way: way.order)
