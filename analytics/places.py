"""Where the room stands in the navigation, and what it offers in the palette."""

from __future__ import annotations

from analytics.views.gaging import NEW_STUDY
from analytics.views.lists import NEW_ANALYSIS
from qms.web import nav


def take() -> None:
    """Called once when the apps are ready."""
    nav.register(
        nav.Place(
            key="insight",
            label="Insight",
            url="analytics:analyses",
            icon="chart-histogram",
            permission="analysis.view",
            go="i",
            order=40,
        ),
        nav.Place(
            key="gage-studies",
            label="Gage studies",
            url="analytics:gage-studies",
            icon="ruler-measure",
            permission="gagestudy.view",
            group="more",
        ),
    )
    nav.offer(NEW_ANALYSIS, NEW_STUDY)
