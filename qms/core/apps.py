"""The kernel's app."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    """Label `core`."""

    name = "qms.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Learn every room's handlers; the states of the flows follow every migrate."""
        from qms.core.states import write_flow_states  # models can be imported only once the apps are loaded

        autodiscover_modules("handlers")  # publish() writes one delivery per handler, so every process must know them
        post_migrate.connect(write_flow_states, sender=self, dispatch_uid="flow states")
