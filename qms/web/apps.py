"""Configuration of the browser shell."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Base templates, components, list and record machinery, live pages."""

    name = "qms.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the shell's pages into the navigation."""
        from qms.web.nav import register  # models exist only once the apps are loaded
        from qms.web.places import PLACES

        register(*PLACES)
