"""The room of analyses."""

from __future__ import annotations

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Makes the room's record known to the kernel."""

    name = "analytics"
    verbose_name = "Insight"

    def ready(self) -> None:
        """Register the kind, take a place in the navigation."""
        from analytics import handlers, places  # noqa: F401 - models exist only now; subscribing is importing
        from analytics.demo import fill
        from analytics.models import Analysis, GageStudy
        from analytics.queries import studies_behind
        from capa.demo.load import add_to
        from governance.queries import know_studies
        from qms.core.records import register

        register(Analysis)
        register(GageStudy)
        know_studies(studies_behind)
        add_to(fill)
        places.take()
