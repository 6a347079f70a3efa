"""Registers the floor: readings, charts, signals."""

from __future__ import annotations

from django.apps import AppConfig


class IotConfig(AppConfig):
    """What the floor says and what the charts make of it."""

    name = "iot"
    label = "iot"
    verbose_name = "Process"
    default_auto_field = "django.db.models.BigAutoField"
