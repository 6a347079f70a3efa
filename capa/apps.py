"""The room of nonconformities and corrective action."""

from __future__ import annotations

from django.apps import AppConfig


class CapaConfig(AppConfig):
    """Makes the room's records known to the kernel."""

    name = "capa"
    verbose_name = "Nonconformity and CAPA"

    def ready(self) -> None:
        """Register the kinds and subscribe the handlers."""
        from capa import handlers  # noqa: F401, PLC0415  # models exist only once the apps are loaded
        from capa.models import Capa, Nonconformity  # noqa: PLC0415
        from qms.core.records import register  # noqa: PLC0415

        register(Nonconformity)
        register(Capa)
