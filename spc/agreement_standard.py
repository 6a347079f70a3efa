"""Attribute agreement study: each appraiser with himself, with the others and with the standard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spc.agreement import Agreement, cohen, counts_of, fleiss
from spc.proportions import clopper_pearson
from spc.values import BadInput

Rows = list[list[str]]


@dataclass(frozen=True)
class Matched:
    """How many of n subjects agree, the share in % with its exact interval, and kappa overall and by category."""

    matched: int
    n: int
    percent: float
    ci: tuple[float, float]
    kappa: float | None
    kappa_by_category: Mapping[str, float | None]


@dataclass(frozen=True)
class Errors:
    """Ratings of one appraiser against a standard of two categories, in %: misses, false alarms, and mixed subjects.

    miss: a subject of the bad category rated good; false_alarm: the other way; mixed: not the same in every trial.
    """

    miss: float | None
    false_alarm: float | None
    mixed: float


@dataclass(frozen=True)
class Study:
    """Agreement by appraiser (within; against the standard), between all appraisers, and of all with the standard."""

    categories: tuple[str, ...]
    within: Mapping[str, Matched]
    standard: Mapping[str, Matched]
    between: Matched | None
    all_standard: Matched | None
    errors: Mapping[str, Errors]


def study(
    ratings: Mapping[str, Any],
    standard: Sequence[Any] | None = None,
    *,
    bad: str | None = None,
    confidence: float = 0.95,
) -> Study:
    """Attribute agreement analysis.

    In: appraiser -> rows of trials (subjects x trials, words or numbers), the true category of each subject if known,
    and which category is the bad one (for misses and false alarms of two categories). Out: Study; kappa within and
    between by Fleiss, against the standard the mean over trials of Cohen's kappa with the standard. Raises BadInput
    naming appraiser and row. Source: AIAG, Measurement Systems Analysis, 4th ed., chapter III C; Fleiss 1971.
    """
    rows = {str(name): _rows(str(name), table) for name, table in ratings.items()} if ratings else {}
    if not rows:
        raise BadInput("There are no ratings: give appraiser -> rows of trials.")
    size = len(next(iter(rows.values())))
    for name, table in rows.items():
        if len(table) != size:
            raise BadInput(f"Appraiser {name} rated {len(table)} subjects, the first {size}.")
    truth = None if standard is None else [str(value) for value in standard]
    if truth is not None and len(truth) != size:
        raise BadInput(f"The standard names {len(truth)} subjects, the appraisers rated {size}.")
    together = [[value for table in rows.values() for value in table[i]] for i in range(size)]
    categories = counts_of(_beside(together, truth or [row[0] for row in together]))[1]
    return Study(
        categories=categories,
        within={n: _same(t, None, confidence) for n, t in rows.items() if len(t[0]) > 1},
        standard={} if truth is None else {n: _same(t, truth, confidence) for n, t in rows.items()},
        between=_same(together, None, confidence) if len(rows) > 1 else None,
        all_standard=None if truth is None else _same(together, truth, confidence),
        errors={} if truth is None or bad is None else {n: _errors(t, truth, bad) for n, t in rows.items()},
    )


def _beside(rows: Rows, truth: list[str]) -> Rows:
    return [[*row, value] for row, value in zip(rows, truth, strict=True)]


def _rows(name: str, table: Any) -> Rows:
    if not isinstance(table, Sequence) or isinstance(table, str) or not table:
        raise BadInput(f"Appraiser {name} has no ratings: give one row per subject.")
    rows = [list(row) if isinstance(row, (list, tuple)) else [row] for row in table]
    for i, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]) or not row or None in row:
            raise BadInput(f"Appraiser {name}, row {i}: every subject needs a rating in each of the same trials.")
    return [[str(value) for value in row] for row in rows]


def _same(rows: Rows, truth: list[str] | None, confidence: float) -> Matched:
    """Subjects whose ratings all agree, with the standard where there is one."""
    wanted = truth or [row[0] for row in rows]
    matched = sum(all(value == right for value in row) for row, right in zip(rows, wanted, strict=True))
    low, high = clopper_pearson(matched, len(rows), confidence=confidence)
    if truth is None:
        counts, names = counts_of(rows)
        each = [fleiss(counts, categories=names)]
    else:
        each = [cohen([[row[t], right] for row, right in zip(rows, truth, strict=True)]) for t in range(len(rows[0]))]
    kappa, by_category = _averaged(each)
    return Matched(matched, len(rows), 100 * matched / len(rows), (100 * low, 100 * high), kappa, by_category)


def _averaged(found: list[Agreement]) -> tuple[float | None, dict[str, float | None]]:
    names = sorted({name for one in found for name in one.kappa_by_category})
    by_category = {name: _mean([one.kappa_by_category.get(name) for one in found]) for name in names}
    return _mean([one.kappa for one in found]), by_category


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _errors(rows: Rows, truth: list[str], bad: str) -> Errors:
    wrong = [[value != right for value in row] for row, right in zip(rows, truth, strict=True)]
    parts = {
        side: [np.mean(row) for row, right in zip(wrong, truth, strict=True) if (right == bad) is side]
        for side in (True, False)
    }
    mixed = float(np.mean([len(set(row)) > 1 for row in rows]))
    miss, alarm = (100 * float(np.mean(parts[side])) if parts[side] else None for side in (True, False))
    return Errors(miss, alarm, 100 * mixed)
