"""Least squares with what must be looked at before anyone believes it: leverage, residuals, collinearity, intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.capability import anderson_darling
from spc.values import BadInput, Floats, numbers


@dataclass(frozen=True)
class Term:
    """One coefficient: estimate, standard error, t, p, interval, and its variance inflation (None for the constant)."""

    name: str
    estimate: float
    error: float | None
    t: float | None
    p: float | None
    ci: tuple[float, float] | None
    vif: float | None


@dataclass(frozen=True)
class Regression:
    """A fitted line or plane over n complete rows, with shapes (n,) for fitted values and diagnostics.

    s: residual standard deviation; f, p: test of the whole model; studentised: externally studentised residuals;
    unusual: row numbers (from 1, of all rows given) that steer the fit or lie far off it; durbin_watson near 2 =
    neighbours independent; warnings in words.
    """

    terms: tuple[Term, ...]
    n: int
    df: int
    r_squared: float | None
    adjusted_r_squared: float | None
    s: float | None
    f: float | None
    p: float | None
    fitted: Floats
    residuals: Floats
    leverage: Floats
    studentised: Floats
    cooks_distance: Floats
    durbin_watson: float | None
    normality_p: float | None
    unusual: tuple[int, ...]
    warnings: tuple[str, ...]


def regression(y: Any, columns: Mapping[str, Any], *, confidence: float = 0.95) -> Regression:
    """Ordinary least squares of y on one or more columns with a constant.

    In: n numbers and name -> n numbers (rows with a gap are left out). Out: Regression. Raises BadInput for unequal
    lengths, fewer complete rows than coefficients plus one, and columns that depend on each other.
    Sources: Montgomery, Peck and Vining, Introduction to Linear Regression Analysis, chapters 2-6; Cook 1977;
    Durbin and Watson 1950. Tested against the certified values of NIST StRD (Longley, Norris).
    """
    if not 0 < confidence < 1:
        raise BadInput("The confidence lies between 0 and 1, for example 0.95.")
    outcome, x, rows = _complete(y, columns)
    n, k = x.shape
    free = n - k - 1
    if free < 1 or not k:
        raise BadInput(f"A regression on {k} columns needs at least {k + 2} complete rows, there are {n}.")
    center, scale = x.mean(axis=0), x.std(axis=0)
    if (scale == 0).any():
        raise BadInput(f"Column {list(columns)[int(np.argmin(scale))]!r} does not vary: leave it out.")
    q, r = np.linalg.qr(np.column_stack([np.ones(n), (x - center) / scale]))
    if np.abs(np.diag(r)).min() < 1e-10 * math.sqrt(n):
        raise BadInput("The columns depend on each other exactly: leave one out.")
    inverse = np.linalg.inv(r)
    slopes = inverse @ (q.T @ outcome)
    fitted = q @ (q.T @ outcome)
    residuals = outcome - fitted
    leverage = np.clip((q * q).sum(axis=1), 0.0, 1.0)
    back = np.vstack([np.concatenate([[1.0], -center / scale]), np.column_stack([np.zeros(k), np.diag(1 / scale)])])
    cov, estimates = back @ inverse @ inverse.T @ back.T, back @ slopes
    sse, sst = float(residuals @ residuals), float(((outcome - outcome.mean()) ** 2).sum())
    sse = sse if sse > 1e-22 * max(sst, float(outcome @ outcome)) else 0.0
    inflation = [None, *(np.linalg.inv(np.atleast_2d(np.corrcoef(x, rowvar=False))).diagonal().tolist())]
    terms = tuple(
        _term(name, float(b), math.sqrt(max(0.0, float(v)) * sse / free), free, confidence, w)
        for name, b, v, w in zip(("constant", *columns), estimates, np.diag(cov), inflation, strict=True)
    )
    return _diagnosed(terms, (fitted, residuals, leverage), (sse, sst, free), rows)


def _complete(y: Any, columns: Mapping[str, Any]) -> tuple[Floats, Floats, Floats]:
    outcome = numbers(y, name="y")
    parts = [numbers(values, name=name) for name, values in columns.items()]
    for name, part in zip(columns, parts, strict=True):
        if len(part) != len(outcome):
            raise BadInput(f"Column {name!r} has {len(part)} values, y has {len(outcome)}.")
    x: Floats = np.column_stack(parts) if parts else np.empty((len(outcome), 0))
    keep = ~np.isnan(outcome) & ~np.isnan(x).any(axis=1)
    rows: Floats = (np.flatnonzero(keep) + 1).astype(np.float64)
    return outcome[keep], x[keep], rows


def _term(name: str, b: float, error: float, free: int, confidence: float, vif: float | None) -> Term:
    if error == 0:
        return Term(name, b, None, None, None, None, vif)
    reach = float(scipy.stats.t.ppf(0.5 + confidence / 2, free)) * error
    return Term(
        name, b, error, b / error, 2 * float(scipy.stats.t.sf(abs(b / error), free)), (b - reach, b + reach), vif
    )


def _diagnosed(
    terms: tuple[Term, ...], lines: tuple[Floats, Floats, Floats], sums: tuple[float, float, int], rows: Floats
) -> Regression:
    (fitted, residuals, leverage), (sse, sst, free) = lines, sums
    n, k = len(fitted), len(terms) - 1
    ms, open_ = sse / free, np.maximum(1 - leverage, 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = residuals / np.sqrt(ms * open_)
        outer = inner * np.sqrt((free - 1) / np.maximum(free - inner**2, 1e-12))
    cooks = inner**2 * leverage / open_ / (k + 1)
    f = (sst - sse) / k / ms if ms > 0 else None
    watson = float((np.diff(residuals) ** 2).sum()) / sse if sse > 0 else None
    normal = anderson_darling(residuals)[1] if sse > 0 else None
    odd = (np.abs(outer) > 3) | (cooks > 1) | (leverage > 3 * (k + 1) / n)
    return Regression(
        terms=terms,
        n=n,
        df=free,
        r_squared=1 - sse / sst if sst > 0 else None,
        adjusted_r_squared=1 - ms / (sst / (n - 1)) if sst > 0 else None,
        s=math.sqrt(ms),
        f=f,
        p=None if f is None else float(scipy.stats.f.sf(f, k, free)),
        fitted=fitted,
        residuals=residuals,
        leverage=leverage,
        studentised=outer,
        cooks_distance=cooks,
        durbin_watson=watson,
        normality_p=normal,
        unusual=tuple(rows[odd].astype(int).tolist()),
        warnings=_warnings(terms, normal, watson),
    )


def _warnings(terms: tuple[Term, ...], normal: float | None, watson: float | None) -> tuple[str, ...]:
    found = []
    if normal is not None and normal < 0.05:
        found.append("The residuals are not normal: intervals and p-values are rough.")
    if watson is not None and not 1.2 < watson < 2.8:
        found.append("Neighbouring residuals go together (Durbin-Watson): the errors are understated.")
    if any(term.vif is not None and term.vif > 10 for term in terms):
        found.append("Columns explain each other (variance inflation above 10): single coefficients mean little.")
    return tuple(found)
