"""Has the level moved since the limits in force began: where it did, and what new limits from there would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from governance.models import Characteristic
from iot.charting.sampling import SAMPLED, sample_of, stored_limits
from iot.models import ControlLimits, Subgroup
from iot.queries.capability import in_force_of
from iot.queries.lists import present_points, see
from iot.workflow import LEARNING_POINTS
from qms.core.actor import Actor
from spc.proposal import propose

MOST = 5_000  # newest points that are searched


@dataclass(frozen=True)
class Shift:
    """A change of the level that the data show: its first point, how many there are since, and what limits would do.

    enough: whether the points since give limits; words: by how much centre and width would change, empty before that.
    """

    limits: ControlLimits
    first: int
    since: datetime
    points: int
    enough: bool
    words: str


def shift_of(characteristic: Characteristic, *, actor: Actor) -> Shift | None:
    """The newest change of the level under the limits in force; None without limits or without a shown change.

    Excluded points are left out. It only tells: new limits are proposed and released by people.
    """
    see(characteristic, actor)
    if characteristic.chart not in SAMPLED:
        return None
    limits = in_force_of(characteristic)
    if limits is None or limits.effective_from is None:
        return None
    rows = present_points(characteristic).filter(t__gte=limits.effective_from, state=Subgroup.State.OK)
    points = list(rows.order_by("-n").only("n", "t", "values", "mean")[:MOST])[::-1]
    if len(points) < 2:
        return None
    sample = sample_of(characteristic, points)
    found = propose(sample, stored_limits(characteristic, limits, sample.chart), least=LEARNING_POINTS)
    if found.last_before_change is None:
        return None
    start = points[found.first - 1]
    known = int((~np.isnan(sample.values[found.first - 1 :])).sum())
    words = found.difference.words if found.difference else ""
    return Shift(limits, start.n, start.t, known, found.limits is not None, words)
