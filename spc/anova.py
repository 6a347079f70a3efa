"""Analysis of variance with one and two factors: the table, what was compared, and whether its assumptions hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.capability import anderson_darling
from spc.hypotheses import variances
from spc.values import BadInput, Floats, numbers, present


@dataclass(frozen=True)
class Source:
    """One line of the table: sum of squares, degrees of freedom, mean square, F and p (None where there is none)."""

    name: str
    ss: float
    df: int
    ms: float | None
    f: float | None
    p: float | None


@dataclass(frozen=True)
class Variance:
    """An analysis of variance: the table, R squared, residual s, group means, and p-values of its assumptions.

    normality_p: Anderson-Darling test of the residuals; equal_variance_p: Levene's test (None = cannot be tested);
    warnings in words.
    """

    table: tuple[Source, ...]
    r_squared: float | None
    s: float | None
    means: Mapping[str, float]
    normality_p: float | None
    equal_variance_p: float | None
    warnings: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)


def one_way(groups: Mapping[str, Any]) -> Variance:
    """One-way analysis: whether the means of several groups differ.

    In: name -> values (None left out), at least two groups with a value and one group with two. Out: Variance; F None
    with the reason when nothing varies within. Raises BadInput. Source: Fisher 1925; Montgomery, DOE, chapter 3.
    """
    columns = {name: present(numbers(values, name=name)) for name, values in groups.items()}
    columns = {name: values for name, values in columns.items() if len(values)}
    n, k = sum(len(v) for v in columns.values()), len(columns)
    if k < 2 or n <= k:
        raise BadInput("Analysis of variance needs at least two groups and more values than groups.")
    everything = np.concatenate(list(columns.values()))
    grand = float(everything.mean())
    between = sum(len(v) * (float(v.mean()) - grand) ** 2 for v in columns.values())
    residuals = np.concatenate([v - v.mean() for v in columns.values()])
    flat = max(float(np.ptp(v)) for v in columns.values()) == 0
    within = 0.0 if flat else float(residuals @ residuals)
    lines = (_source("between", between, k - 1, within, n - k), _error(within, n - k), _total(between + within, n - 1))
    big = [v for v in columns.values() if len(v) >= 3]
    return _judged(lines, residuals, {name: float(v.mean()) for name, v in columns.items()}, big)


def _source(name: str, ss: float, df: int, error: float, free: int) -> Source:
    ms = ss / df if df else None
    if ms is None or free == 0 or error <= 0:
        return Source(name, ss, df, ms, None, None)
    f = ms / (error / free)
    return Source(name, ss, df, ms, f, float(scipy.stats.f.sf(f, df, free)))


def _error(ss: float, df: int) -> Source:
    return Source("residual", ss, df, ss / df if df else None, None, None)


def _total(ss: float, df: int) -> Source:
    return Source("total", ss, df, None, None, None)


def _judged(
    lines: tuple[Source, ...], residuals: Floats, means: Mapping[str, float], groups: Sequence[Any]
) -> Variance:
    error, total = lines[-2], lines[-1]
    normal = anderson_darling(residuals)[1] if error.ss > 0 else None
    equal = variances(groups).p if len(groups) > 1 else None
    warnings = []
    if normal is not None and normal < 0.05:
        warnings.append("The residuals are not normal: a rank test (Kruskal-Wallis) is the safer choice.")
    if equal is not None and equal < 0.05:
        warnings.append("The spread differs between groups: compare pairs by Welch's test.")
    reasons = {} if error.ss > 0 else {"f": "Nothing varies within the groups, so there is no noise to compare with."}
    return Variance(
        lines,
        1 - error.ss / total.ss if total.ss > 0 else None,
        math.sqrt(error.ms) if error.ms is not None else None,
        means,
        normal,
        equal,
        tuple(warnings),
        reasons,
    )


def two_way(cells: Mapping[str, Mapping[str, Any]]) -> Variance:
    """Two factors and their interaction, the same number of values in each cell.

    In: first factor's level -> second factor's level -> values. Out: Variance with sources first, second, interaction
    (only with two or more values in a cell), residual, total. Raises BadInput naming a cell that is missing or uneven.
    Source: Montgomery, Design and Analysis of Experiments, 5.3.
    """
    names = list(cells)
    others = list(cells[names[0]]) if names else []
    if len(names) < 2 or len(others) < 2:
        raise BadInput("A two-way analysis needs at least two levels of both factors.")
    data = _cube(cells, names, others)
    a, b, n = data.shape
    grand = float(data.mean())
    rows, columns, inner = data.mean(axis=(1, 2)), data.mean(axis=(0, 2)), data.mean(axis=2)
    ss_a, ss_b = b * n * float(((rows - grand) ** 2).sum()), a * n * float(((columns - grand) ** 2).sum())
    cross = n * float(((inner - rows[:, None] - columns[None, :] + grand) ** 2).sum())
    residuals = data - (inner[:, :, None] if n > 1 else (rows[:, None] + columns[None, :] - grand)[:, :, None])
    error, free = (float((residuals**2).sum()), a * b * (n - 1)) if n > 1 else (cross, (a - 1) * (b - 1))
    error = error if error > 1e-14 * max(1e-300, ss_a + ss_b + cross) else 0.0
    lines = [_source("first", ss_a, a - 1, error, free), _source("second", ss_b, b - 1, error, free)]
    if n > 1:
        lines.append(_source("interaction", cross, (a - 1) * (b - 1), error, free))
    lines += [_error(error, free), _total(float(((data - grand) ** 2).sum()), a * b * n - 1)]
    means = _by_level(dict(zip(names, rows.tolist(), strict=True)), dict(zip(others, columns.tolist(), strict=True)))
    groups = [data[i, j] for i in range(a) for j in range(b)] if n >= 3 else []
    return _judged(tuple(lines), residuals.ravel(), means, groups)


def _by_level(first: dict[str, float], second: dict[str, float]) -> dict[str, float]:
    """The means of both factors by level; levels of one name are told apart by their factor."""
    if not first.keys() & second.keys():
        return {**first, **second}
    named = {"first": first, "second": second}
    return {f"{factor} {level}": mean for factor, levels in named.items() for level, mean in levels.items()}


def _cube(cells: Mapping[str, Mapping[str, Any]], names: list[str], others: list[str]) -> Floats:
    size = len(numbers(cells[names[0]][others[0]], name=f"{names[0]}, {others[0]}"))
    rows = []
    for name in names:
        for other in others:
            values = numbers(cells[name].get(other) or [], name=f"{name}, {other}")
            if len(values) != size or not size or np.isnan(values).any():
                raise BadInput(f"Cell {name}, {other} needs {max(1, size)} values like the first cell, none missing.")
            rows.append(values)
    return np.array(rows).reshape(len(names), len(others), size)
