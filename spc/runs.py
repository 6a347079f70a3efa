"""Run charts: is the order of the points random? Runs about the median, runs up and down, longest run and crossings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.values import BadInput, Bools, numbers, present


@dataclass(frozen=True)
class RunChart:
    """Tests of randomness of n points around their median (unit of x); None with a reason where they do not exist.

    runs: runs about the median with their expected number and the one-sided p of clustering (too few) and mixtures
    (too many); updown: runs up and down, p of trends (too few) and oscillation (too many); longest and crossings with
    the bounds that a random series keeps: signal when longest > longest_limit or crossings < crossings_limit.
    """

    median: float
    n_useful: int
    runs: int
    runs_expected: float | None
    p_clustering: float | None
    p_mixtures: float | None
    updown: int
    updown_expected: float | None
    p_trends: float | None
    p_oscillation: float | None
    longest: int
    longest_limit: int | None
    crossings: int
    crossings_limit: int | None
    signal: bool
    reasons: Mapping[str, str] = field(default_factory=dict)


def run_chart(x: Any, *, median: float | None = None) -> RunChart:
    """Run tests of a series.

    In: n values in order of time (None left out); median = the centre to count from, default that of the data. Out:
    RunChart. Points on the median count for no run; equal neighbours neither rise nor fall. Raises BadInput when empty.
    Sources: Swed and Eisenhart, Annals of Math. Statistics 14 (1943) with the normal approximation; Wallis and Moore
    (1941); Anhoej and Olesen, PLoS ONE 9 (2014): longest > round(log2 n) + 3, crossings < the 5 % binomial quantile.
    """
    values = present(numbers(x))
    if not len(values):
        raise BadInput("There are no values: give at least one.")
    middle = float(np.median(values)) if median is None else median
    useful = values[values != middle]
    above: Bools = useful > middle
    runs = _runs(above)
    expected, few, many = _about(int(above.sum()), int((~above).sum()), runs)
    steps = np.diff(values)
    rises = steps[steps != 0] > 0
    updown = _runs(rises)
    moves, trends, swings = _updown(len(rises) + 1, updown)
    n, longest, crossings = len(useful), _longest(above), max(0, runs - 1)
    most = round(math.log2(n)) + 3 if n >= 10 else None
    least = int(scipy.stats.binom.ppf(0.05, n - 1, 0.5)) if n >= 10 else None
    reasons = _absences(expected=(expected, few), moves=(moves, trends), most=most)
    signal = (most is not None and longest > most) or (least is not None and crossings < least)
    return RunChart(
        median=middle,
        n_useful=n,
        runs=runs,
        runs_expected=expected,
        p_clustering=few,
        p_mixtures=many,
        updown=updown,
        updown_expected=moves,
        p_trends=trends,
        p_oscillation=swings,
        longest=longest,
        longest_limit=most,
        crossings=crossings,
        crossings_limit=least,
        signal=signal,
        reasons=reasons,
    )


def _absences(
    *, expected: tuple[float | None, float | None], moves: tuple[float | None, float | None], most: int | None
) -> dict[str, str]:
    one_side = "All useful points lie on one side of the median."
    few = "There are too few points off the median for a test." if expected[0] is not None else one_side
    still = "There are too few changes to count runs up and down."
    why: dict[str, str] = {} if expected[0] is not None else {"runs_expected": few}
    if expected[1] is None:
        why |= {"p_clustering": few, "p_mixtures": few}
    if moves[0] is None:
        why |= {"p_trends": still, "p_oscillation": still, "updown_expected": still}
    if most is None:
        why |= dict.fromkeys(("longest_limit", "crossings_limit"), "Fewer than ten points lie off the median.")
    return why


def _runs(flags: Bools) -> int:
    return int((flags[1:] != flags[:-1]).sum()) + 1 if len(flags) else 0


def _longest(flags: Bools) -> int:
    if not len(flags):
        return 0
    ends = np.flatnonzero(np.append(flags[1:] != flags[:-1], True))
    return int(np.diff(ends, prepend=-1).max())


def _about(above: int, below: int, runs: int) -> tuple[float | None, float | None, float | None]:
    n = above + below
    if above == 0 or below == 0:
        return None, None, None
    expected = 1 + 2 * above * below / n
    variance = 2 * above * below * (2 * above * below - n) / (n * n * (n - 1))
    return (expected, *_tails(runs, expected, variance))


def _updown(n: int, runs: int) -> tuple[float | None, float | None, float | None]:
    if n < 3:
        return None, None, None
    expected, variance = (2 * n - 1) / 3, (16 * n - 29) / 90
    return (expected, *_tails(runs, expected, variance))


def _tails(runs: int, expected: float, variance: float) -> tuple[float | None, float | None]:
    if variance <= 0:
        return None, None
    z = (runs - expected) / math.sqrt(variance)
    return float(scipy.special.ndtr(z)), float(scipy.special.ndtr(-z))
