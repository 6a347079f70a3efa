"""The points of a chart by shift, lot, weekday, tool or serial number: what differs between them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from governance.models import Characteristic
from iot.models import Annotation, ControlLimits, StoredReading, Subgroup
from iot.queries.lists import present_points, see
from qms.core.actor import Actor
from qms.core.models import Site
from spc.effect import Goal, Verdict, of_means

BY: Mapping[str, str] = {
    "shift": "Shift", "lot": "Lot", "weekday": "Weekday", "tool": "Tool life", "serial": "Serial number",
}  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
POINTS = 1200  # newest points that are split
MOST = 12  # strata shown
_LEAST = 5  # points a stratum needs to be compared


@dataclass(frozen=True)
class Stratum:
    """One group of points in order of time, and how its mean differs from that of all others."""

    name: str
    values: list[float]
    mean: float
    signals: int
    against: Verdict | None

    @property
    def differs(self) -> bool:
        """Whether the interval of the difference leaves zero out, after allowing for the number of comparisons."""
        ci = self.against.ci if self.against else None
        return ci is not None and (ci[0] > 0 or ci[1] < 0)


@dataclass(frozen=True)
class Split:
    """The strata of a characteristic, the points they were made of and what was left out."""

    by: str
    strata: list[Stratum]
    n: int
    hidden: int
    limits: ControlLimits | None


Point = tuple[datetime, float, int, str]


def stratify(characteristic: Characteristic, by: str, *, actor: Actor) -> Split:
    """Split the newest points; the interval of each difference is widened for the number of groups (Bonferroni)."""
    see(characteristic, actor)
    rows = present_points(characteristic).filter(state=Subgroup.State.OK)
    points = list(rows.order_by("-n").values_list("t", "mean", "mask", "lot")[:POINTS])[::-1]
    groups: dict[str, list[Point]] = defaultdict(list)
    name_of = _namer(characteristic, by, points)
    for point in points:
        groups[name_of(point)].append(point)
    named = [(name, groups[name]) for name in _ordered(by, groups, characteristic.site) if name]
    shown = named[-MOST:] if by in ("lot", "tool", "serial") else named
    limits = ControlLimits.objects.filter(characteristic=characteristic, state="in_force").order_by("-revision").first()
    strata = [_stratum(name, group, points, len(shown)) for name, group in shown]
    return Split(by, strata, len(points), len(named) - len(shown), limits)


def _namer(characteristic: Characteristic, by: str, points: Sequence[Point]) -> Callable[[Point], str]:
    """The group a point belongs to; an empty text for none."""
    zone = ZoneInfo(characteristic.site.timezone)
    match by:
        case "shift":
            starts = shifts_of(characteristic.site)
            return lambda point: shift_at(point[0].astimezone(zone), starts)
        case "weekday":
            return lambda point: DAYS[point[0].astimezone(zone).weekday()]
        case "tool":
            changes, names = _tools(characteristic, points, zone)
            return lambda point: names[bisect_right(changes, point[0])] if changes else ""
        case "serial":
            serials = _serials(characteristic, points)
            return lambda point: serials.get(point[0], "")
    return lambda point: point[3]


def shifts_of(site: Site) -> list[tuple[str, str]]:
    """(start, name) of the shifts of a site in the order of the day."""
    return sorted((str(shift["start"]), str(shift["name"])) for shift in site.shifts)


def shift_at(local: datetime, starts: Sequence[tuple[str, str]]) -> str:
    """The shift at a time of the plant's clock; before the first start it is still the last shift of the day before."""
    if not starts:
        return ""
    at = bisect_right([start for start, _ in starts], f"{local:%H:%M}") - 1
    return f"Shift {starts[at][1]}"


def _tools(characteristic: Characteristic, points: Sequence[Point], zone: ZoneInfo) -> tuple[list[datetime], list[str]]:
    """The tool changes noted at the chart, and the names of the lives before, between and after them.

    A life is named by the plant's clock; changes within one minute are told apart by their number.
    """
    noted = Annotation.objects.filter(characteristic=characteristic, kind=Annotation.Kind.TOOL)
    starts = sorted(set(noted.values_list("at", flat=True)))
    names = ["Before the first change noted"]
    for at in starts:
        name = f"Since {at.astimezone(zone):%d %b %Y %H:%M %Z}"
        same = sum(known == name or known.startswith(f"{name}, change ") for known in names)
        names.append(f"{name}, change {same + 1}" if same else name)
    return (starts, names) if points else ([], [])


def _serials(characteristic: Characteristic, points: Sequence[Point]) -> dict[datetime, str]:
    """The serial number a point was measured on, by the time of its last reading."""
    if not points:
        return {}
    first, last = points[0][0], points[-1][0]
    rows = StoredReading.objects.filter(parameter_id=characteristic.parameter_id, t__gte=first, t__lte=last)
    rows = rows.filter(part_last__gte=first, part_first__lte=last)
    return {t: serial for t, serial in rows.exclude(serial=None).values_list("t", "serial") if serial}


def _ordered(by: str, groups: Mapping[str, list[Point]], site: Site) -> list[str]:
    if by == "weekday":
        return [day for day in DAYS if day in groups]
    if by == "shift":
        return [name for _, text in shifts_of(site) if (name := f"Shift {text}") in groups]
    return sorted(groups, key=lambda name: groups[name][0][0])


def _stratum(name: str, group: list[Point], points: Sequence[Point], comparisons: int) -> Stratum:
    values, inside = [point[1] for point in group], {point[0] for point in group}
    others = np.array([point[1] for point in points if point[0] not in inside])
    verdict = None
    if min(len(values), len(others)) >= _LEAST:
        verdict = of_means(others, np.array(values), Goal("higher", confidence=1 - 0.05 / max(1, comparisons)))
    return Stratum(name, values, sum(values) / len(values), sum(point[2] > 0 for point in group), verdict)
