"""The questions put to other libraries: what each is asked, what it leaves out, and how far the answers lie apart."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.spc_peers import Answers, Duel, duel, qcc, skipped, virtualenv, worker
from spc.changes import changes
from spc.charts import Chart, Setup, draw
from spc.charts.timeweighted import Cusum, Smoothed, cusum, ewma
from spc.gauge import Anova, anova
from spc.rules import NELSON
from spc.samples import subgroups
from spc.trend import MannKendall, mann_kendall, sen_slope

SEED = 20_261_121
SUBGROUPS = (1_000, 10_000, 100_000, 1_000_000)
MFGQC_LACKS = (
    "one rule of a point only, constants rounded to three decimals, subgroups of one size only, no streaming, no stages"
)
PYSPC_LACKS = "two rules (seven on a side, beyond 3 sigma) without the R chart, rounded constants, sizes 2 to 10"
PYSHEWHART_LACKS = "four Western Electric rules, drawn as they are judged"
QCC_LACKS = "qcc 2.7: rule 1 and one run rule, without the R chart"


def rows(seconds: Callable[[Callable[[], Any]], float]) -> Iterator[Answers]:
    """One row for each question; those whose library is not there say so."""
    with tempfile.TemporaryDirectory(prefix="qms-duels-") as name, virtualenv() as python:
        folder = Path(name)
        for one in DUELS:
            if python:
                yield duel(one, worker(python), folder, seconds)
            else:
                yield skipped(one.name, one.goal, "the virtualenv of the other libraries could not be made")
        command, why = qcc()
        yield duel(QCC, command, folder, seconds) if command else skipped(QCC.name, QCC.goal, why)


def _normal(*shape: int) -> Callable[[int], Any]:
    return lambda size: np.random.default_rng(SEED).normal(10.0, 1.0, (size, *shape))


def _standard(size: int) -> Any:
    return np.random.default_rng(SEED).standard_normal(size)


def _levels(size: int) -> Any:
    """Noise of sigma 1 on ten levels, one to four sigma apart."""
    steps = np.repeat([0.0, 2.0, -1.0, 3.0, 1.0, 0.0, 4.0, 2.0, 1.0, 3.0], size // 10)
    return steps + np.random.default_rng(SEED).standard_normal(len(steps))


def _study(size: int) -> Any:
    rng = np.random.default_rng(SEED)
    return rng.normal(0, 3, size) + rng.normal(0, 1, (3, 1, 1)) + rng.normal(0, 0.5, (3, 3, size))


def _chart(data: Any) -> Chart:
    return draw(subgroups(data, stds=False), Setup(rules=NELSON))


def _limits_apart(ours: Chart, theirs: Answers) -> float:
    mine = (float(ours.location.center[0]), float(ours.location.ucl[0]))
    return max(_relative(a, theirs[name]) for a, name in zip(mine, ("center", "ucl"), strict=True))


def _relative(a: float, b: float) -> float:
    return abs(a - b) / max(abs(a), abs(b), 1e-300)


def _points_apart(ours: Smoothed | Cusum, theirs: Answers) -> float:
    """The share of points that only one side marks."""
    mine = set(ours.violations) if isinstance(ours, Smoothed) else {*ours.upper, *ours.lower}
    return len(mine ^ set(theirs["points"])) / max(1, len(mine | set(theirs["points"])))


def _gauge_apart(ours: Anova, theirs: Answers) -> float:
    names = {"ev": "repeatability", "grr": "grr", "pv": "part"}
    return max(_relative(ours.shares.std[mine], theirs[name]) for name, mine in names.items())


def _changes_apart(ours: Any, theirs: Answers) -> float:
    """The largest distance in points of a change found by one side from the nearest found by the other."""
    mine, other = list(ours.last_before_change), theirs["changes"]
    if not mine or not other:
        return math.inf if mine or other else 0.0
    gaps = np.abs(np.subtract.outer(mine, other))
    return float(max(gaps.min(axis=0).max(), gaps.min(axis=1).max()))


def _trend_apart(ours: tuple[MannKendall, float], theirs: Answers) -> float:
    return max(_relative(float(ours[0].s), theirs["s"]), abs((ours[0].p or 0.0) - theirs["p"]))


DUELS = (
    Duel(
        "xbar-r with eight rules, beside mfgqc 0.3.1", "mfgqc.xbar-r", SUBGROUPS, _normal(5), _chart, _limits_apart,
        100.0, "subgroups", MFGQC_LACKS,
    ),
    Duel(
        "xbar-r with eight rules, beside pyspc 0.4 with two", "pyspc.xbar-r", SUBGROUPS, _normal(5), _chart,
        _limits_apart, 1.0, "subgroups", PYSPC_LACKS,
    ),
    Duel(
        "xbar-r with eight rules, beside pyshewhart 1.1.0 with four", "pyshewhart.xbar-r", SUBGROUPS, _normal(5),
        _chart, None, 1.0, "subgroups", PYSHEWHART_LACKS,
    ),
    Duel(
        "gauge R&R by ANOVA, beside mfgqc 0.3.1", "mfgqc.gauge", (10, 100, 1_000), _study, anova, _gauge_apart, 1.0,
        "parts", "not nested, not unbalanced",
    ),
    Duel(
        "EWMA, beside mfgqc 0.3.1", "mfgqc.ewma", (1_000, 10_000, 100_000, 1_000_000), _standard,
        lambda x: ewma(x, target=0.0, sigma=1.0), _points_apart, 1.0, "points", "no gaps",
    ),
    Duel(
        "CUSUM, beside mfgqc 0.3.1", "mfgqc.cusum", (1_000, 10_000, 100_000, 1_000_000), _standard,
        lambda x: cusum(x, target=0.0, k=0.5, h=5.0), _points_apart, 1.0, "points", "no gaps, no head start",
    ),
    Duel(
        "changes of the mean, beside ruptures 1.1.10", "ruptures.mean", (1_000, 10_000, 100_000), _levels, changes,
        _changes_apart, 1.0, "points", "given as the distance in points of the changes found",
    ),
    Duel(
        "Mann-Kendall and Sen, beside pymannkendall 1.4.3", "pymannkendall.trend", (1_000, 10_000),
        _standard, lambda x: (mann_kendall(x), sen_slope(x)), _trend_apart, 1.0, "points",
        "all pairs in memory: 40 GB for 100,000 points",
    ),
)  # fmt: skip
QCC = Duel(
    "xbar-r with eight rules, beside R's qcc", "qcc.xbar", SUBGROUPS, _normal(5), _chart, _limits_apart, 100.0,
    "subgroups", QCC_LACKS,
)  # fmt: skip
