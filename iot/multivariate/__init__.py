"""Several characteristics judged as one vector: forming it from readings, judging it, and what makes it begin."""

from __future__ import annotations
