"""The one shape of control chart data: what the page fetches, what is frozen as evidence, what is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Point:
    """One plotted point: `n` is its running number, `t` its moment, `rules` the numbers of the rules it breaks.

    `ucl` and `lcl` are set only where limits follow the sample size (p and u charts). A `missing` point is an empty
    place before the point of the same number: readings that never came.
    """

    n: int
    t: datetime
    value: float | None
    spread: float | None = None
    rules: tuple[int | str, ...] = ()
    excluded: bool = False
    limits: int | None = None
    id: int | None = None
    ucl: float | None = None
    lcl: float | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """Limits in force from point number `from_n` on; None where the chart kind has no such line."""

    from_n: int
    center: float | None
    ucl: float | None
    lcl: float | None
    sigma: float | None = None
    spread_center: float | None = None
    spread_ucl: float | None = None
    spread_lcl: float | None = None
    label: str = ""
    reason: str = ""
    limits_id: int | None = None


@dataclass(frozen=True, slots=True)
class SignalMark:
    """A signal at point number `point`; open ones are drawn filled."""

    id: int
    point: int
    rules: tuple[int | str, ...] = ()
    words: str = ""
    state: str = "open"


@dataclass(frozen=True, slots=True)
class Event:
    """A word for the lane under the chart at point number `n`."""

    n: int
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything a control chart shows. Times are aware; `zone` is the plant's."""

    points: Sequence[Point]
    stages: Sequence[Stage]
    unit: str = ""
    decimals: int = 3
    title: str = ""
    zone: str = "UTC"
    signals: Sequence[SignalMark] = ()
    events: Sequence[Event] = ()
    location: str = "Mean x̄"
    spread: str = "Range R"
    center_mark: str = "x̿"
    spread_center_mark: str = "R̄"
    stepped: bool = False
    spec: Mapping[str, float | None] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain data for JSON: ISO times, `from` for the first point of a stage, labels together."""
        labels = {
            "location": self.location,
            "spread": self.spread,
            "center": self.center_mark,
            "spread_center": self.spread_center_mark,
        }
        return {
            "title": self.title,
            "unit": self.unit,
            "decimals": self.decimals,
            "zone": self.zone,
            "stepped": self.stepped,
            "labels": labels,
            "spec": dict(self.spec),
            "points": [{**asdict(p), "t": p.t.isoformat(), "rules": list(p.rules)} for p in self.points],
            "stages": [_stage_json(stage) for stage in self.stages],
            "signals": [{**asdict(s), "rules": list(s.rules)} for s in self.signals],
            "events": [asdict(event) for event in self.events],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The chart again from `as_json` data, for instance from frozen evidence."""
        labels = data.get("labels", {})
        return cls(
            points=[_point(p) for p in data["points"]],
            stages=[
                Stage(**{**{k: v for k, v in s.items() if k != "from"}, "from_n": s["from"]}) for s in data["stages"]
            ],
            unit=data.get("unit", ""),
            decimals=data.get("decimals", 3),
            title=data.get("title", ""),
            zone=data.get("zone", "UTC"),
            signals=[SignalMark(**{**s, "rules": tuple(s.get("rules", ()))}) for s in data.get("signals", ())],
            events=[Event(**event) for event in data.get("events", ())],
            location=labels.get("location", "Mean x̄"),
            spread=labels.get("spread", "Range R"),
            center_mark=labels.get("center", "x̿"),
            spread_center_mark=labels.get("spread_center", "R̄"),
            stepped=data.get("stepped", False),
            spec=data.get("spec", {}),
        )


def _stage_json(stage: Stage) -> dict[str, Any]:
    fields = asdict(stage)
    return {"from": fields.pop("from_n"), **fields}


def _point(data: Mapping[str, Any]) -> Point:
    moment = data["t"]
    fields = {**data, "t": datetime.fromisoformat(moment) if isinstance(moment, str) else moment}
    return Point(**{**fields, "rules": tuple(data.get("rules", ()))})
