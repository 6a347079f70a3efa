"""Registers the master data room."""

from __future__ import annotations

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """Master data every other room refers to."""

    name = "governance"
    label = "governance"
    verbose_name = "Master data"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take a place in the navigation."""
        from governance.places import COMMANDS, IMPORT, PLACES, WAYS
        from qms.web import nav, starts

        nav.register(*PLACES)
        nav.offer(*COMMANDS)
        starts.offer(IMPORT)
        starts.lead(*WAYS)
