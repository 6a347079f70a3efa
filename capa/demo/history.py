"""Eighteen months on the floor: readings, limit versions, points and signals, judged as live ones are."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from capa.demo.copying import copy_readings, make_partitions
from capa.demo.limits import moment, release
from capa.demo.people import Crew
from capa.demo.series import Series, make
from governance.models import Characteristic
from iot.charting.course import Value
from iot.charting.judge import judge
from iot.charting.plans import plans
from iot.models import ControlLimits
from iot.plant.norrvik import PLANT
from qms.core.actor import Actor
from qms.core.trail import acting

SEED = 2026


def generate(now: datetime) -> dict[str, Series]:
    """The series of every characteristic by code, ending at `now`."""
    return {spec.code: make(spec, PLANT.line[spec.line], seed=SEED, now=now.timestamp()) for spec in PLANT.specs}


def load(
    characteristics: Mapping[str, Characteristic], histories: Mapping[str, Series], reasons: dict[str, list[str]],
    *, now: datetime, crew: Crew, by: Actor, more: Sequence[ControlLimits] = (),
) -> int:  # fmt: skip
    """Store the series as readings and judge them chart by chart; returns the number of readings.

    `more`: versions of limits beside those of the series.
    """
    pairs = [(characteristics[code], series) for code, series in histories.items()]
    first = min(moment(series.t[0]) for series in histories.values())
    with acting(by):
        make_partitions(first.date().isoformat(), (now + timedelta(days=62)).date().isoformat())
        stored = sum(copy_readings(series, characteristic.parameter_id) for characteristic, series in pairs)
        release(pairs, reasons, crew=crew, by=by, more=more)
        for plan in plans(only=[characteristic.pk for characteristic, _ in pairs]):
            judge({plan: _values(histories[plan.code])}, now=now, by=by)
    return stored


def _values(series: Series) -> list[Value]:
    """The pieces of a series in order, as the judge takes them."""
    pieces = series.values.shape[1]
    lots = [lot for lot in series.lots for _ in range(pieces)]
    times = [moment(t) for t in series.piece_times().ravel().tolist()]
    return list(map(Value, times, itertools.repeat(0), series.values.ravel().tolist(), lots))
