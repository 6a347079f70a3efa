"""Charts with a memory point by point, for live data, and what they cost: run lengths of EWMA and CUSUM."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.rules import NOISE, ROUNDING
from spc.values import BadInput, Floats

_NODES = 96


@dataclass(frozen=True)
class EwmaDesign:
    """Weight lambda from 0.01 to 1 and width L > 0 of the limits, in sigmas of the average."""

    weight: float = 0.2
    width: float = 3.0

    def __post_init__(self) -> None:
        if not (0.01 <= self.weight <= 1 and 0 < self.width <= 10):
            raise BadInput("An EWMA needs a weight λ from 0.01 to 1, and a width L above 0 and up to 10.")

    def reach(self, sigma: float) -> float:
        """Distance of the asymptotic limits from the target, in the unit of sigma."""
        return self.width * sigma * math.sqrt(self.weight / (2 - self.weight))


@dataclass(frozen=True)
class CusumDesign:
    """Slack k from 0 and decision interval h > 0, both in sigmas."""

    k: float = 0.5
    h: float = 5.0

    def __post_init__(self) -> None:
        if not (0 <= self.k <= 5 and 0 < self.h <= 20):
            raise BadInput("A CUSUM needs a slack k from 0 up to 5 and a decision interval h above 0 and up to 20.")


def ewma_step(before: float | None, x: float, *, target: float, weight: float) -> float:
    """The next average: weight x + (1 - weight) before, started at the target.

    In: the average before (None at the start of a stage), x and target in one unit. Out: the average.
    Source: Roberts, Technometrics 1 (1959); the same as spc.charts.timeweighted.ewma.
    """
    return weight * x + (1 - weight) * (target if before is None else before)


def cusum_step(before: tuple[float, float] | None, x: float, *, target: float, k: float) -> tuple[float, float]:
    """The next sums (up, down): max(0, up + x - target - k) and max(0, down + target - k - x), started at 0.

    In: the sums before (None at the start of a stage), x, target and k in one unit. Out: both sums.
    Source: Page, Biometrika 41 (1954); the same as spc.charts.timeweighted.cusum.
    """
    up, down = before or (0.0, 0.0)
    return max(0.0, up + (x - target - k)), max(0.0, down + (target - k - x))


def beyond(distance: float, reach: float, *, sigma: float, target: float) -> bool:
    """Whether a distance lies strictly beyond its limit, rounding of the figures allowed for.

    In: distance from the centre and reach of the limit, sigma and target in one unit. Out: truth; never when sigma is
    0. Source: definition, as in spc.charts.timeweighted.
    """
    return sigma > 0 and distance > reach + NOISE * max(sigma, reach) + ROUNDING * abs(target)


@lru_cache(maxsize=256)
def ewma_run_length(design: EwmaDesign, *, shift: float = 0.0) -> float:
    """Average run length of a two-sided EWMA with asymptotic limits, started at the target.

    In: the design, a shift of the mean in sigmas. Out: points to the first signal; 0 shift = between false alarms.
    Source: Crowder, Technometrics 29 (1987), integral equation by Gauss and Legendre.
    """
    edge, weight = design.reach(1.0), design.weight
    nodes, parts = np.polynomial.legendre.leggauss(_NODES)
    x, parts = edge * nodes, edge * parts

    def kernel(u: Floats) -> Floats:
        z = (x[None, :] - (1 - weight) * u[:, None]) / weight - shift
        return np.asarray(np.exp(-0.5 * z * z) / (math.sqrt(2 * math.pi) * weight) * parts, dtype=np.float64)

    lengths = np.linalg.solve(np.eye(_NODES) - kernel(x), np.ones(_NODES))
    return float(1 + (kernel(np.zeros(1)) @ lengths)[0])


@lru_cache(maxsize=256)
def cusum_run_length(design: CusumDesign, *, shift: float = 0.0) -> float:
    """Average run length of a two-sided CUSUM started at 0.

    In: the design, a shift of the mean in sigmas. Out: points to the first signal; 0 shift = between false alarms.
    Sources: Page 1954, integral equation of one side by Gauss and Legendre; van Dobben de Bruyn, Cumulative Sum Tests
    (1968): the rates of both sides add up.
    """
    return 1 / (1 / _one_sided(design, shift) + 1 / _one_sided(design, -shift))


def _one_sided(design: CusumDesign, shift: float) -> float:
    h, k = design.h, design.k - shift
    nodes, parts = np.polynomial.legendre.leggauss(_NODES)
    x, parts = h * (nodes + 1) / 2, h * parts / 2

    def row(u: Floats) -> Floats:
        """The chance to fall to 0, and the density of what is above it."""
        z = x[None, :] + k - u[:, None]
        density = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) * parts
        return np.column_stack([scipy.special.ndtr(k - u), density])

    every = np.concatenate([np.zeros(1), x])
    lengths = np.linalg.solve(np.eye(_NODES + 1) - row(every), np.ones(_NODES + 1))
    return float(lengths[0])
