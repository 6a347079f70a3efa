"""Readings as the worker hands them to the roll-ups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from iot.copying import micros
from iot.rollups import batch


def roll_up(rows: Sequence[tuple[int, datetime, float]], *, now: datetime) -> None:
    """Roll up sound readings of parameter, time and value."""
    parameters, times, values = zip(*rows, strict=True)
    columns = np.array(parameters), np.array([micros(t) for t in times]), np.array(values, np.float64)
    batch.roll_up(*columns, np.zeros(len(rows), np.int64), now=now)
