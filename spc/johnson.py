"""Johnson's system: the transformation of skewed or bounded data that looks most normal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.capability import anderson_darling
from spc.values import BadInput, Floats, numbers, present

Kind = Literal["SU", "SB", "SL"]


@dataclass(frozen=True)
class Johnson:
    """z = gamma + eta g((x - epsilon) / lambda); g = asinh (SU), logit (SB), ln (SL, lambda 1); normality_p of z."""

    kind: Kind
    gamma: float
    eta: float
    epsilon: float
    lambda_: float
    normality_p: float

    def forward(self, x: Floats | float) -> Floats:
        """Transformed values; -inf or inf beyond the bounds of the distribution. In: unit of x. Out: z."""
        u = (np.asarray(x, dtype=np.float64) - self.epsilon) / self.lambda_
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.kind == "SU":
                g = np.arcsinh(u)
            elif self.kind == "SL":
                g = np.log(np.maximum(u, 0.0))
            else:
                g = np.log(np.clip(u, 0.0, 1.0)) - np.log(np.clip(1.0 - u, 0.0, 1.0))
        return np.asarray(self.gamma + self.eta * g, dtype=np.float64)

    def back(self, z: Floats | float) -> Floats:
        """Values of x for transformed ones. In: z. Out: unit of x."""
        g = (np.asarray(z, dtype=np.float64) - self.gamma) / self.eta
        u = np.sinh(g) if self.kind == "SU" else np.exp(g) if self.kind == "SL" else scipy.special.expit(g)
        return np.asarray(self.epsilon + self.lambda_ * u, dtype=np.float64)


def johnson(x: Any) -> Johnson:
    """The member of Johnson's system whose transformed values are most normal.

    In: n >= 10 values that vary (None left out). Out: Johnson. For z from 0.25 to 1.25 in steps of 0.01 the quantiles
    at -3z, -z, z, 3z give a member; the one with the largest Anderson-Darling p is kept. Raises BadInput when none
    holds all values. Sources: Slifker and Shapiro, Technometrics 22 (1980); Chou, Polansky and Mason, J. Quality
    Technology 30 (1998).
    """
    values = present(numbers(x))
    if len(values) < 10 or np.ptp(values) == 0:
        raise BadInput("Johnson's transformation needs at least ten values that vary.")
    best: Johnson | None = None
    for z in np.arange(0.25, 1.2501, 0.01):
        for member in _members(values, float(z)):
            moved = member.forward(values)
            p = anderson_darling(moved)[1] if np.isfinite(moved).all() else None
            if p is not None and (best is None or p > best.normality_p):
                best = Johnson(member.kind, member.gamma, member.eta, member.epsilon, member.lambda_, p)
    if best is None:
        raise BadInput("No member of Johnson's system holds all of these values.")
    return best


def _members(values: Floats, z: float) -> list[Johnson]:
    shares = scipy.special.ndtr(np.array([-3 * z, -z, z, 3 * z]))
    a, b, c, d = np.quantile(values, shares, method="hazen").tolist()
    m, n, p = d - c, b - a, c - b
    if min(m, n, p) <= 0:
        return []
    ratio, middle = m * n / (p * p), (b + c) / 2
    found = [_unbounded(m / p, n / p, p, z, middle)] if ratio > 1 else []
    if ratio < 1:
        found.append(_bounded(p / m, p / n, p, z, middle))
    if m / p > 1:
        found.append(_lognormal(m / p, p, z, middle))
    return found


def _unbounded(u: float, v: float, p: float, z: float, middle: float) -> Johnson:
    root = math.sqrt(u * v - 1)
    eta = 2 * z / math.acosh((u + v) / 2)
    gamma = eta * math.asinh((v - u) / (2 * root))
    scale = 2 * p * root / ((u + v - 2) * math.sqrt(u + v + 2))
    return Johnson("SU", gamma, eta, middle + p * (v - u) / (2 * (u + v - 2)), scale, 0.0)


def _bounded(u: float, v: float, p: float, z: float, middle: float) -> Johnson:
    product, gap = (1 + u) * (1 + v), u * v - 1
    eta = z / math.acosh(math.sqrt(product) / 2)
    gamma = eta * math.asinh((v - u) * math.sqrt(product - 4) / (2 * gap))
    scale = p * math.sqrt((product - 2) ** 2 - 4) / gap
    return Johnson("SB", gamma, eta, middle - scale / 2 + p * (v - u) / (2 * gap), scale, 0.0)


def _lognormal(u: float, p: float, z: float, middle: float) -> Johnson:
    eta = 2 * z / math.log(u)
    gamma = eta * math.log((u - 1) / (p * math.sqrt(u)))
    return Johnson("SL", gamma, eta, middle - p / 2 * (u + 1) / (u - 1), 1.0, 0.0)
