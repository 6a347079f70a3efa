"""What the rooms put into the frame: places of the navigation, actions of the palette, the alarm count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from qms.core.actor import Actor

Count = Callable[[Actor], int]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A page of the navigation; `url` is a URL name, `go` the letter after G, `permission` an action or "signed-in"."""

    key: str
    label: str
    url: str
    icon: str = "file-text"
    permission: str = "signed-in"
    go: str = ""
    short: str = ""
    order: int = 100
    group: str = "main"  # main | settings | more (only in the palette)
    count: Count | None = None


@dataclass(frozen=True, kw_only=True)
class Command:
    """An action the palette offers: a URL to open, for people with the permission."""

    label: str
    url: str
    permission: str
    icon: str = "plus"
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Item:
    """A place as one person sees it."""

    key: str
    label: str
    short: str
    url: str
    icon: str
    go: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """The alarm count of the top bar and the page it opens."""

    url: str
    count: Count


@dataclass(frozen=True, kw_only=True)
class Found:
    """Something that is no record, found by what was typed into the palette."""

    group: str
    label: str
    url: str
    icon: str
    note: str = ""
    mono: str = ""


Finder = Callable[[str, Actor], list[Found]]

PLACES: dict[str, Place] = {}
FINDERS: list[Finder] = []
COMMANDS: list[Command] = []
_alarms: list[Alarms] = []


def register(*places: Place) -> None:
    """Add pages to the navigation; rooms call it in AppConfig.ready()."""
    for place in places:
        if PLACES.setdefault(place.key, place) != place:
            raise ValueError(f"Two places are called {place.key}.")


def offer(*commands: Command) -> None:
    """Add actions to the palette; rooms call it in AppConfig.ready()."""
    COMMANDS.extend(command for command in commands if command not in COMMANDS)


def find_with(finder: Finder) -> None:
    """Let the palette ask a room for things of its own by text; rooms call it in AppConfig.ready()."""
    if finder not in FINDERS:
        FINDERS.append(finder)


def watch_alarms(*, url: str, count: Count) -> None:
    """Say what the alarm mark of the top bar counts and opens."""
    _alarms[:] = [Alarms(url=url, count=count)]


def allowed(permission: str, actor: Actor) -> bool:
    """Whether the person may go there."""
    return permission == "public" or (actor.id is not None and (permission == "signed-in" or actor.can(permission)))


def may_open(url: str, actor: Actor) -> bool:
    """Whether the person may open the place of that URL name; an address that is no place asks for itself."""
    return all(allowed(place.permission, actor) for place in PLACES.values() if place.url == url)


def items(actor: Actor, group: str = "main", *, counts: Mapping[Count, int] | None = None) -> list[Item]:
    """The places of a group this person may open, in order; with the counts of `counted`."""
    found = sorted((place for place in PLACES.values() if place.group == group), key=lambda p: (p.order, p.label))
    return [_item(place, counts or {}) for place in found if allowed(place.permission, actor)]


def counted(actor: Actor) -> dict[Count, int]:
    """Every count of the frame, each asked once although the navigation and the alarm mark may show the same."""
    wanted = [place.count for place in PLACES.values() if place.count and allowed(place.permission, actor)]
    return {count: count(actor) for count in dict.fromkeys([*wanted, *(source.count for source in _alarms)])}


def commands(actor: Actor) -> list[tuple[Command, str]]:
    """The palette's actions this person may take, with their addresses."""
    return [(command, reverse(command.url)) for command in COMMANDS if allowed(command.permission, actor)]


def alarms(counts: Mapping[Count, int]) -> tuple[int, str]:
    """How many alarms are open for this person, and where they are listed."""
    for source in _alarms:
        try:
            return counts[source.count], reverse(source.url)
        except NoReverseMatch:
            continue
    return 0, reverse("web:my-work")


def _item(place: Place, counts: Mapping[Count, int]) -> Item:
    count = counts.get(place.count, 0) if place.count else 0
    short = place.short or place.label
    return Item(
        key=place.key,
        label=place.label,
        short=short,
        url=reverse(place.url),
        icon=place.icon,
        go=place.go,
        count=count,
    )
