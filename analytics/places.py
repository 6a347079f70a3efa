"""Where the room stands in the navigation, and what it offers in the palette."""

from __future__ import annotations

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
        )
    )
    nav.offer(NEW_ANALYSIS)
