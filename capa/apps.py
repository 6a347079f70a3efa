"""The room of nonconformities and corrective action."""

from __future__ import annotations

from django.apps import AppConfig


class CapaConfig(AppConfig):
    """Makes the room's records known to the kernel."""

    name = "capa"
    verbose_name = "Nonconformity and CAPA"

    def ready(self) -> None:
        """Register the kinds, take a place in the navigation."""
        from capa import places  # models exist only once the apps are loaded
        from capa.demo import start
        from capa.models import Capa, Deviation, Nonconformity
        from qms.core.records import register

        register(Nonconformity)
        register(Capa)
        register(Deviation)
        places.take()
        start.take()
