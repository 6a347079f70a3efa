"""The component reference: every component with its states, drawn from fixed numbers."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString

from qms.web import svg
from qms.web.marks import MARKS
from qms.web.pages import Page
from qms.web.svg.trend import Limits

_START = datetime(2026, 11, 16, 5, 0, tzinfo=UTC)


def _wobble(index: int) -> float:
    """A fixed, plausible wobble without a random source."""
    return math.sin(index * 12.9898) * 0.6 + math.sin(index * 78.233) * 0.4


def example_chart() -> svg.Chart:
    """Eighty points in two stages with a closed signal, an excluded point and an open one."""
    points = []
    for index in range(80):
        value = (8.548 if index < 36 else 8.612) + 0.075 * _wobble(index)
        rules: tuple[int, ...] = (1,) if index == 9 else ((5,) if index == 79 else ())
        value = {9: 8.943, 50: 8.89, 78: 8.43, 79: 8.411}.get(index, value)
        spread = 0.43 + 0.2 * _wobble(index + 400)
        moment = _START + timedelta(minutes=90 * index)
        points.append(svg.Point(index + 1, moment, value, spread, rules, excluded=index == 50, id=index + 1))
    stages = [
        svg.Stage(1, 8.548, 8.783, 8.313, 0.078, 0.406, 0.858, None, "Limits v4, from 8 Oct"),
        svg.Stage(37, 8.612, 8.863, 8.361, 0.084, 0.434, 0.918, None, "Limits v5", "load cell recalibrated"),
    ]
    return svg.Chart(
        points,
        stages,
        unit="kN",
        title="Press-in force",
        zone="Europe/Berlin",
        signals=[
            svg.SignalMark(1, 10, (1,), "1 mean beyond 3σ, high side", "closed"),
            svg.SignalMark(2, 80, (5,), "2 of 3 means beyond 2σ, low side", "open"),
        ],
        events=[svg.Event(10, "Load cell zero drift"), svg.Event(37, "Recalibration"), svg.Event(76, "Lot KB-90117")],
    )


def _cell(index: int, name: str, state: str, word: str) -> dict[str, Any]:
    values: list[float | None] = [8.6 + 0.08 * _wobble(i + 97 * index) for i in range(18 if state == "learn" else 48)]
    rules = {}
    if state in {"signal", "watch"}:
        values[-3:] = [8.5, 8.45, 8.405]
        rules = {46: "5", 47: "5"}
    chart = svg.sparkline(values, limits=(8.36, 8.61, 8.86), rules=rules, state=state, name=name, unit="kN")
    return {
        "code": f"C20{index}",
        "name": name,
        "state": state,
        "word": word,
        "chart": chart,
        "value": values[-1],
        "decimals": 3,
        "unit": "kN",
        "stable": state == "ok",
        "capability": "Cpk 1.53" if state == "ok" else "Cpk (1.42)",
        "why": "Rule 5: 2 of 3 past 2σ" if rules else "X̄-R n5",
        "at": timezone.now() - timedelta(seconds=4 + index * 13),
        "url": "#",
    }


def example_figures() -> dict[str, SafeString]:
    """Histogram, Pareto and trend of fixed numbers."""
    bins = [(7.9 + 0.08 * i, 7.98 + 0.08 * i, round(90 * math.exp(-(((i - 8.5) / 3.2) ** 2)))) for i in range(18)]
    rates = [96.2 + 0.6 * _wobble(i + 300) + (0.0 if i < 12 else 1.4) for i in range(24)]
    stages = [Limits(0, 11, 94.6, 96.2, 97.8), Limits(12, 23, 96.1, 97.6, 99.1, "air gauge")]
    defects = [("Dimension", 8220.0), ("Press fit", 4120.0), ("Coating", 2890.0), ("Leak", 2210.0), ("Other", 1430.0)]
    return {
        "histogram": svg.histogram(bins, spec={"LSL": 7.8, "T": 8.6, "USL": 9.4}, normal=(8.6, 0.18), unit="kN"),
        "pareto": svg.pareto(defects, unit="€", name="Cost by defect", size=(308, 150)),
        "trend": svg.trend(rates, stages=stages, target=98.0, unit="%", size=(308, 96)),
    }


class Look(Page):
    """The reference of components for whoever builds or reviews pages."""

    policy = "signed-in"
    template_name = "web/look.html"
    title = "Look"
    nav = "look"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """Fixed examples."""
        return example_context()


def example_context() -> dict[str, Any]:
    """Everything the component reference shows."""
    chart = example_chart()
    names = [("Press-in force", "signal", "Signal"), ("Press-in depth", "ok", "In control")]
    names += [
        ("Coating", "stale", "No data"),
        ("Adhesive mass", "learn", "Learning"),
        ("Groove width", "watch", "Watch"),
    ]
    names += [
        ("Screw torque", "ok", "In control"),
        ("Leak rate", "ok", "In control"),
        ("Axial play", "ok", "In control"),
    ]
    return {
        "now": timezone.now(),
        "marks": MARKS,
        "chart": svg.control_chart(chart),
        "chart_data": chart.as_json(),
        "cells": [_cell(i + 1, *row) for i, row in enumerate(names)],
        **example_figures(),
    }
