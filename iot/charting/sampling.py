"""Points of a chart as the statistics take them, and its limits likewise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from governance.models import AVERAGED, Characteristic, Chart
from iot.models import ControlLimits, Subgroup
from spc import samples
from spc.limits import Limits
from spc.samples import Kind, Sample

_COUNTS: Mapping[str, Literal["p", "np", "c", "u"]] = {
    Chart.P.value: "p", Chart.NP.value: "np", Chart.C.value: "c", Chart.U.value: "u", Chart.EWMA_P.value: "p",
    Chart.EWMA_U.value: "u",
}  # fmt: skip
SAMPLED = AVERAGED | {Chart.I_MR.value, *_COUNTS}  # the charts whose points are such samples


def sample_of(characteristic: Characteristic, points: Sequence[Subgroup]) -> Sample:
    """The points as the statistics take them."""
    chart, size = characteristic.chart, characteristic.subgroup_size
    if chart == Chart.I_MR or (chart in AVERAGED and size == 1):
        return samples.individuals(np.array([point.mean for point in points]))
    if chart in AVERAGED:
        rows = [point.values for point in points]
        return samples.subgroups(rows, chart="xbar-r" if chart == Chart.XBAR_R else "xbar-s")
    counts = [sum(point.values) for point in points]
    sizes = None if chart == Chart.C else [size] * len(points)
    return samples.counted(counts, sizes, chart=_COUNTS[chart])


def stored_limits(characteristic: Characteristic, limits: ControlLimits, kind: Kind) -> Limits:
    """A version of limits as the statistics know it: the process mean, proportion or rate, and the within sigma."""
    scale = characteristic.subgroup_size if kind == "np" else 1
    return Limits(kind, limits.center / scale, limits.sigma_within, limits.sigma_estimator, limits.n_points)
