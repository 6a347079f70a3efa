"""From a message to rows: reference data, intake, storing, judging, in one transaction per batch."""

from __future__ import annotations
