"""Fixtures of every test."""

from __future__ import annotations

from tests.database import django_db_setup, fresh_database

__all__ = ["django_db_setup", "fresh_database"]
