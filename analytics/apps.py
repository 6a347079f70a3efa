"""The room of analyses."""

from __future__ import annotations

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Makes the room's record known to the kernel."""

    name = "analytics"
    verbose_name = "Insight"

    def ready(self) -> None:
        """Register the kind, take a place in the navigation."""
        from analytics import places  # models exist only once the apps are loaded
        from analytics.models import Analysis
        from qms.core.records import register

        register(Analysis)
        places.take()
