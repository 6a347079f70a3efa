"""The records of the room: analyses, and gage studies."""

from __future__ import annotations

from analytics.models.analysis import Analysis, Source
from analytics.models.gaging import STANDS_BEHIND, Finding, GageStudy, Method, StudyCorrection, StudyRun

__all__ = ["STANDS_BEHIND", "Analysis", "Finding", "GageStudy", "Method", "Source", "StudyCorrection", "StudyRun"]
