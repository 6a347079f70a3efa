"""What the page shows of the effect: figures of the newest verdict, and the readings around the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from capa.models import Capa, Criterion, Verdict
from iot import queries as floor
from qms.core.actor import Actor

TONES = {"effective": "good", "not_effective": "signal", "not_shown": "quiet", "insufficient": "watch"}
MARKS = {"effective": "better", "not_effective": "worse", "not_shown": "same", "insufficient": "stale"}
POINTS = 60


@dataclass(frozen=True)
class EffectCard:
    """One criterion as the rail shows it; figures are None until a verdict was computed."""

    criterion: Criterion
    verdict: Verdict | None
    word: str
    tone: str
    mark: str
    day: int
    days: int
    ends: datetime | None
    scale: float
    unit: str
    decimals: int

    @property
    def share(self) -> int:
        """How much of the window has passed, in percent."""
        return min(100, round(100 * self.day / self.days)) if self.days else 0

    def value(self, name: str) -> float | None:
        """A figure of the verdict in the unit shown."""
        found = self.verdict.result.get(name) if self.verdict else None
        return None if found is None else found * self.scale

    @property
    def before(self) -> float | None:
        """The metric before the change."""
        return self.value("before")

    @property
    def after(self) -> float | None:
        """The metric since the change."""
        return self.value("after")

    @property
    def target(self) -> float | None:
        """The target in the unit shown."""
        return None if self.criterion.target is None else self.criterion.target * self.scale

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval of the change."""
        found = self.verdict.result.get("ci") if self.verdict else None
        return None if found is None else (found[0] * self.scale, found[1] * self.scale)

    @property
    def chance(self) -> str:
        """The p value in words."""
        p = self.verdict.result.get("p") if self.verdict else None
        return "" if p is None else "p < 0.001" if p < 0.001 else f"p = {p:.3f}"

    @property
    def method(self) -> str:
        """The test, by name."""
        return str(self.verdict.result.get("method", "")) if self.verdict else ""


def effect_cards(capa: Capa) -> list[EffectCard]:
    """One card per criterion of the present plan."""
    return [_card(row, capa) for row in capa.criterion_rows()]


def _card(row: Criterion, capa: Capa) -> EffectCard:
    verdict, share = row.newest(), row.metric in ("out_of_limit", "defect_proportion")
    start = capa.implemented_at
    day = max(0, (timezone.now() - start).days) if start else 0
    unit = "%" if share else ""
    if row.metric in ("mean", "spread") and row.characteristic is not None:
        unit = row.characteristic.parameter.unit
    word = "Not computed yet" if verdict is None else verdict.get_outcome_display()
    if verdict is not None and not verdict.final:
        word = "On course, not final" if verdict.outcome == "effective" else f"{word}, not final"
    return EffectCard(
        criterion=row, verdict=verdict, word=word,
        tone="quiet" if verdict is None else TONES[verdict.outcome],
        mark="stale" if verdict is None else MARKS[verdict.outcome],
        day=min(day, row.window_days), days=row.window_days,
        ends=start + timedelta(days=row.window_days) if start else None,
        scale=100.0 if share else 1.0, unit=unit,
        decimals=2 if share or row.characteristic is None else row.characteristic.decimals,
    )  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """One side of the change: points (time, value) and the limits of an individuals chart over them."""

    points: tuple[tuple[datetime, float], ...]
    center: float
    ucl: float
    lcl: float


@dataclass(frozen=True)
class StageChart:
    """Readings of a criterion's characteristic before and after, folded to at most POINTS means a side."""

    criterion: Criterion
    before: Stage
    after: Stage
    n_before: int
    n_after: int
    change: datetime


def stage_charts(capa: Capa, actor: Actor) -> list[StageChart]:
    """One chart per criterion once the change has taken effect; none before."""
    if capa.implemented_at is None:
        return []
    charts = [_chart(row, capa.implemented_at, actor) for row in capa.criterion_rows() if row.is_complete]
    return [chart for chart in charts if chart is not None]


def _chart(row: Criterion, change: datetime, actor: Actor) -> StageChart | None:
    assert row.characteristic is not None
    assert row.baseline_from is not None
    assert row.baseline_to is not None
    end = min(timezone.now(), change + timedelta(days=row.window_days))
    before = floor.readings_between(row.characteristic, row.baseline_from, min(row.baseline_to, change), actor=actor)
    after = floor.readings_between(row.characteristic, change, end, actor=actor)
    if len(before) < 2 or len(after) < 2:
        return None
    return StageChart(row, _stage(before), _stage(after), len(before), len(after), change)


def _stage(readings: Sequence[tuple[datetime, float]]) -> Stage:
    points = _folded(readings)
    values = [value for _, value in points]
    center = sum(values) / len(values)
    moving = [abs(b - a) for a, b in zip(values, values[1:], strict=False)]
    reach = 2.66 * sum(moving) / len(moving) if moving else 0.0
    return Stage(tuple(points), center, center + reach, center - reach)


def _folded(readings: Sequence[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    """Means of equal slices, in order of time; the readings themselves when there are few."""
    size = -(-len(readings) // POINTS)
    slices = [readings[k : k + size] for k in range(0, len(readings), size)]
    return [(part[-1][0], sum(value for _, value in part) / len(part)) for part in slices]
