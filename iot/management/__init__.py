"""Management commands of the floor."""

from __future__ import annotations
