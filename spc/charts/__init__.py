"""Control charts: the Shewhart family with stored limits, and the time-weighted, rare-event and multivariate charts."""

from __future__ import annotations

from spc.charts.shewhart import Chart, Panel, Setup, Stage, draw, judge

__all__ = ["Chart", "Panel", "Setup", "Stage", "draw", "judge"]
