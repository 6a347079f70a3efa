"""Wiring: settings, URLs, ASGI and Celery. Imports every room, imported by none."""
