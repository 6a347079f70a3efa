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
from iot.models.readings import Correction, Device, DeviceActivity, IngestCount, Quarantine, Reading, ReadingFlag

__all__ = [
    "Annotation",
    "ChartState",
    "ControlLimits",
    "Correction",
    "Device",
    "DeviceActivity",
    "Exclusion",
    "IngestCount",
    "ProductionRun",
    "Quarantine",
    "Reading",
    "ReadingFlag",
    "Signal",
    "SignalDecision",
    "SignalState",
    "Subgroup",
]
