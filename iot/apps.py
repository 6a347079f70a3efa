"""Registers the floor: readings, charts, signals."""

from __future__ import annotations

from django.apps import AppConfig


class IotConfig(AppConfig):
    """What the floor says and what the charts make of it."""

    name = "iot"
    label = "iot"
    verbose_name = "Process"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the kind known, subscribe the handlers."""
        from governance.queries import know_doubts
        from governance.services import know_measured
        from iot import handlers  # noqa: F401 - subscribing is importing
        from iot.metrics import floor_metrics
        from iot.models import ControlLimits
        from iot.peeks import signal_panel
        from iot.places import ALARMS, PLACES, WAYS, find_characteristics, may_hear
        from iot.queries import doubt_of, has_readings, ingest_health
        from qms.core import health
        from qms.core.metrics import measure
        from qms.core.records import register
        from qms.web import nav, peeks, starts, topics

        register(ControlLimits)
        health.check(ingest_health)
        measure(floor_metrics)
        know_measured(has_readings)
        know_doubts(doubt_of)
        nav.register(*PLACES)
        starts.lead(*WAYS)
        nav.find_with(find_characteristics)
        nav.watch_alarms(url="iot:signals", count=ALARMS)
        topics.topic_check("characteristic")(may_hear)
        peeks.show("signal", signal_panel)
