"""What an unknown topic probably is: station, name, unit, decimals and chart, guessed from what was heard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from governance import units
from governance.models import Chart, Equipment, Level, UnmappedTopic, ValueKind
from qms.core.models import Site

_LEVELS = (Level.AREA, Level.LINE, Level.STATION)
_ODD = re.compile(r"[^a-z0-9_.\-]+")
_PLAIN = re.compile(r"[a-z0-9_.\-]+")
_BATCH_SECONDS = 5.0  # values that come faster than this are worth averaging
_MOST_COUNTED = 60


@dataclass(frozen=True)
class Proposal:
    """A guess a person can accept as it stands or correct; `refusal` says why nothing can be proposed."""

    path: str = ""
    name: str = ""
    code: str = ""
    station: int | None = None
    create: tuple[tuple[str, str], ...] = ()  # (level, code) of equipment that does not exist yet, top down
    unit: str = ""
    kind: str = ValueKind.FLOAT
    chart: str = Chart.I_MR
    subgroup_size: int = 1
    decimals: int = 3
    stale_after: int = 300
    refusal: str = ""

    def as_json(self) -> dict[str, Any]:
        """The proposal as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Ground:
    """What topics are placed on: the sites by code, and equipment by site, parent, level and code in lower case."""

    sites: Mapping[str, Site]
    below: Mapping[tuple[int, int | None, str, str], Equipment]


def ground() -> Ground:
    """All of it in two queries, for many topics at once."""
    equipment = {(row.site_id, row.parent_id, row.level, row.code.lower()): row for row in Equipment.objects.all()}
    return Ground({site.code.lower(): site for site in Site.objects.all()}, equipment)


def path_levels(topic: str, site_codes: set[str]) -> list[str]:
    """The levels from the site down, lower case; empty when no level is a known site's code."""
    levels = topic.strip("/").lower().split("/")
    for start in (1, 0):
        if len(levels) > start and levels[start] in site_codes:
            return levels[start:]
    return []


def folded(levels: list[str]) -> list[str]:
    """The five levels of a path made of however many a topic has.

    The last ones become the parameter's name; where levels are missing the one above the name stands for them.
    """
    plain = [_ODD.sub("_", level).strip("_") or "x" for level in levels]
    name = "_".join(plain[4:] or plain[-1:])
    if len(plain) != 5 or not _PLAIN.fullmatch(levels[-1]):
        name = re.sub(r"[^a-z0-9_]+", "_", name).strip("_")
        name = (name if name[:1].isalpha() else f"p_{name}")[:60]
    above = plain[1 : min(4, len(plain) - 1)] or [plain[0]]
    return [plain[0], *above, *([above[-1]] * (3 - len(above))), name]


def proposal_for(topic: UnmappedTopic, on: Ground | None = None) -> Proposal:
    """What to make of a topic, from its levels and the values heard on it."""
    on = on or ground()
    levels = path_levels(topic.topic, set(on.sites))
    if not levels:
        return Proposal(refusal="No level of this topic is the code of a site. Publish below <enterprise>/<site>/.")
    if len(levels) < 3:
        return Proposal(refusal="A topic needs the levels site/area/line/station/parameter below the enterprise.")
    levels = folded(levels)
    site, name = on.sites[levels[0]], levels[-1]
    station, create = _place(site, levels[1:4], on)
    kind, chart, size = _chart_for(topic)
    return Proposal(
        path="/".join(levels),
        name=name.replace("_", " ").capitalize(),
        code=f"{levels[-2]}-{name}".upper().replace("_", "-")[:40],
        station=station.pk if station else None,
        create=tuple(create),
        unit=topic.unit if not units.refusal_of(topic.unit) else "",
        kind=kind,
        chart=chart,
        subgroup_size=size,
        decimals=_decimals(topic.samples),
        stale_after=max(60, min(86_400, round(10 * _period(topic)))),
    )


def _place(site: Site, codes: list[str], on: Ground) -> tuple[Equipment | None, list[tuple[str, str]]]:
    """The station the levels name, or the equipment to create for it."""
    found: Equipment | None = None
    for depth, code in enumerate(codes):
        below = on.below.get((site.pk, found.pk if found else None, _LEVELS[depth].value, code.lower()))
        if below is None:
            return None, [(_LEVELS[at].value, codes[at].upper()) for at in range(depth, 3)]
        found = below
    return found, []


def _period(topic: UnmappedTopic) -> float:
    """Mean seconds between values."""
    if topic.count < 2:
        return 60.0
    return max(0.001, (topic.last_seen - topic.first_seen).total_seconds() / (topic.count - 1))


def _chart_for(topic: UnmappedTopic) -> tuple[str, str, int]:
    """Small whole numbers are counted; fast values are averaged; anything else is charted one by one."""
    samples = topic.samples
    whole = bool(samples) and all(value == int(value) and 0 <= value <= _MOST_COUNTED for value in samples)
    if whole and len(set(samples)) > 1 and not topic.unit:
        return ValueKind.COUNT, Chart.C, 1
    if _period(topic) <= _BATCH_SECONDS:
        return ValueKind.FLOAT, Chart.XBAR_R, 5
    return ValueKind.FLOAT, Chart.I_MR, 1


def _decimals(samples: list[float]) -> int:
    """The most decimals any value was sent with, at most six."""
    return max((len(f"{value:.6f}".rstrip("0").partition(".")[2]) for value in samples), default=3)
