"""New limits only when the process has shown that it moved: versions compared, and limits proposed after a change."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from spc.changes import changes
from spc.estimators import INDIVIDUAL, SUBGROUP
from spc.limits import Limits, estimate
from spc.samples import Sample
from spc.values import BadInput, said

_ENOUGH = 20
_SHIFT, _RATIO = 0.25, 0.1  # what changes the false alarms of a chart so little is no reason for new limits


@dataclass(frozen=True)
class Difference:
    """Two versions of limits: shift of the centre (unit of the data, and in sigmas of the old), ratio of the sigmas.

    None where one of them does not exist.
    """

    shift: float | None
    shift_in_sigmas: float | None
    sigma_ratio: float | None
    words: str


@dataclass(frozen=True)
class Proposal:
    """Limits from the points first to last (from 1) of the newest level, beside the old ones; None = keep the old.

    last_before_change: the change that speaks for it; difference: from the old ones, with limits None where it is too
    small to matter; words: why, or why not.
    """

    limits: Limits | None
    first: int
    last: int
    last_before_change: int | None
    difference: Difference | None
    words: str


def difference(old: Limits, new: Limits, *, size: float = 1) -> Difference:
    """What changed between two versions of limits.

    In: two Limits of one kind and the subgroup size at which they are compared. Out: Difference. Raises BadInput for
    limits of different charts. Source: Montgomery, Introduction to SQC, 6.2.2 (revision of control limits).
    """
    if old.chart != new.chart:
        raise BadInput(f"Limits of a chart of kind {old.chart} cannot be compared with those of {new.chart}.")
    lines = [version.along(np.array([size], dtype=np.float64)) for version in (old, new)]
    centers = [float(line.center[0]) for line in lines]
    errors = [float(line.sigma[0]) for line in lines]
    return compared((centers[0], errors[0]), (centers[1], errors[1]))


def compared(old: tuple[float, float], new: tuple[float, float]) -> Difference:
    """What changed between two pairs of a centre and a sigma of the plotted points.

    In: (centre, sigma) of both in one unit, NaN where it does not exist. Out: Difference.
    Source: Montgomery, Introduction to SQC, 6.2.2.
    """
    centers, errors = (old[0], new[0]), (old[1], new[1])
    shift = centers[1] - centers[0] if all(map(math.isfinite, centers)) else None
    known = math.isfinite(errors[0]) and errors[0] > 0
    steps = shift / errors[0] if shift is not None and known else None
    ratio = errors[1] / errors[0] if known and math.isfinite(errors[1]) else None
    parts = [
        "" if steps is None else f"The centre moves by {said(steps, '+.2f')} sigmas of the plotted points.",
        "" if ratio is None else f"The limits become {ratio:.2f} times as wide.",
    ]
    return Difference(shift, steps, ratio, " ".join(part for part in parts if part) or "They cannot be compared.")


def material(apart: Difference, points: int, *, before: int = 0) -> bool:
    """Whether two versions of limits differ by more than chance gives so many points, and by enough to matter.

    In: a Difference, the points behind the newer version, and behind the older one (0 = it was given, and is exact).
    Out: true for a centre more than 0.25 sigmas of the plotted points away or a width more than a tenth apart, each
    beyond twice its own error, about sqrt(1 / points + 1 / before); true where they cannot be compared.
    Source: Montgomery, Introduction to SQC, 6.2.4 (a shift of 0.25 sigma takes the run length of rule 1 from 370 to
    281).
    """
    chance = 2 * math.sqrt(1 / points + (1 / before if before else 0.0))
    if apart.shift_in_sigmas is None or not apart.sigma_ratio:
        return True
    return abs(apart.shift_in_sigmas) > max(_SHIFT, chance) or abs(math.log(apart.sigma_ratio)) > max(_RATIO, chance)


def propose(sample: Sample, current: Limits, *, least: int = _ENOUGH) -> Proposal:
    """New limits for a process that has moved, from the points after the last change that is shown.

    In: the points since the current limits began, those limits, and how many points new limits need. Out: Proposal;
    nothing is proposed without a shown change point, with too few points after it, or where these lie as the limits
    have it. It never changes any limits: a person decides.
    Source: spc.changes; phase I of Montgomery, Introduction to SQC, 6.2.2.
    """
    if sample.chart != current.chart:
        raise BadInput(f"These limits belong to a chart of kind {current.chart}, the data to {sample.chart}.")
    count, present = len(sample.values), int((~np.isnan(sample.values)).sum())
    found = changes(sample.values).last_before_change if present > 1 else ()
    if not found:
        return Proposal(None, 1, count, None, None, "No change of the level is shown: keep the limits.")
    change = found[-1]
    keep = np.arange(1, count + 1) > change
    enough = int((keep & ~np.isnan(sample.values)).sum())
    if enough < least:
        words = f"The level changed after point {change}, but {enough} points since are too few: wait for {least}."
        return Proposal(None, change + 1, count, change, None, words)
    estimator = current.estimator if current.estimator in (*SUBGROUP, *INDIVIDUAL) else ""
    limits = estimate(sample, keep=keep, estimator=estimator, width=current.width)
    size = float(np.nanmedian(sample.sizes[keep]))
    apart = difference(current, limits, size=size)
    if not material(apart, enough, before=current.points):
        words = f"The level changed after point {change} and lies where the limits have it: keep them. {apart.words}"
        return Proposal(None, change + 1, count, change, apart, words)
    words = f"The level changed after point {change}; {enough} points since give new limits. {apart.words}"
    return Proposal(limits, change + 1, count, change, apart, words)
