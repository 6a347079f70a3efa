"""Several variables judged together point by point, for live data: T squared and its exponentially weighted form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from spc.charts.multivariate import factored
from spc.values import BadInput, Floats

MOST_VARIABLES = 20


@dataclass(frozen=True, eq=False)
class Together:
    """What phase I left: means (p,), covariance (p, p), the limit of T squared, and the weight of a MEWMA (else None).

    scale and inverse: standard deviations, and the inverse of the correlation matrix, worked out once.
    """

    center: Floats
    cov: Floats
    limit: float
    weight: float | None = None
    scale: Floats = field(init=False, repr=False)
    inverse: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.limit > 0 or not (self.weight is None or 0 < self.weight <= 1):
            raise BadInput(
                "Judging together needs a limit above 0, and a weight above 0 and up to 1 where one is given."
            )
        scale, inverse = factored(self.cov)
        object.__setattr__(self, "scale", scale)
        object.__setattr__(self, "inverse", inverse)


@dataclass(frozen=True)
class Smoothed:
    """What the next point of a MEWMA needs: the smoothed deviations so far and how many points they hold."""

    values: tuple[float, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class Distance:
    """One judged point: T squared, whether it lies beyond the limit, and what each variable has to do with it.

    contributions: the part of T squared that would vanish without the variable; deviations: how far it lies from its
    mean, in sigmas of its own.
    """

    t2: float
    beyond: bool
    contributions: tuple[float, ...]
    deviations: tuple[float, ...]

    def drivers(self, *, least: float = 9.0) -> list[int]:
        """The variables that drive it, from 0, the strongest first.

        In: the least contribution that counts (9 = three sigmas of one variable). Out: those that reach it, at least
        the strongest one. Source: Runger, Alt and Montgomery, Commun. Statist. 25 (1996).
        """
        order = sorted(range(len(self.contributions)), key=lambda j: -self.contributions[j])
        return [j for j in order if self.contributions[j] >= least] or order[:1]


def joint_step(known: Together, before: Smoothed, x: Sequence[float]) -> tuple[Smoothed, Distance]:
    """Judge the next vector: Hotelling's T squared of it, or of its exponentially weighted average.

    In: what phase I left, what the point before left (an empty Smoothed at the start of a stage), x (p,) complete. Out:
    what the next one needs and the judged point. Raises BadInput for a vector of another length or with a gap.
    Source: Hotelling 1947; Lowry et al., Technometrics 34 (1992), exact covariance; the same as
    spc.charts.multivariate.individuals in phase II and mewma.
    """
    given = np.asarray(x, dtype=np.float64)
    if given.shape != known.center.shape or not np.isfinite(given).all():
        raise BadInput(f"A vector of {len(known.center)} complete values is needed.")
    moved, after, grown = given - known.center, before, 1.0
    if known.weight is not None:
        held = np.asarray(before.values) if before.count else np.zeros(len(given))
        moved = known.weight * moved + (1 - known.weight) * held
        after = Smoothed(tuple(moved.tolist()), before.count + 1)
        grown = known.weight / (2 - known.weight) * (1 - (1 - known.weight) ** (2 * after.count))
    standard = moved / math.sqrt(grown) / known.scale
    solved = standard @ known.inverse
    t2 = float(standard @ solved)
    added = solved * solved / np.diag(known.inverse)
    return after, Distance(t2, t2 > known.limit * (1 + 1e-12), tuple(added.tolist()), tuple(standard.tolist()))


@dataclass(frozen=True)
class Learned:
    """What a chart without limits has seen: number of vectors, their mean (p,) and their scatter (p rows of p)."""

    count: int = 0
    mean: tuple[float, ...] = ()
    scatter: tuple[tuple[float, ...], ...] = ()


def learn_step(before: Learned, x: Sequence[float]) -> tuple[Learned, float | None]:
    """Take one more vector into mean and scatter, and say how far it lies from those before it.

    In: what was seen so far, x (p,). Out: what has been seen now, and T squared of x against the mean and covariance of
    the earlier vectors, None while they are too few (up to p + 1) or do not vary. No limit judges it: it only shows
    what is learned. Source: Welford 1962, in its matrix form.
    """
    given = np.asarray(x, dtype=np.float64)
    p = len(given)
    if not before.count:
        return Learned(1, tuple(given.tolist()), ((0.0,) * p,) * p), None
    mean, scatter = np.asarray(before.mean), np.asarray(before.scatter)
    distance = None
    if before.count > p + 1:
        try:
            known = Together(mean, scatter / (before.count - 1), limit=math.inf)
            distance = joint_step(known, Smoothed(), x)[1].t2
        except BadInput:  # one of them did not vary yet, or two were alike
            distance = None
    away, count = given - mean, before.count + 1
    mean = mean + away / count
    scatter = scatter + np.outer(away, given - mean)
    rows = tuple(tuple(row) for row in scatter.tolist())
    return Learned(count, tuple(mean.tolist()), rows), distance
