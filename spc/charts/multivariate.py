"""Several characteristics judged together: Hotelling's T squared and its exponentially weighted form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.values import BadInput, Bools, Floats, numbers, table


@dataclass(frozen=True)
class Hotelling:
    """T squared of each point (k,), mean (p,), covariance (p, p), limits and signals (from 1).

    ucl_phase1 judges points that entered the estimate, ucl_phase2 new ones; contributions (k, p): the part of T squared
    that would vanish without the variable.
    """

    t2: Floats
    center: Floats
    cov: Floats
    ucl_phase1: float | None
    ucl_phase2: float | None
    violations: tuple[int, ...]
    contributions: Floats


def individuals(rows: Any, *, alpha: float = 0.0027, phase1: tuple[int, int] | None = None) -> Hotelling:
    """T squared of single observations of p variables.

    In: rows (m, p) without gaps; phase1 = (first, last) point of the estimate (default all). Out: Hotelling. Phase I
    limit by the beta, phase II by the F distribution.
    Source: Tracy, Young and Mason, J. Quality Technology 24 (1992); Montgomery 11.3.
    """
    _check_alpha(alpha)
    data = _complete(rows, "x")
    used = _used(phase1, len(data))
    m, p = int(used.sum()), data.shape[1]
    if m <= p + 1:
        raise BadInput(f"T squared of {p} variables needs at least {p + 2} observations, there are {m}.")
    known = data if m == len(data) else data[used]
    center = known.mean(axis=0)
    deviations = data - center
    inside = deviations if m == len(data) else deviations[used]
    cov = inside.T @ inside / (m - 1)
    t2, contributions = _distances(deviations, cov)
    first = (m - 1) ** 2 / m * float(scipy.stats.beta.isf(alpha, p / 2, (m - p - 1) / 2))
    second = p * (m + 1) * (m - 1) / (m * m - m * p) * float(scipy.stats.f.isf(alpha, p, m - p))
    out = np.flatnonzero(t2 > np.where(used, first, second) * (1 + 1e-12)) + 1
    return Hotelling(t2, center, cov, first, second, tuple(out.tolist()), contributions)


def subgroups(variables: list[Any], *, alpha: float = 0.0027, phase1: tuple[int, int] | None = None) -> Hotelling:
    """T squared of subgroup means of p variables.

    In: p tables (k, n) of readings, no gaps, equal shapes; phase1 = (first, last) subgroup of the estimate (default
    all). Out: Hotelling; cov = mean covariance within those subgroups. Raises BadInput.
    Source: Montgomery 11.3.1, phase I and II limits by the F distribution.
    """
    _check_alpha(alpha)
    tables = [_complete(rows, f"x{i}") for i, rows in enumerate(variables, start=1)]
    if len({part.shape for part in tables}) != 1:
        raise BadInput("T squared of subgroups needs tables of the same shape: as many subgroups and readings in each.")
    data = np.stack(tables, axis=2)
    used = _used(phase1, len(data))
    m, (_, n, p) = int(used.sum()), data.shape
    if n < 2 or m * n - m - p + 1 <= 0:
        raise BadInput("T squared of subgroups needs at least two readings in each and more readings than variables.")
    means = data.mean(axis=1)
    inner = (data - means[:, None, :])[used]
    cov, center = np.einsum("kij,kil->jl", inner, inner) / (m * (n - 1)), means[used].mean(axis=0)
    t2, contributions = _distances(means - center, cov / n)
    quantile = float(scipy.stats.f.isf(alpha, p, m * n - m - p + 1)) / (m * n - m - p + 1)
    first, second = p * (m - 1) * (n - 1) * quantile, p * (m + 1) * (n - 1) * quantile
    out = np.flatnonzero(t2 > np.where(used, first, second) * (1 + 1e-12)) + 1
    return Hotelling(t2, center, cov, first, second, tuple(out.tolist()), contributions)


def mewma(rows: Any, *, weight: float = 0.1, limit: float, target: Any = None, cov: Any = None) -> Hotelling:
    """Multivariate EWMA: T squared of z_i = weight (x_i - target) + (1 - weight) z_(i-1) with its exact covariance.

    In: rows (m, p) without gaps, weight in (0, 1], limit h for T squared (from a run-length table), target (p,) and
    covariance (p, p), default those of the data. Out: Hotelling. Source: Lowry et al., Technometrics 34 (1992).
    """
    data = _complete(rows, "x")
    if not 0 < weight <= 1:
        raise BadInput("The MEWMA weight lambda lies above 0 and up to 1.")
    if not limit > 0:
        raise BadInput("The limit h of a MEWMA lies above 0.")
    center, spread = _known(data, target, cov)
    smooth, current = np.empty_like(data), np.zeros(data.shape[1])
    for i, row in enumerate(data - center):
        current = smooth[i] = weight * row + (1 - weight) * current
    grown = weight / (2 - weight) * (1 - (1 - weight) ** (2 * np.arange(1, len(data) + 1)))
    t2, contributions = _distances(smooth / np.sqrt(grown)[:, None], spread)
    out = np.flatnonzero(t2 > limit * (1 + 1e-12)) + 1
    return Hotelling(t2, center, spread, limit, limit, tuple(out.tolist()), contributions)


def _check_alpha(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise BadInput("The share alpha of false alarms lies between 0 and 1, for example 0.0027.")


def _used(phase1: tuple[int, int] | None, count: int) -> Bools:
    """Which points enter the estimate."""
    number = np.arange(1, count + 1)
    if phase1 is not None and not 1 <= phase1[0] <= phase1[1] <= count:
        raise BadInput(f"phase1 runs from point {phase1[0]} to {phase1[1]}, but the data has points 1 to {count}.")
    return np.ones(count, np.bool_) if phase1 is None else (number >= phase1[0]) & (number <= phase1[1])


def _known(data: Floats, target: Any, cov: Any) -> tuple[Floats, Floats]:
    """Target and covariance as given, else those of the data."""
    m, p = data.shape
    if cov is None and m <= p + 1:
        raise BadInput(f"The covariance of {p} variables needs at least {p + 2} observations, there are {m}: give cov.")
    center = data.mean(axis=0) if target is None else numbers(target, name="target")
    spread = np.atleast_2d(np.cov(data, rowvar=False)) if cov is None else table(cov, name="cov")
    if center.shape != (p,) or spread.shape != (p, p) or np.isnan(center).any() or np.isnan(spread).any():
        raise BadInput(f"With {p} variables the target needs {p} entries and the covariance {p} x {p}.")
    if (np.diag(spread) < 0).any() or not np.allclose(spread, spread.T, rtol=1e-9, atol=0.0):
        raise BadInput("A covariance is symmetric, and its diagonal holds variances, which are not negative.")
    return center, spread


def _complete(rows: Any, name: str) -> Floats:
    data = table(rows, name=name)
    if not data.size:
        raise BadInput(f"{name} holds no observation.")
    if np.isnan(data).any():
        row, column = np.argwhere(np.isnan(data))[0] + 1
        raise BadInput(f"{name}, row {row}, column {column} is missing: T squared needs complete rows.")
    return data


def factored(cov: Floats) -> tuple[Floats, Floats]:
    """Standard deviations of a covariance, and the inverse of its correlation matrix.

    In: covariance (p, p). Out: both, (p,) and (p, p). Raises BadInput where a variable does not vary, or where the
    variables depend on each other exactly. Source: one Cholesky factor of the correlation matrix, which keeps variables
    of very different size apart.
    """
    scale = np.sqrt(np.diag(cov))
    if (scale == 0).any():
        raise BadInput(f"Variable {int(np.argmin(scale)) + 1} does not vary: leave it out.")
    try:
        factor = scipy.linalg.cho_factor(cov / np.outer(scale, scale), lower=True)
    except scipy.linalg.LinAlgError as error:
        raise BadInput("The variables depend on each other exactly (singular covariance): leave one out.") from error
    return scale, scipy.linalg.cho_solve(factor, np.eye(len(scale)))


def _distances(deviations: Floats, cov: Floats) -> tuple[Floats, Floats]:
    """Squared Mahalanobis distances (k,) and contributions (k, p)."""
    scale, inverse = factored(cov)
    standard = deviations / scale
    solved = standard @ inverse
    t2 = np.einsum("ij,ij->i", standard, solved)
    np.square(solved, out=solved)  # in place: on long tables new memory costs more than the arithmetic
    solved /= np.diag(inverse)
    return t2, solved
