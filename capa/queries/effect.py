"""What the page shows of the effect: figures of the newest verdict and the chart it kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.safestring import SafeString

from capa.models import Capa, Criterion, Verdict
from qms.web.svg import Chart, control_chart
from qms.web.words import places

TONES = {"effective": "good", "not_effective": "signal", "not_shown": "quiet", "insufficient": "watch"}
MARKS = {"effective": "better", "not_effective": "worse", "not_shown": "same", "insufficient": "stale"}


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
    usual: int

    @property
    def decimals(self) -> int:
        """Decimals that show before, after and target with two significant digits; never fewer than usual."""
        return places(self.before, self.after, self.target, least=self.usual)

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

    @property
    def chart(self) -> SafeString | None:
        """The metric before and after, drawn from what the verdict kept; None when there was too little to draw."""
        data = self.verdict.result.get("chart") if self.verdict else None
        return control_chart(Chart.from_json(data), size=(860, 300), zones=False) if data else None

    @property
    def caption(self) -> str:
        """What the chart shows and rests on."""
        data = self.verdict.result.get("chart") if self.verdict else None
        return str(data["caption"]) if data else ""


def effect_cards(capa: Capa) -> list[EffectCard]:
    """One card per criterion of the present plan."""
    rows = capa.criterion_rows()
    last = Verdict.objects.filter(criterion__in=rows).order_by("criterion_id", "-at", "-id").distinct("criterion_id")
    newest = {verdict.criterion_id: verdict for verdict in last}
    return [_card(row, newest.get(row.pk), capa) for row in rows]


def _card(row: Criterion, verdict: Verdict | None, capa: Capa) -> EffectCard:
    share = row.metric in ("out_of_limit", "defect_proportion")
    start = capa.implemented_at
    day = max(0, (timezone.now() - start).days) if start else 0
    unit = "%" if share else ""
    if row.metric in ("mean", "spread") and row.characteristic is not None:
        unit = row.characteristic.parameter.unit
    word = "Not computed yet" if verdict is None else verdict.get_outcome_display()
    if verdict is not None and not verdict.final:
        word = "On course, not final" if verdict.outcome == "effective" else f"{word}, not final"
    return EffectCard(
        criterion=row,
        verdict=verdict,
        word=word,
        tone="quiet" if verdict is None else TONES[verdict.outcome],
        mark="stale" if verdict is None else MARKS[verdict.outcome],
        day=min(day, row.window_days),
        days=row.window_days,
        ends=start + timedelta(days=row.window_days) if start else None,
        scale=100.0 if share else 1.0,
        unit=unit,
        usual=2 if share or row.characteristic is None else row.characteristic.decimals,
    )
