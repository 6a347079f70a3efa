"""The page of a version of control limits."""

from __future__ import annotations

import math
from typing import Any

from governance.models import MULTIVARIATE, UNRULED, Characteristic, Chart
from iot import queries
from iot.charting.plans import rules_of_version
from iot.models import ControlLimits
from iot.places import SECTIONS
from qms.web.pages import Column, RecordListView, RecordPage
from qms.web.pages.columns import RECORD_COLUMNS
from qms.web.svg import control_chart
from qms.web.words import number

_CORRELATIONS = 10  # named on the page of a version

_KEPT = {
    "weight": "Weight λ", "width": "Width L, in sigmas", "k": "Slack k, in sigmas", "h": "Interval h, in sigmas",
    "span": "Span w, in points", "alpha": "Risk of a false alarm, α", "arl": "Points between false alarms",
    "power": "Power of times", "phi": "Coefficient φ of the model",
    "level": "Level of the model", "sigma_z": "Spread against chance, σz", "root": "Centre of the roots",
}  # fmt: skip


def _fitted(limits: ControlLimits) -> list[tuple[str, str]]:
    """The design of a version and what was fitted to its points, in words."""
    found = [(label, f"{limits.design[name]:.5g}") for name, label in _KEPT.items() if name in limits.design]
    parts = dict(limits.design.get("targets", {}))
    words = [f"{part}: {to:g}" + (f", sigma {sigma:g}" if sigma else "") for part, (to, sigma) in parts.items()]
    judging = "; ".join(f"{rule.label}: {rule.words}" for rule in rules_of_version(limits))
    found += _vector(limits) if limits.chart in MULTIVARIATE else []
    found += [("Judges by", judging)] if judging and limits.chart not in UNRULED else []
    return [*found, *([("Nominals", "; ".join(words))] if words else [])]


def _vector(limits: ControlLimits) -> list[tuple[str, str]]:
    """Means, standard deviations and correlations of what is judged together, in words."""
    design = limits.design
    known = Characteristic.objects.in_bulk(design["members"])
    names = [known[pk].name for pk in design["members"]]
    spread = [math.sqrt(line[at]) for at, line in enumerate(design["cov"])]
    means = [f"{name}: {mean:.5g}" for name, mean in zip(names, design["mean"], strict=True)]
    sigmas = [f"{name}: {sigma:.4g}" for name, sigma in zip(names, spread, strict=True)]
    pairs = [(i, j) for i in range(len(names)) for j in range(i)]
    alike = [(design["cov"][i][j] / (spread[i] * spread[j]), names[j], names[i]) for i, j in pairs]
    strongest = sorted(alike, key=lambda one: -abs(one[0]))[:_CORRELATIONS]
    correlations = [f"{a} with {b}: {number(r, 2, sign=True)}" for r, a, b in strongest]
    found = [("Means", "; ".join(means)), ("Standard deviations", "; ".join(sigmas))]
    found.append(("Strongest correlations", "; ".join(correlations)))
    beyond = [f"{n:,}" for n in design.get("beyond", ())]
    return [*found, *([("Beyond the limit of phase I", f"points {', '.join(beyond[:20])}")] if beyond else [])]


class LimitsPage(RecordPage):
    """One version: its figures, the points it rests on, its release."""

    policy = "limits.view"
    model = ControlLimits
    template_name = "iot/limits.html"
    nav = "process"
    crumbs = (("Process", "iot:overview"), ("Control limits", "iot:limits-list"))

    def context(self, **kwargs: Any) -> dict[str, Any]:
        found = super().context(**kwargs)
        limits = found["record"]
        row = limits.characteristic
        chart = (
            queries.chart_data(row, actor=self.actor, since=limits.first_point, until=None)
            if limits.first_point
            else None
        )
        return {
            **found,
            "row": row,
            "chart": Chart(limits.chart).label,
            "fitted": _fitted(limits),
            "joint": limits.chart in MULTIVARIATE,
            "drawing": control_chart(chart) if chart and chart.points else "",
        }


class LimitsList(RecordListView):
    """Every version of control limits."""

    key = "control-limits"
    title = "Control limits"
    nav = "process"
    family = "Process"
    sections = SECTIONS
    policy = "limits.view"
    model = ControlLimits
    noun = "limit versions"
    purpose = "A version of limits is proposed from measured points and released by signature. There is none yet."
    columns = (
        *RECORD_COLUMNS[:3],
        Column(key="code", label="Code", value="characteristic.code", kind="mono", sort="characteristic__code"),
        Column(key="center", label="Centre", kind="number", decimals=4),
        Column(key="lcl", label="LCL", kind="number", decimals=4),
        Column(key="ucl", label="UCL", kind="number", decimals=4),
        Column(key="unit", label="Unit", value="characteristic.drawn_in"),
        Column(key="from", label="From", value="effective_from", kind="time", sort="effective_from"),
        Column(key="reason", label="Reason"),
        RECORD_COLUMNS[5],
    )

    def queryset(self) -> Any:
        return super().queryset().select_related("characteristic__parameter")
