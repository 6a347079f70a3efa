"""Which of many columns goes with the outcome: lags, ranks, control of false findings, and a look for confounders."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.autocorrelation import lag_one
from spc.correlation import Coefficient, pearson, spearman
from spc.multiplicity import benjamini_hochberg
from spc.values import BadInput, Floats, Ints, numbers

_FUNCTIONS = {"pearson": pearson, "spearman": spearman}


@dataclass(frozen=True)
class Lagged:
    """Coefficients by lag, shape (lags,): how x goes with y that many steps later; the strongest lag with its p.

    p is that of the strongest coefficient, corrected for autocorrelation of both series and for the number of lags.
    """

    lags: Ints
    coefficients: Floats
    best_lag: int | None
    best: float | None
    p: float | None
    effective_n: float | None
    reason: str = ""


@dataclass(frozen=True)
class Finding:
    """One column of a screening: its coefficient with the outcome, p, adjusted p, and whether it is a finding."""

    name: str
    value: float | None
    p: float | None
    adjusted_p: float | None
    shown: bool
    n: int
    reason: str = ""


@dataclass(frozen=True)
class Partial:
    """A coefficient with the effect of other columns taken out, beside the plain one; warning when they disagree."""

    value: float | None
    p: float | None
    plain: float | None
    n: int
    warning: str = ""
    reason: str = ""


def lag_search(x: Any, y: Any, *, most: int = 20) -> Lagged:
    """The delay after which x goes with y most strongly.

    In: two columns of n numbers at equal steps (None = gap); most = largest lag tried, 0..n-4. Out: Lagged; lag k pairs
    x_i with y_(i+k). The effective number of pairs is n (1 - r_x r_y) / (1 + r_x r_y) by the lag-one autocorrelations;
    p is multiplied by the number of lags tried. Raises BadInput for unequal lengths.
    Source: Box, Jenkins and Reinsel, chapter 12; Bartlett, J. Royal Statistical Society 98 (1935).
    """
    a, b = numbers(x, name="x"), numbers(y, name="y")
    if len(a) != len(b):
        raise BadInput(f"x has {len(a)} values, y has {len(b)}: a correlation needs pairs.")
    reach = max(0, min(most, len(a) - 4))
    lags = np.arange(reach + 1, dtype=np.int64)
    found = [pearson(a[: len(a) - k], b[k:]) for k in lags]
    values = np.array([math.nan if c.value is None else c.value for c in found])
    if np.isnan(values).all():
        return Lagged(lags, values, None, None, None, None, found[0].reason)
    place = int(np.nanargmax(np.abs(values)))
    best, like = float(values[place]), (lag_one(a) or 0.0) * (lag_one(b) or 0.0)
    size = found[place].n * min(1.0, max(0.0, (1 - like) / (1 + like)))
    p = _p_of(best, size)
    return Lagged(lags, values, int(lags[place]), best, None if p is None else min(1.0, p * len(lags)), size)


def _p_of(r: float, size: float) -> float | None:
    if size <= 2:
        return None
    if abs(r) >= 1:
        return 0.0
    return 2.0 * float(scipy.stats.t.sf(abs(r) * math.sqrt((size - 2) / (1 - r * r)), size - 2))


def screen(outcome: Any, columns: Mapping[str, Any], *, method: str = "spearman", level: float = 0.05) -> list[Finding]:
    """Every column against the outcome, with the false discovery rate held at `level`; strongest finding first.

    In: n numbers, name -> n numbers (None = missing), method "pearson" or "spearman". Out: Findings by adjusted p.
    Raises BadInput naming the column that does not match. Source: Benjamini and Hochberg (1995).
    """
    if method not in _FUNCTIONS:
        raise BadInput(f"not supported: method {method!r}. Known: {', '.join(_FUNCTIONS)}.")
    y = numbers(outcome, name="outcome")
    found: dict[str, Coefficient] = {}
    for name, column in columns.items():
        values = numbers(column, name=name)
        if len(values) != len(y):
            raise BadInput(f"Column {name!r} has {len(values)} values, the outcome has {len(y)}.")
        found[name] = _FUNCTIONS[method](values, y)
    adjusted = benjamini_hochberg([c.p for c in found.values()])
    rows = [
        Finding(name, c.value, c.p, None if math.isnan(q) else float(q), bool(q <= level), c.n, c.reason)
        for (name, c), q in zip(found.items(), adjusted, strict=True)
    ]
    return sorted(rows, key=lambda row: (row.adjusted_p is None, row.adjusted_p or 0.0, -abs(row.value or 0.0)))


def partial(x: Any, y: Any, others: Mapping[str, Any]) -> Partial:
    """Correlation of x and y with the straight-line effect of other columns taken out of both.

    In: two columns and name -> column of n numbers each (rows with a gap are left out). Out: Partial; warning when a
    shown coefficient loses its evidence or changes its sign, which points to a common cause. Raises BadInput.
    Source: Yule, Proceedings of the Royal Society A 79 (1907); Montgomery, Peck and Vining, chapter 3.
    """
    columns = [numbers(x, name="x"), numbers(y, name="y"), *(numbers(v, name=k) for k, v in others.items())]
    if len({len(column) for column in columns}) != 1:
        raise BadInput("All columns of a partial correlation need the same number of values.")
    data = np.column_stack(columns)
    data = data[~np.isnan(data).any(axis=1)]
    free = len(data) - 2 - len(others)
    if free < 1:
        return Partial(None, None, None, len(data), reason="There are too few complete rows for so many columns.")
    plain = pearson(data[:, 0], data[:, 1])
    design = np.column_stack([np.ones(len(data)), data[:, 2:]])
    rest = data[:, :2] - design @ np.linalg.lstsq(design, data[:, :2], rcond=None)[0]
    scale = np.std(data[:, :2], axis=0)
    if (np.std(rest, axis=0) <= 1e-9 * np.maximum(scale, 1e-300)).any():
        return Partial(None, None, plain.value, len(data), reason="The other columns explain x or y completely.")
    value = float(np.clip(np.corrcoef(rest, rowvar=False)[0, 1], -1.0, 1.0))
    p = _p_of(value, free + 2)
    return Partial(value, p, plain.value, len(data), _confounded(plain, value, p, tuple(others)))


def _confounded(plain: Coefficient, value: float, p: float | None, names: tuple[str, ...]) -> str:
    if plain.value is None or plain.p is None or plain.p > 0.05:
        return ""
    together = " and ".join(names)
    if p is None or p > 0.05:
        return f"The link between x and y vanishes once {together} is taken into account: look for a common cause."
    turned = plain.value * value < 0
    return f"The link between x and y turns round once {together} is taken into account." if turned else ""
