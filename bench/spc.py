"""Speed of the statistics on one core: beside the floor that plain numpy sets, then beside other libraries.

QMS_BENCH_PEERS=no leaves the other libraries out; see bench/spc_peers.py for the rest of its settings.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench import spc_duels
from spc.changes import changes
from spc.charts import Setup, draw
from spc.charts.multivariate import individuals
from spc.fleet import Fleet, step_all
from spc.gauge import anova
from spc.rules import NELSON, evaluate
from spc.samples import subgroups
from spc.streaming import START, stepper
from spc.trend import mean_shift, pettitt
from spc.values import Floats

ROOT = Path(__file__).resolve().parents[1]
_SUBGROUPS, _SIZE, _REPEATS = 1_000_000, 5, 5


def run() -> list[dict[str, Any]]:
    """Rows {id, value, unit, goal, beside, met}, from a process of its own that has one core and one thread."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})  # a child keeps to it, with all the threads it would like to have
    try:
        alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "bench.spc"], cwd=ROOT, env=alone, stdout=subprocess.PIPE, check=True
        )
    finally:
        os.sched_setaffinity(0, before)
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def main() -> None:
    """Measure here; the rows as JSON. Each value is the median of five runs on seeded normal data."""
    found = _own()
    if os.environ.get("QMS_BENCH_PEERS") != "no":
        for row in spc_duels.rows(_seconds):
            print(f"{row['id']}: {row['value']}, {row['beside']}", file=sys.stderr, flush=True)
            found.append(dict(row))
    print(json.dumps(found))


def _own() -> list[dict[str, Any]]:
    rng = np.random.default_rng(spc_duels.SEED)
    data, means = rng.normal(10.0, 1.0, (_SUBGROUPS, _SIZE)), rng.normal(0.0, 1.0, _SUBGROUPS)
    return [
        _batch(data),
        _rules(means),
        _scalar(means[:200_000]),
        _fleet(means.reshape(100, 10_000)),
        _hotelling(rng.normal(size=(100_000, 20))),
        _gauge(rng.normal(size=(3, 3, 10))),
        _change_point(means[:100_000]),
    ]


def _seconds(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _row(name: str, value: float, unit: str, goal: float, beside: dict[str, float]) -> dict[str, Any]:
    met = value <= goal if unit == "s" else value >= goal
    return {"id": name, "value": value, "unit": unit, "goal": goal, "beside": beside, "met": met}


def _batch(data: Floats) -> dict[str, Any]:
    def floor() -> object:
        means, ranges = data.mean(axis=1), data.max(axis=1) - data.min(axis=1)
        return np.abs(means - means.mean()) > 3.0 * ranges.mean() / 2.326 / 5.0**0.5

    value = _seconds(lambda: draw(subgroups(data, stds=False), Setup(rules=NELSON)))
    return _row(
        "xbar-r, eight rules, 1,000,000 subgroups of 5",
        value,
        "s",
        0.35,
        {"numpy: means, ranges and rule 1 only": _seconds(floor)},
    )


def _rules(means: Floats) -> dict[str, Any]:
    value = _seconds(lambda: evaluate(means, 0.0, 1.0, NELSON))
    return _row(
        "eight rules on 1,000,000 points",
        value,
        "s",
        0.12,
        {"numpy: rule 1 only": _seconds(lambda: np.abs(means) > 3.0)},
    )


def _scalar(means: Floats) -> dict[str, Any]:
    points, step = means.tolist(), stepper(NELSON)

    def stream() -> None:
        state = START
        for point in points:
            state, _ = step(state, point, 0.0, 1.0)

    def floor() -> list[bool]:
        return [abs(point - 0.0) / 1.0 > 3.0 for point in points]

    return _row(
        "streaming, one point at a time, eight rules",
        len(points) / _seconds(stream),
        "points/s",
        400_000,
        {"python loop: rule 1 only": len(points) / _seconds(floor)},
    )


def _fleet(rows: Floats) -> dict[str, Any]:
    def stream() -> None:
        fleet = Fleet.start(rows.shape[1])
        for row in rows:
            fleet, _ = step_all(fleet, row, 0.0, 1.0, NELSON)

    def floor() -> list[object]:
        return [np.abs(row) > 3.0 for row in rows]

    return _row(
        "streaming, 10,000 characteristics a step, eight rules",
        rows.size / _seconds(stream),
        "points/s",
        1_000_000,
        {"numpy: rule 1 only": rows.size / _seconds(floor)},
    )


def _hotelling(rows: Floats) -> dict[str, Any]:
    def floor() -> object:
        deviations = rows - rows.mean(axis=0)
        return np.einsum("ij,ij->i", deviations @ np.linalg.inv(np.cov(rows, rowvar=False)), deviations)

    value = _seconds(lambda: individuals(rows))
    return _row(
        "T squared, 20 variables, 100,000 rows", value, "s", 0.2, {"numpy: inverse and product": _seconds(floor)}
    )


def _gauge(readings: Floats) -> dict[str, Any]:
    value = _seconds(lambda: anova(readings))
    return _row(
        "gauge R&R by ANOVA, 10 x 3 x 3",
        value,
        "s",
        0.01,
        {"numpy: means only": _seconds(lambda: readings.mean(axis=1))},
    )


def _change_point(x: Floats) -> dict[str, Any]:
    value = _seconds(lambda: (pettitt(x), mean_shift(x), changes(x)))
    return _row("change point, 100,000 points", value, "s", 1.0, {"numpy: one sort": _seconds(lambda: np.sort(x))})


if __name__ == "__main__":
    main()
