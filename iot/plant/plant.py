"""What a plant is made of: lines, stations, parts and the characteristics that are measured there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache

from iot.plant.process import LOT_SECONDS, Behaviour


@lru_cache(maxsize=4096)
def _lot(line: str, number: int) -> str:
    """The lot of a line with this number since 1970: calendar week and a running number of its line."""
    week = datetime.fromtimestamp(number * LOT_SECONDS, UTC).isocalendar().week
    return f"W{week:02d}-{number % 100 + 100 * int(line[1:]):03d}"


@dataclass(frozen=True)
class Part:
    """A product of the plant."""

    number: str
    revision: str
    name: str


@dataclass(frozen=True)
class Station:
    """A place on a line where something is measured; `batches`: it sends all its readings in one message."""

    code: str
    name: str
    process: str
    batches: bool = False


@dataclass(frozen=True)
class Line:
    """A line with its stations in the order of the route."""

    code: str
    area: str
    name: str
    part: Part
    stations: tuple[Station, ...]

    def lot(self, t: float) -> str:
        """The lot that runs at epoch second `t`, such as W47-118."""
        return _lot(self.code, int(t // LOT_SECONDS))


@dataclass(frozen=True)
class Spec:
    """A characteristic: what is measured where, how it is charted, its limits and how the process behaves.

    unit: canonical unit; wire_unit: what the device sends when it speaks another one. pace: seconds between two
    points of the chart in the live plant.
    """

    code: str
    name: str
    station: str
    parameter: str
    unit: str
    decimals: int
    chart: str
    limits: tuple[float | None, float | None, float | None]
    behaviour: Behaviour
    pace: float
    rules: tuple[str, ...] = ("nelson_1", "nelson_2", "nelson_5")
    stale_after: int = 120
    wire_unit: str = ""
    critical: str = ""

    @property
    def line(self) -> str:
        """Code of the line, which the number of the characteristic begins with."""
        return f"L{self.code[1]}"

    @property
    def size(self) -> int:
        """Pieces per subgroup, or inspected units per count."""
        return self.behaviour.size

    @property
    def pieces(self) -> int:
        """Readings that make one point of the chart: a count is one reading however many units were inspected."""
        return 1 if self.behaviour.counts else self.behaviour.size


@dataclass(frozen=True)
class Joint:
    """Characteristics of one station, measured at the same moment, that are judged as one."""

    code: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Plant:
    """A site of an enterprise with its lines and characteristics, and the look-ups by code."""

    enterprise: str
    site: str
    name: str
    timezone: str
    lines: tuple[Line, ...]
    specs: tuple[Spec, ...]
    together: tuple[Joint, ...] = ()

    @cached_property
    def line(self) -> dict[str, Line]:
        """Lines by code."""
        return {line.code: line for line in self.lines}

    @cached_property
    def spec(self) -> dict[str, Spec]:
        """Characteristics by code."""
        return {spec.code: spec for spec in self.specs}

    def station(self, spec: Spec) -> Station:
        """The station a characteristic is measured at."""
        return next(station for station in self.line[spec.line].stations if station.code == spec.station)

    def station_topic(self, line: str, station: str) -> str:
        """Topic of a station: enterprise/site/area/line/station."""
        return f"{self.enterprise}/{self.site}/{self.line[line].area}/{line.lower()}/{station.lower()}"

    def path(self, spec: Spec) -> str:
        """Parameter path of a characteristic: its topic below the enterprise."""
        station = self.station_topic(spec.line, spec.station)
        return f"{station.removeprefix(self.enterprise + '/')}/{spec.parameter}"

    def clock(self, code: str) -> str:
        """The characteristic whose moments a characteristic shares: the first it is judged together with, or itself."""
        return next((joint.members[0] for joint in self.together if code in joint.members), code)

    def paces(self) -> dict[str, float]:
        """Seconds per chart point by code."""
        return {spec.code: spec.pace for spec in self.specs}
