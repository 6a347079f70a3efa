"""Agreement of ratings: Fleiss' and Cohen's kappa with their test and the kappa of each category."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spc.values import BadInput, Floats, table


@dataclass(frozen=True)
class Agreement:
    """Kappa with observed and chance agreement (0..1), its standard error under no agreement, z, and kappa by category.

    None where a figure does not exist, with the reason under its name.
    """

    method: str
    kappa: float | None
    observed_agreement: float
    chance_agreement: float
    se_h0: float | None
    z: float | None
    kappa_by_category: Mapping[str, float | None]
    reasons: Mapping[str, str] = field(default_factory=dict)


_ONE = "Only one category was used: agreement beyond chance is 0/0."


def counts_of(ratings: Any) -> tuple[Floats, tuple[str, ...]]:
    """Ratings as counts.

    In: ratings (subjects x raters), numbers or words, none missing. Out: counts (subjects x categories) and the sorted
    categories, numbers in order of size. Raises BadInput naming row and column. Source: Fleiss 1971, table 1.
    """
    rows = _ratings(ratings)
    categories = tuple(sorted({str(value) for row in rows for value in row}, key=_natural))
    place = {name: i for i, name in enumerate(categories)}
    counts = np.zeros((len(rows), len(categories)))
    for i, row in enumerate(rows):
        for value in row:
            counts[i, place[str(value)]] += 1
    return counts, categories


def _natural(name: str) -> tuple[int, float, str]:
    try:
        return 0, float(name), name
    except ValueError:
        return 1, 0.0, name


def _ratings(ratings: Any) -> list[list[Any]]:
    if not isinstance(ratings, Sequence) or isinstance(ratings, str) or not ratings:
        raise BadInput("There are no ratings: give one row per subject with one rating per rater.")
    rows = [list(row) for row in ratings]
    for i, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]) or len(row) < 2:
            raise BadInput(
                f"Row {i} has {len(row)} ratings: every subject needs one rating from each of at least two raters."
            )
        if None in row:
            raise BadInput(f"Row {i}, column {row.index(None) + 1} has no rating: kappa needs all of them.")
    return rows


def fleiss(counts: Any, *, categories: Sequence[str] = ()) -> Agreement:
    """Fleiss' kappa for many raters.

    In: counts (subjects x categories): how many raters chose the category, the same number of raters in each row.
    Out: Agreement; kappa None when one category only was used. Raises BadInput naming the row.
    Source: Fleiss, Psychological Bulletin 76 (1971); standard errors Fleiss, Nee and Landis 86 (1979).
    """
    data = table(counts, name="counts_by_subject_and_category")
    if not data.size or np.isnan(data).any() or (data < 0).any() or (data != np.floor(data)).any():
        raise BadInput(
            "Fleiss' kappa needs a full table of whole counts from 0: one row per subject, one column per category."
        )
    raters = float(data[0].sum())
    uneven = np.flatnonzero(data.sum(axis=1) != raters)
    if len(uneven) or raters < 2:
        raise BadInput(
            f"Row {int(uneven[0]) + 1 if len(uneven) else 1}: every subject needs the same number of ratings, "
            "at least two."
        )
    subjects, share = len(data), data.sum(axis=0) / data.sum()
    observed = float(np.mean(((data * data).sum(axis=1) - raters) / (raters * (raters - 1))))
    chance, doubt = float(np.sum(share**2)), share * (1 - share)
    names = tuple(categories) or tuple(str(i) for i in range(1, data.shape[1] + 1))
    each = [_category(data[:, j], raters, float(doubt[j])) for j in range(data.shape[1])]
    by_category = dict(zip(names, each, strict=True))
    total = float(doubt.sum())
    if total == 0:
        return Agreement(
            "fleiss", None, observed, chance, None, None, by_category, dict.fromkeys(("kappa", "se_h0", "z"), _ONE)
        )
    kappa = (observed - chance) / (1 - chance)
    skew = float(np.sum(doubt * (1 - 2 * share)))
    error = math.sqrt(2 * max(0.0, total**2 - skew)) / (total * math.sqrt(subjects * raters * (raters - 1)))
    z, reasons = (kappa / error, {}) if error > 0 else (None, {"z": "The standard error is zero."})
    return Agreement("fleiss", kappa, observed, chance, error, z, by_category, reasons)


def _category(chosen: Floats, raters: float, doubt: float) -> float | None:
    if doubt == 0:
        return None
    return 1.0 - float(np.sum(chosen * (raters - chosen))) / (len(chosen) * raters * (raters - 1) * doubt)


def cohen(ratings: Any) -> Agreement:
    """Cohen's kappa for two raters.

    In: ratings (subjects x 2), numbers or words. Out: Agreement; kappa None when both used one category only; z and
    se_h0 under no agreement. Raises BadInput naming the row.
    Source: Cohen, Educational and Psychological Measurement 20 (1960); Fleiss, Cohen and Everitt 72 (1969).
    """
    rows = _ratings(ratings)
    if len(rows[0]) != 2:
        raise BadInput(f"Cohen's kappa compares two raters, the data has {len(rows[0])}: use Fleiss' kappa.")
    _, names = counts_of(rows)
    place = {name: i for i, name in enumerate(names)}
    joint = np.zeros((len(names), len(names)))
    for first, second in rows:
        joint[place[str(first)], place[str(second)]] += 1 / len(rows)
    return cohen_table(joint * len(rows), categories=names)


def cohen_table(counts: Any, *, categories: Sequence[str] = ()) -> Agreement:
    """Cohen's kappa from a square table of counts; see cohen().

    In: counts (first rater's category x second rater's), from 0, and names of the categories. Out: Agreement. Raises
    BadInput for another shape. Source: Cohen 1960; Fleiss, Cohen and Everitt 1969.
    """
    data = table(counts, name="counts")
    if not data.size or data.shape[0] != data.shape[1] or np.isnan(data).any() or (data < 0).any() or not data.sum():
        raise BadInput("Cohen's kappa needs a square table of counts from 0.")
    joint, size = data / data.sum(), float(data.sum())
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    observed, chance = float(np.trace(joint)), float(rows @ columns)
    names = tuple(categories) or tuple(str(i) for i in range(1, len(joint) + 1))
    by_category = {name: _two_by_two(joint, i) for i, name in enumerate(names)}
    if math.isclose(chance, 1.0):
        return Agreement(
            "cohen", None, observed, chance, None, None, by_category, dict.fromkeys(("kappa", "se_h0", "z"), _ONE)
        )
    kappa = (observed - chance) / (1 - chance)
    variance = chance + chance**2 - float(np.sum(rows * columns * (rows + columns)))
    error = math.sqrt(max(0.0, variance) / size) / (1 - chance)
    z, reasons = (kappa / error, {}) if error > 0 else (None, {"z": "The standard error is zero."})
    return Agreement("cohen", kappa, observed, chance, error, z, by_category, reasons)


def _two_by_two(joint: Floats, i: int) -> float | None:
    """Kappa of one category against all others."""
    both, first, second = float(joint[i, i]), float(joint[i].sum()), float(joint[:, i].sum())
    observed, chance = 1 + 2 * both - first - second, first * second + (1 - first) * (1 - second)
    return None if math.isclose(chance, 1.0) else (observed - chance) / (1 - chance)
