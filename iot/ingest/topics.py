"""What a topic stands for, found out once: its site, its device, its parameter, and whom its columns speak of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from iot.access import is_spelt
from iot.formats import Plain, Refusal, spoken
from iot.ingest.catalogue import MOST_TOPICS, Catalogue, Known

STATION, PARAMETER = 4, 5  # levels of a topic from the site down
_MOST_ROSTERS = 50  # of one topic; more than that and nobody sends the same names again
BLOCKED = Refusal("device.blocked", "The device of this topic is blocked.")
_SPELT = "A device's topic is written in small letters or in capitals down to the end of its prefix."
_HOMELESS = Refusal("topic.site", "No level of the topic is the code of a site.")


@dataclass(frozen=True, eq=False)
class Roster:
    """The parameters that columns name, in order; `odd`: places that need a closer look, `even`: all others."""

    parameters: NDArray[np.int32]
    even: Sequence[int]
    odd: Sequence[int]


@dataclass(frozen=True, eq=False)
class Place:
    """A topic as the door knows it."""

    topic: str
    path: str
    depth: int
    site: int | None
    device: int  # -1 where none is known
    refusal: Refusal | None
    known: Known | None  # the parameter of a topic of its own
    own: NDArray[np.int32]  # its number
    rosters: dict[tuple[bytes, bytes, int], Roster | None] = field(default_factory=dict)

    def roster(self, told: Plain, catalogue: Catalogue) -> Roster | None:
        """Whom plain columns speak of; None when names or units are not well written, or too few."""
        key = bytes(told.p), bytes(told.u), len(told.ts)
        if key not in self.rosters:
            if len(self.rosters) >= _MOST_ROSTERS:
                self.rosters.clear()
            self.rosters[key] = self._read_roster(*key, catalogue)
        return self.rosters[key]

    def _read_roster(self, names: bytes, units: bytes, count: int, catalogue: Catalogue) -> Roster | None:
        found = spoken(names, units)
        if found is None or any(isinstance(one, list) and len(one) != count for one in found):
            return None
        listed = [one if isinstance(one, list) else [one] * count for one in found]
        known = [self.named(name or "", catalogue) for name in listed[0]]
        even = [at for at, unit in enumerate(listed[1]) if (one := known[at]) is not None and unit in one.plain]
        ids = np.array([one.id for at in even if (one := known[at])], np.int32)
        return Roster(ids, even, sorted(set(range(count)) - set(even)))

    def named(self, name: str, catalogue: Catalogue) -> Known | None:
        """The parameter that a reading on this topic names, or the topic's own where it names none."""
        if not name:
            return self.known
        if self.depth != STATION:
            return None
        return catalogue.parameters.get(f"{self.path}/{name.lower()}") or catalogue.named_parameter(self.topic)


def place(topic: str, catalogue: Catalogue) -> Place:
    """What a topic stands for, read anew and remembered as long as the catalogue holds."""
    if len(catalogue.places) >= MOST_TOPICS:
        catalogue.places.clear()
    found = catalogue.places[topic] = _read(topic, catalogue)
    return found


def _read(topic: str, catalogue: Catalogue) -> Place:
    raw = topic.rstrip("/").split("/")
    levels = [level.lower() for level in raw]
    base = catalogue.base(levels)
    if (base is None or len(levels) - base not in (STATION, PARAMETER)) and (named := catalogue.named_path(topic)):
        raw = levels = named.split("/")
        base = 0
    if base is None:
        return Place(topic, "", 0, None, -1, _HOMELESS, None, _numbers(None))
    path, depth = "/".join(levels[base:]), len(levels) - base
    device, refusal = catalogue.device(path), None
    if device and not device[1]:
        refusal = BLOCKED
    elif device and not is_spelt(raw[base : base + device[2]]):
        refusal = Refusal("topic.case", _SPELT)
    known = catalogue.parameters.get(path) or catalogue.named_parameter(topic) if depth == PARAMETER else None
    site = catalogue.sites[levels[base]]
    return Place(topic, path, depth, site, device[0] if device else -1, refusal, known, _numbers(known))


def _numbers(known: Known | None) -> NDArray[np.int32]:
    return np.array([known.id] if known else [], np.int32)
