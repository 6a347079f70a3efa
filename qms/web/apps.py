"""Configuration of the browser shell."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Base templates, components, list and record machinery, live pages."""

    name = "qms.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
