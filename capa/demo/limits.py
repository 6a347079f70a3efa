"""The versions of control limits the demo plant has had: estimated from each era's first points, then released."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from capa.demo.people import Crew
from capa.demo.series import Series
from capa.demo.signing import signed
from governance.models import Characteristic
from iot.models import ControlLimits
from qms.core.actor import Actor
from qms.core.models import Signature
from qms.core.records import bulk_open
from spc import limits as estimating
from spc.samples import Sample, counted, individuals, subgroups

PHASE_ONE = 120  # points a version is estimated from; the very first judges from then on
COUNTED = 240  # the same for counts, which say less
LEARNED = 25


@dataclass(frozen=True)
class Version:
    """One version of limits: the points it rests on and when it began to judge."""

    first: int
    last: int
    starts: int
    reason: str


def moment(t: float) -> datetime:
    """Epoch seconds as a time with its zone."""
    return datetime.fromtimestamp(float(t), UTC)


def release(
    histories: Sequence[tuple[Characteristic, Series]], reasons: dict[str, list[str]], *, crew: Crew, by: Actor,
    more: Sequence[ControlLimits] = (),
) -> list[ControlLimits]:  # fmt: skip
    """Open every version as a record, signed by the quality manager when it was released; needs an act.

    `more`: versions that were estimated elsewhere; all are numbered in order of time.
    """
    rows = list(more)
    for characteristic, series in histories:
        rows += _versions(characteristic, series, reasons[series.spec.code], crew)
    rows.sort(key=lambda row: row.opened_at)
    bulk_open(ControlLimits, rows, by=by)
    Signature.objects.bulk_create(
        [signed(row, crew.users["manager"], at=row.state_since, step="release", meaning="approved") for row in rows]
    )
    return rows


def _versions(characteristic: Characteristic, series: Series, reasons: list[str], crew: Crew) -> list[ControlLimits]:
    starts = series.era_starts()
    if len(series.t) - starts[0] < LEARNED:
        return []
    spans = []
    for number, (start, reason) in enumerate(zip(starts, reasons, strict=True)):
        last = min(start + (COUNTED if series.spec.behaviour.counts else PHASE_ONE), len(series.t))
        spans.append(Version(start, last, start if number else last - 1, reason))
    rows = [_row(characteristic, series, version, crew) for version in spans]
    for revision, row in enumerate(rows, start=1):
        row.revision, row.title = revision, f"Limits {revision} of {characteristic.code} {characteristic.name}"
    for row, follower in itertools.pairwise(rows):
        row.state, row.updated_at = "superseded", follower.state_since
    rows[-1].state = "in_force"
    return rows


def _row(characteristic: Characteristic, series: Series, version: Version, crew: Crew) -> ControlLimits:
    span = slice(version.first, version.last)
    sample = _sample(series, span)
    usable = _untroubled(series, span)
    found = estimating.estimate(sample, keep=usable)
    lines = found.at(series.spec.size)
    center, upper = lines["center"], lines["ucl"]
    assert center is not None
    assert upper is not None
    released = moment(series.t[version.last - 1]) + timedelta(hours=1)
    return ControlLimits(
        site_id=characteristic.site_id, owner=crew.users["manager"], originator=crew.users["engineer"],
        opened_at=released - timedelta(minutes=40), state_since=released, updated_at=released, version=2,
        characteristic=characteristic, chart=characteristic.chart, size=series.spec.size,
        sigma_estimator=found.estimator, center=center, ucl=upper, lcl=lines["lcl"], sigma=(upper - center) / 3,
        sigma_within=found.sigma, spread_center=lines["spread_center"], spread_ucl=lines["spread_ucl"],
        spread_lcl=lines["spread_lcl"], n_points=found.points, first_point=moment(series.t[version.first]),
        last_point=moment(series.t[version.last - 1]), effective_from=moment(series.t[version.starts]),
        reason=version.reason, rules=[*characteristic.rules, *characteristic.own_rules],
    )  # fmt: skip


def _sample(series: Series, span: slice) -> Sample:
    values = series.values[span]
    if series.spec.chart == "p":
        return counted(values[:, 0], series.spec.size, chart="p")
    if series.spec.chart == "u":
        return counted(values[:, 0], series.spec.size, chart="u")
    if series.spec.chart == "i-mr":
        return individuals(values[:, 0])
    return subgroups(values, chart="xbar-s" if series.spec.chart == "xbar-s" else "xbar-r")


def _untroubled(series: Series, span: slice) -> NDArray[np.bool_]:
    """Points of phase I outside every known trouble."""
    t = series.t[span]
    usable = np.ones(len(t), dtype=np.bool_)
    for incident in series.incidents:
        usable &= ~incident.covers(t)
    return usable
