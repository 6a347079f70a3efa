"""The demo plant: its people, its history and its records, made once by `manage.py demo`."""

from __future__ import annotations
