"""Shapes of the room in the API."""

from __future__ import annotations

from analytics.serializers.analyses import (
    AnalysisChange,
    AnalysisIn,
    AnalysisOut,
    AnalysisRow,
    CharacteristicField,
    ColumnField,
)
from analytics.serializers.gaging import (
    CorrectIn,
    EnterIn,
    GageField,
    GageStudyChange,
    GageStudyIn,
    GageStudyOut,
    NextRunOut,
    StudyRunOut,
)

__all__ = [
    "AnalysisChange",
    "AnalysisIn",
    "AnalysisOut",
    "AnalysisRow",
    "CharacteristicField",
    "ColumnField",
    "CorrectIn",
    "EnterIn",
    "GageField",
    "GageStudyChange",
    "GageStudyIn",
    "GageStudyOut",
    "NextRunOut",
    "StudyRunOut",
]
