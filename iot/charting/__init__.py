"""How readings become points, points become masks, and masks become signals."""

from __future__ import annotations
