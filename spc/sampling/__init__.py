"""Acceptance sampling: plans by attributes and by variables, what they accept, and when to switch."""

from __future__ import annotations
