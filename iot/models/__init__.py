"""Tables of the floor: devices and readings, charts and signals."""

from __future__ import annotations

from iot.models.charts import (
    Annotation,
    ChartState,
    ControlLimits,
    Exclusion,
    ProductionRun,
    Signal,
    SignalDecision,
    SignalState,
    Subgroup,
)
from iot.models.gaps import ReadingGap, SequenceMark
from iot.models.joint import VectorGap, VectorNote, VectorPoint
from iot.models.profiles import DeviceProfile
from iot.models.readings import (
    Correction,
    Device,
    DeviceActivity,
    IngestCount,
    Quarantine,
    Reading,
    ReadingFlag,
    SourceCount,
    StoredReading,
)
from iot.models.sparkplug import EdgeNode, NodeBirth
from iot.models.storage import LEAST_DAYS, Retention, RetentionClass, RetentionMark, RetentionRun

__all__ = [
    "LEAST_DAYS",
    "Annotation",
    "ChartState",
    "ControlLimits",
    "Correction",
    "Device",
    "DeviceActivity",
    "DeviceProfile",
    "EdgeNode",
    "Exclusion",
    "IngestCount",
    "NodeBirth",
    "ProductionRun",
    "Quarantine",
    "Reading",
    "ReadingFlag",
    "ReadingGap",
    "Retention",
    "RetentionClass",
    "RetentionMark",
    "RetentionRun",
    "SequenceMark",
    "Signal",
    "SignalDecision",
    "SignalState",
    "SourceCount",
    "StoredReading",
    "Subgroup",
    "VectorGap",
    "VectorNote",
    "VectorPoint",
]
