"""Reads of the room, always scoped to the actor."""

from __future__ import annotations

from analytics.queries.analyses import (
    MOST_CHARACTERISTICS,
    TAKES_EVIDENCE,
    analyses_of,
    characteristics_of,
    evidence_targets,
    picked,
    used_in,
)
from analytics.queries.gaging import (
    gage_studies_of,
    is_blind,
    last_run_of,
    next_run_of,
    operators_of,
    progress_of,
    runs_of,
    studies_behind,
    who_may_measure,
)

__all__ = [
    "MOST_CHARACTERISTICS",
    "TAKES_EVIDENCE",
    "analyses_of",
    "characteristics_of",
    "evidence_targets",
    "gage_studies_of",
    "is_blind",
    "last_run_of",
    "next_run_of",
    "operators_of",
    "picked",
    "progress_of",
    "runs_of",
    "studies_behind",
    "used_in",
    "who_may_measure",
]
