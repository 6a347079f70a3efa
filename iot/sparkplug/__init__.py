"""Sparkplug B 3.0: payloads, and what a host application knows of edge nodes. Knows no database."""

from __future__ import annotations
