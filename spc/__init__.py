"""Statistics for quality control: pure functions over arrays, frozen results, no I/O and no framework."""

from __future__ import annotations
