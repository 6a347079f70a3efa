"""Points of a chart as the statistics take them, and its limits likewise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from governance.models import MEMORY, Characteristic, Chart
from iot.models import ControlLimits, Subgroup
from spc import samples
from spc.limits import Limits
from spc.samples import Kind, Sample


def sample_of(characteristic: Characteristic, points: Sequence[Subgroup]) -> Sample:
    """The points as the statistics take them."""
    chart, size = characteristic.chart, characteristic.subgroup_size
    if chart == Chart.I_MR or (chart in MEMORY and size == 1):
        return samples.individuals(np.array([point.mean for point in points]))
    if chart in (Chart.XBAR_R, Chart.XBAR_S, *MEMORY):
        rows = [point.values for point in points]
        return samples.subgroups(rows, chart="xbar-r" if chart == Chart.XBAR_R else "xbar-s")
    counts = [sum(point.values) for point in points]
    sizes = None if chart == Chart.C else [size] * len(points)
    kind = {Chart.P: "p", Chart.NP: "np", Chart.C: "c", Chart.U: "u"}[Chart(chart)]
    return samples.counted(counts, sizes, chart=kind)  # type: ignore[arg-type]  # one of the four names


def stored_limits(characteristic: Characteristic, limits: ControlLimits, kind: Kind) -> Limits:
    """A version of limits as the statistics know it: the process mean, proportion or rate, and the within sigma."""
    scale = characteristic.subgroup_size if kind == "np" else 1
    return Limits(kind, limits.center / scale, limits.sigma_within, limits.sigma_estimator, limits.n_points)
