"""Charts made on the server in the chart grammar of the pages: pure functions, deterministic, no style attributes.

Small multiples, frozen evidence and everything printed are drawn here; the interactive chart draws the same data
(`Chart.as_json`) in the browser.
"""

from __future__ import annotations

from qms.web.svg.band import Band, band
from qms.web.svg.bars import meter, pareto, pareto_strip
from qms.web.svg.control import control_chart
from qms.web.svg.data import Chart, Event, Point, SignalMark, Stage
from qms.web.svg.fishbone import Bone, Twig, fishbone
from qms.web.svg.groups import Fit, Group, curve, groups, scatter, shares
from qms.web.svg.histogram import histogram
from qms.web.svg.series import Track, series
from qms.web.svg.spark import sparkline
from qms.web.svg.trend import trend

__all__ = [
    "Band",
    "Bone",
    "Chart",
    "Event",
    "Fit",
    "Group",
    "Point",
    "SignalMark",
    "Stage",
    "Track",
    "Twig",
    "band",
    "control_chart",
    "curve",
    "fishbone",
    "groups",
    "histogram",
    "meter",
    "pareto",
    "pareto_strip",
    "scatter",
    "series",
    "shares",
    "sparkline",
    "trend",
]
