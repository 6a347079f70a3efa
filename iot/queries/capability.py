"""What the process can hold: capability and histogram of the points under the limits in force."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from governance.models import COUNTED, MULTIVARIATE, SHORT_RUNS, Characteristic, Chart
from iot.models import ControlLimits, Signal, SignalState
from iot.queries.lists import see
from iot.queries.standing import Standing
from qms.core.actor import Actor
from spc.capability import Capability, Spec, capability, of_subgroups, of_values
from spc.display import histogram

_FEWEST = 25


@dataclass(frozen=True)
class CapabilityCard:
    """Capability with what it rests on; `refusal` says why there is none, `greyed` why it must not be quoted."""

    result: Capability | None
    revision: int | None
    n: int
    refusal: str = ""
    greyed: str = ""


def capability_of(characteristic: Characteristic, *, actor: Actor, standing: Standing | None = None) -> CapabilityCard:
    """Capability of the newest points under the limits in force; greyed while a signal is open or limits learn."""
    see(characteristic, actor)
    if characteristic.chart in COUNTED:
        return CapabilityCard(None, None, 0, refusal="A counted characteristic has no capability index.")
    if characteristic.chart in SHORT_RUNS:
        return CapabilityCard(None, None, 0, refusal="Several parts share this chart; capability is that of one part.")
    if characteristic.chart in MULTIVARIATE:
        return CapabilityCard(None, None, 0, refusal="Capability is that of each characteristic judged together here.")
    if characteristic.lsl is None and characteristic.usl is None:
        return CapabilityCard(None, None, 0, refusal="There is no specification limit to compare with.")
    standing = standing or Standing(characteristic)
    limits, points = standing.limits, standing.points
    values = sum(len(point) for point in points)
    if len(points) < _FEWEST:
        return CapabilityCard(None, None, values, refusal=f"{len(points)} points so far, {_FEWEST} are needed.")
    single = characteristic.subgroup_size == 1
    spread = of_values(np.array(points)[:, 0]) if single else of_subgroups(points, within=_estimator(characteristic))
    spec = Spec(characteristic.lsl, characteristic.usl, characteristic.target)
    unstable = _unstable(characteristic, limits)
    result = capability(spread, spec, stable=not unstable)
    return CapabilityCard(result, limits.revision if limits else None, values, greyed=unstable)


def _estimator(characteristic: Characteristic) -> str:
    return "mean of R/d2(n)" if characteristic.chart == Chart.XBAR_R else "mean of S/c4(n)"


def _unstable(characteristic: Characteristic, limits: ControlLimits | None) -> str:
    if characteristic.chart in (Chart.RESIDUAL, Chart.WIDENED):
        return "Greyed: neighbouring values are alike, so the within sigma is too small. Look at Ppk."
    if limits is None:
        return "Greyed: the limits are still being learned, so nobody knows yet whether the process is stable."
    if Signal.objects.filter(characteristic=characteristic, state=SignalState.OPEN).exists():
        return "Greyed: an open signal means the process is not stable. Not quoted until the signal has a cause."
    return ""


@dataclass(frozen=True)
class HistogramCard:
    """Bars and the normal curve over them."""

    bins: list[tuple[float, float, int]]
    normal: tuple[float, float] | None


def histogram_of(
    characteristic: Characteristic, *, actor: Actor, standing: Standing | None = None
) -> HistogramCard | None:
    """The distribution of the single values behind the newest points under the limits in force; None without data."""
    see(characteristic, actor)
    if characteristic.chart in SHORT_RUNS | MULTIVARIATE:  # values of several things are no distribution
        return None
    values = np.array([value for point in (standing or Standing(characteristic)).points for value in point])
    if not len(values):
        return None
    bars = histogram(values)
    bins = [
        (float(low), float(high), int(count))
        for low, high, count in zip(bars.edges[:-1], bars.edges[1:], bars.counts, strict=True)
    ]
    sigma = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return HistogramCard(bins, (float(values.mean()), sigma) if sigma > 0 else None)
