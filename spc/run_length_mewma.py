"""Where to put the limit of a multivariate EWMA: the h that gives a wanted in-control run length."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.values import BadInput

_RINGS = 80


def mewma_run_length(h: float, *, variables: int, weight: float) -> float:
    """In-control average run length of a MEWMA chart with asymptotic covariance.

    In: limit h > 0 of T squared, number of variables >= 1, weight lambda in (0, 1]. Out: points between false alarms.
    The distance of z from the target is a Markov chain over rings; its steps are noncentral chi-square.
    Source: Runger and Prabhu, Technometrics 38 (1996), with 80 rings.
    """
    if not (h > 0 and 0 < weight <= 1 and variables >= 1):
        raise BadInput("A MEWMA needs a limit above 0, a weight above 0 and up to 1, and at least one variable.")
    edge = math.sqrt(h * weight / (2 - weight))
    ring = 2 * edge / (2 * _RINGS + 1)
    middle = np.arange(_RINGS + 1)
    away = ((1 - weight) * middle * ring / weight) ** 2
    upper = ((middle + 0.5) * ring / weight) ** 2
    reach = scipy.stats.ncx2.cdf(upper[None, :], variables, np.maximum(away, 1e-300)[:, None])
    steps = np.diff(reach, axis=1, prepend=0.0)
    lengths = np.linalg.solve(np.eye(_RINGS + 1) - steps, np.ones(_RINGS + 1))
    return float(lengths[0])


@lru_cache(maxsize=128)
def mewma_limit(variables: int, weight: float, run_length: float = 200.0) -> float:
    """The limit h of T squared that gives this in-control run length; see mewma_run_length().

    In: number of variables, weight, wanted points between false alarms (above 1). Out: h > 0.
    Source: Runger and Prabhu 1996; Prabhu and Runger, J. Quality Technology 29 (1997).
    """
    if not 1 < run_length <= 1e5:
        raise BadInput("The in-control run length lies above 1 and up to 100,000 points.")

    def gap(h: float) -> float:
        return math.log(mewma_run_length(h, variables=variables, weight=weight) / run_length)

    top = float(scipy.stats.chi2.isf(1e-7, variables))
    return float(scipy.optimize.brentq(gap, 1e-3, top, xtol=1e-6))
