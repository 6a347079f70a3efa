"""The same numbers as other libraries where definitions agree; skipped, visibly, where a library is not installed.

QMS_BENCH_PEERS names a virtualenv with the Python libraries (`bench spc` makes and keeps one there), R needs its
package spc. What differs by definition is brought to one definition first: rounded constants are taken from the other.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spc.agreement import fleiss
from spc.autocorrelation import ljung_box
from spc.capability import Spec, capability, of_values
from spc.changes import changes
from spc.charts.timeweighted import cusum, ewma
from spc.constants import d2, d3
from spc.gauge import anova
from spc.regression import regression
from spc.rules import NELSON, evaluate
from spc.run_length_mewma import mewma_limit
from spc.trend import mann_kendall

pytestmark = pytest.mark.slow
WORKER = Path(__file__).resolve().parents[2] / "bench" / "spc_worker.py"
RNG = np.random.default_rng(7)
Ask = Callable[[str, Any], dict[str, Any]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    python = Path(os.environ.get("QMS_BENCH_PEERS", "")) / "bin" / "python"
    if not python.exists():
        pytest.skip("no virtualenv of other libraries (QMS_BENCH_PEERS)")

    def answer(question: str, data: Any) -> dict[str, Any]:
        np.save(tmp_path / "data.npy", data)
        command = [str(python), str(WORKER), question, str(tmp_path / "data.npy"), "1"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])["figures"]
        return figures

    return answer


def _means(kind: str) -> np.ndarray:
    x = RNG.normal(10.0, 1.0, (3000, 5))
    if kind == "drift":
        x += np.linspace(0.0, 3.0, 3000)[:, None]
    if kind == "ties":
        x = np.round(x)
    if kind == "sawtooth":
        x += np.where(np.arange(3000) % 2, 0.9, -0.9)[:, None]
    return x


@pytest.mark.parametrize("kind", ["noise", "drift", "ties", "sawtooth"])
def test_the_eight_rules_mark_the_same_points(ask: Ask, kind: str) -> None:
    data = _means(kind)
    theirs = ask("mfgqc.xbar-r", data)
    sigma = (theirs["ucl"] - theirs["center"]) / 3  # of its rounded constants; it takes rule 8 on either side
    z = (data.mean(axis=1) - theirs["center"]) / sigma
    ours = set((np.flatnonzero(evaluate(z, 0.0, 1.0, NELSON, mixture_one_side=True)) + 1).tolist())
    assert ours <= set(theirs["points"])
    assert all(_on_the_other_side(z[:point]) for point in set(theirs["points"]) - ours)


def _on_the_other_side(z: np.ndarray) -> bool:
    """It also marks a point far out on one side after two or four far out on the other; the definition does not."""
    side = -np.sign(z[-1])
    return bool((side * z[-3:] > 2).sum() >= 2 or (side * z[-5:] > 1).sum() >= 4)


def test_gauge_components_are_the_same(ask: Ask) -> None:
    for parts in (0.2, 3.0):
        data = RNG.normal(0, parts, 10) + RNG.normal(0, 1, (3, 1, 1)) + RNG.normal(0, 0.5, (3, 3, 10))
        theirs, ours = ask("mfgqc.gauge", data), anova(data).shares.std
        assert [ours["repeatability"], ours["grr"], ours["part"]] == pytest.approx(
            [theirs["ev"], theirs["grr"], theirs["pv"]], rel=1e-9, abs=1e-9
        )


def test_charts_with_a_memory_signal_at_the_same_points(ask: Ask) -> None:
    x = RNG.standard_normal(4000) + np.repeat([0.0, 0.7, 0.0, -0.7], 1000)
    assert list(ewma(x, target=0.0, sigma=1.0).violations) == ask("mfgqc.ewma", x)["points"]
    ours = cusum(x, target=0.0, k=0.5, h=5.0)
    assert sorted({*ours.upper, *ours.lower}) == ask("mfgqc.cusum", x)["points"]


def test_overall_capability_is_the_same(ask: Ask) -> None:
    x = RNG.normal(10.2, 0.9, 500)
    theirs = ask("mfgqc.capability", x)
    ours = capability(of_values(x), Spec(7.0, 13.0, 10.0))
    assert [ours.pp, ours.ppk, ours.ppm_index] == pytest.approx([theirs["pp"], theirs["ppk"], theirs["cpm"]], rel=1e-9)


def test_changes_of_the_mean_are_found_at_the_same_points(ask: Ask) -> None:
    x = np.repeat([0.0, 2.0, -1.0, 3.0], 150) + RNG.standard_normal(600)
    theirs = ask("ruptures.mean", x)["changes"]
    assert list(changes(x, penalty=3 * np.log(600)).last_before_change) == theirs


def test_a_trend_test_is_the_same_with_ties(ask: Ask) -> None:
    x = np.round(RNG.standard_normal(500) + np.linspace(0, 0.4, 500), 1)
    theirs, ours = ask("pymannkendall.trend", x), mann_kendall(x)
    assert (ours.s, ours.p) == (theirs["s"], pytest.approx(theirs["p"], abs=1e-12))


def test_agreement_autocorrelation_and_regression_are_the_same(ask: Ask) -> None:
    counts = RNG.multinomial(6, [0.2, 0.5, 0.3], size=40)
    assert fleiss(counts).kappa == pytest.approx(ask("statsmodels.fleiss", counts)["kappa"])
    x = RNG.standard_normal(300)
    theirs, ours = ask("statsmodels.ljung-box", x), ljung_box(x)
    assert (ours.q, ours.p) == (pytest.approx(theirs["q"]), pytest.approx(theirs["p"]))
    data = RNG.standard_normal((80, 3)) @ np.array([[2.0, 0.3, 0.1], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
    fit, found = ask("statsmodels.regression", data), regression(data[:, 0], {"a": data[:, 1], "b": data[:, 2]})
    assert [term.estimate for term in found.terms] == pytest.approx(fit["estimates"])
    assert [term.error for term in found.terms] == pytest.approx(fit["errors"])
    assert found.cooks_distance == pytest.approx(fit["cook"])


def r(code: str) -> list[float]:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is not installed")
    asked = f"options(digits = 17); cat({code}, sep = '\\n')"
    done = subprocess.run([rscript, "-e", asked], capture_output=True, text=True, check=False)
    if "there is no package called" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[0])
    assert done.returncode == 0, done.stderr
    return [float(line) for line in done.stdout.split()]


def test_constants_equal_those_of_the_studentised_range_in_r() -> None:
    mean = "function(n) integrate(function(w) 1 - ptukey(w, n, Inf), 0, Inf, rel.tol = 1e-9)$value"
    square = "function(n) 2 * integrate(function(w) w * (1 - ptukey(w, n, Inf)), 0, Inf, rel.tol = 1e-9)$value"
    sizes = (2, 5, 10, 25)
    found = r(f"sapply(c{sizes}, {mean}), sapply(c{sizes}, {square})")
    assert [d2(n) for n in sizes] == pytest.approx(found[:4], rel=1e-6)
    assert [d3(n) ** 2 + d2(n) ** 2 for n in sizes] == pytest.approx(found[4:], rel=1e-6)


@pytest.mark.parametrize(("weight", "variables"), [(0.1, 2), (0.1, 5), (0.3, 3)])
def test_mewma_limits_equal_those_of_r_spc(weight: float, variables: int) -> None:
    (limit,) = r(f"spc::mewma.crit({weight}, 200, {variables})")
    assert mewma_limit(variables, weight, 200.0) == pytest.approx(limit, rel=2e-3)  # 80 rings against its collocation
