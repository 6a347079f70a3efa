"""The kernel's app."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    """Label `core`."""

    name = "qms.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The states of the flows follow every migrate."""
        from qms.core.states import write_flow_states  # models can be imported only once the apps are loaded

        post_migrate.connect(write_flow_states, sender=self, dispatch_uid="flow states")
