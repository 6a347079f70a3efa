"""The stages of a chart side by side: what was judged by each version of its limits, before against after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from django.db.models import Avg, Count, Max, Min, Q, StdDev

from governance.models import COUNTED, Characteristic
from iot.models import ControlLimits, Subgroup
from iot.queries.lists import see
from qms.core.actor import Actor
from spc.effect import Goal, Verdict, of_means

SAMPLE = 500  # points of each stage that are compared: the last of the earlier, the first of the later
SHOWN = 6


@dataclass(frozen=True)
class StageRow:
    """One version of limits with the points it judged, and the change of the mean from the version before it."""

    limits: ControlLimits
    n: int
    mean: float
    sigma: float | None
    first: datetime
    last: datetime
    broken: int
    cpk: float | None
    change: Verdict | None

    @property
    def broken_per_thousand(self) -> float:
        """Points beyond a rule in a thousand."""
        return 1000 * self.broken / self.n


def compare_stages(characteristic: Characteristic, *, actor: Actor) -> list[StageRow]:
    """The newest stages, oldest first; excluded points are left out."""
    see(characteristic, actor)
    known = ControlLimits.objects.filter(characteristic=characteristic).in_bulk()
    rows = Subgroup.objects.filter(characteristic=characteristic, state=Subgroup.State.OK, limits__isnull=False)
    figures = rows.order_by().values("limits_id").annotate(
        n=Count("pk"), level=Avg("mean"), sigma=StdDev("mean", sample=True), first=Min("t"), last=Max("t"),
        broken=Count("pk", filter=~Q(mask=0)),
    )  # fmt: skip
    found = sorted(figures, key=lambda row: known[row["limits_id"]].revision)[-SHOWN:]
    against = (_change(characteristic, a["limits_id"], b["limits_id"]) for a, b in pairwise(found))
    changes = [None, *against][: len(found)]
    return [
        StageRow(
            limits=known[row["limits_id"]], n=row["n"], mean=row["level"], sigma=row["sigma"], first=row["first"],
            last=row["last"], broken=row["broken"], change=change,
            cpk=_cpk(characteristic, known[row["limits_id"]], row["level"]),
        )
        for row, change in zip(found, changes, strict=True)
    ]  # fmt: skip


def _change(characteristic: Characteristic, old: int, new: int) -> Verdict:
    points = Subgroup.objects.filter(characteristic=characteristic, state=Subgroup.State.OK)
    before = list(points.filter(limits_id=old).order_by("-n").values_list("mean", flat=True)[:SAMPLE])[::-1]
    after = list(points.filter(limits_id=new).order_by("n").values_list("mean", flat=True)[:SAMPLE])
    return of_means(np.array(before), np.array(after), Goal("higher"))


def _cpk(characteristic: Characteristic, limits: ControlLimits, mean: float) -> float | None:
    """Distance of the mean to the nearer specification limit in three within-sigma of that version."""
    if not limits.sigma_within or characteristic.chart in COUNTED:
        return None
    sides = [characteristic.usl - mean] if characteristic.usl is not None else []
    sides += [mean - characteristic.lsl] if characteristic.lsl is not None else []
    return min(sides) / (3 * limits.sigma_within) if sides else None
