"""The chart of the demo plant that judges several characteristics as one: its month of vectors and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from capa.demo.limits import moment
from capa.demo.people import Crew
from capa.demo.series import Series
from governance.models import Characteristic
from governance.services import Together, judge_together
from iot.charting.phase_one import Span, phase_one
from iot.models import ControlLimits, Subgroup
from iot.multivariate.judge import judge_noted
from iot.multivariate.rows import note_past
from iot.plant.plant import Joint
from qms.core.actor import Actor
from qms.core.trail import acting

KEPT = 1_000  # newest readings of each member that are put together
PHASE_ONE = 240  # vectors the limits are estimated from


@dataclass(frozen=True)
class Vectors:
    """What is known of several series at the times they share: `values` has a column for each."""

    series: tuple[Series, ...]
    t: NDArray[np.float64]
    values: NDArray[np.float64]

    def untroubled(self) -> NDArray[np.bool_]:
        """The vectors outside every known trouble of their members."""
        keep = np.ones(len(self.t), dtype=np.bool_)
        for incident in (one for series in self.series for one in series.incidents):
            keep &= ~incident.covers(self.t)
        return keep

    def as_series(self) -> Series:
        """The same as a history, for what people made of its signals."""
        first = self.series[0]
        incidents = tuple(one for series in self.series for one in series.incidents)
        return replace(first, eras=first.eras[-1:], t=self.t, values=self.values, incidents=incidents)


@dataclass(frozen=True)
class Judged:
    """The chart, its limits before they are opened, and its history."""

    row: Characteristic
    limits: ControlLimits
    history: Series


def build(
    characteristics: Mapping[str, Characteristic], histories: Mapping[str, Series], joint: Joint,
    *, crew: Crew, by: Actor,
) -> Judged:  # fmt: skip
    """Judge characteristics together that share their times; the limits are to be opened with those of the others."""
    with acting(by):
        members = [characteristics[code] for code in joint.members]
        row = judge_together(Together(members, wait=30.0), code=joint.code, name=joint.name, by=by)
    vectors = _meet(tuple(histories[code] for code in joint.members))
    return Judged(row, _limits(row, vectors, crew), vectors.as_series())


def look_back(joint: Judged, *, now: datetime, by: Actor) -> None:
    """Put the newest readings of its members together and judge them."""
    with acting(by):
        note_past(joint.row.pk)
        judge_noted([joint.row.pk], now=now, by=by)


def _meet(series: tuple[Series, ...]) -> Vectors:
    shared = series[0].t
    for one in series[1:]:
        shared = np.intersect1d(shared, one.t)
    shared = shared[shared >= max(one.t[-KEPT] for one in series)]
    columns = [one.values[np.searchsorted(one.t, shared), 0] for one in series]
    return Vectors(series, shared, np.column_stack(columns))


def _limits(row: Characteristic, vectors: Vectors, crew: Crew) -> ControlLimits:
    """Limits from the first of the vectors, in force since the next one."""
    keep = vectors.untroubled()[:PHASE_ONE]
    points = [
        Subgroup(n=n, t=moment(t), values=values, mean=0.0)
        for n, (t, values) in enumerate(zip(vectors.t[:PHASE_ONE], vectors.values.tolist(), strict=False), start=1)
    ]
    found = phase_one(Span(row, points, keep, "", [None] * PHASE_ONE))
    upper = found.lines["ucl"]
    assert upper is not None
    released = points[-1].t + timedelta(hours=1)
    return ControlLimits(
        site_id=row.site_id, title=f"Limits 1 of {row.code} {row.name}", owner=crew.users["manager"],
        originator=crew.users["engineer"], opened_at=released - timedelta(minutes=40), state="in_force",
        state_since=released, updated_at=released, version=2, characteristic=row, revision=1, chart=row.chart,
        size=row.subgroup_size, sigma_estimator=found.estimator, center=0.0, ucl=upper, sigma=1.0,
        n_points=found.points, first_point=points[0].t, last_point=points[-1].t,
        effective_from=moment(vectors.t[PHASE_ONE]), reason=f"First limits from {found.points} vectors",
        design=dict(found.design), rules=[*row.rules, *row.own_rules],
    )  # fmt: skip
