"""Statistics for quality control: pure functions over arrays, frozen results, no I/O and no framework."""

from __future__ import annotations

VERSION = "1.0"  # kept with every result: rises when a figure of the same data would differ
