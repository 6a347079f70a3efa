"""Data that are not normal: more families, Johnson's system, capability after a transformation; own rule sets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spc.capability import Spec, capability, of_values
from spc.cases import run
from spc.johnson import johnson
from spc.rulesets import ruleset
from spc.shapes import fit, ranked
from spc.transformed import transformed
from spc.values import BadInput

RNG = np.random.default_rng(30)
LATE = RNG.weibull(1.6, 150) * 8 + 20


@pytest.mark.parametrize(
    ("name", "frozen"),
    [
        ("loglogistic", lambda p: stats.fisk(1 / p["scale"], scale=np.exp(p["location"]))),
        ("logistic", lambda p: stats.logistic(p["location"], p["scale"])),
        ("smallest-extreme-value", lambda p: stats.gumbel_l(p["location"], p["scale"])),
        ("largest-extreme-value", lambda p: stats.gumbel_r(p["location"], p["scale"])),
        ("weibull-3", lambda p: stats.weibull_min(p["shape"], p["threshold"], p["scale"])),
        ("lognormal-3", lambda p: stats.lognorm(p["sigma"], p["threshold"], np.exp(p["mu"]))),
        ("gamma-3", lambda p: stats.gamma(p["shape"], p["threshold"], p["scale"])),
    ],
)
def test_further_families_sit_on_their_maximum(name: str, frozen: Any) -> None:
    best = fit(LATE, name)
    assert best.log_likelihood == pytest.approx(float(frozen(best.parameters).logpdf(LATE).sum()))
    assert best.p99865 == pytest.approx(float(frozen(best.parameters).ppf(0.99865)))
    assert best.anderson_darling > 0
    for key, value in best.parameters.items():
        moved = {**best.parameters, key: value * 1.004}
        assert float(frozen(moved).logpdf(LATE).sum()) < best.log_likelihood + 1e-6


def test_the_best_family_comes_first() -> None:
    found = ranked(LATE, names=("weibull-3", "normal", "exponential"))
    assert [shape.distribution for shape in found] == ["weibull-3", "normal", "exponential"]
    assert [shape.aic for shape in found] == sorted(shape.aic for shape in found)
    assert "weibull" not in {shape.distribution for shape in ranked(LATE - 40, names=("weibull", "normal"))}
    with pytest.raises(BadInput):
        ranked([-1.0, 2.0], names=("weibull",))


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        (RNG.beta(0.9, 2, 300), {"SB"}),
        (RNG.standard_t(3, 300), {"SU"}),
        (np.exp(RNG.normal(size=300)) + 3, {"SL", "SB", "SU"}),
    ],
)
def test_johnson_makes_skewed_data_normal(data: Any, kinds: set[str]) -> None:
    found = johnson(data)
    assert found.kind in kinds
    assert found.normality_p > 0.05
    assert found.back(found.forward(data)) == pytest.approx(data)
    assert (np.diff(found.forward(np.sort(data))) >= 0).all()


def test_johnson_ignores_units() -> None:
    plain, moved = johnson(LATE), johnson(2.5 * LATE - 7)
    assert (moved.gamma, moved.eta) == pytest.approx((plain.gamma, plain.eta))
    for bad in ([1.0] * 12, [1.0, 2.0], [0.0] * 10 + [1.0] * 10):
        with pytest.raises(BadInput):
            johnson(bad)


def test_box_cox_carries_limits_and_quantiles_through_the_curve() -> None:
    x = np.exp(RNG.normal(1, 0.4, 400))
    found = transformed(x, Spec(0.5, 12.0), power=0.0)
    logs = np.log(x)
    assert found.capability.ppu == pytest.approx((np.log(12) - logs.mean()) / (3 * logs.std(ddof=1)))
    assert found.p50 == pytest.approx(np.exp(logs.mean()))
    assert found.p99865 == pytest.approx(np.exp(logs.mean() + 3 * logs.std(ddof=1)))
    free = transformed(x, Spec(0.5, 12.0))
    assert free.capability.ppk == pytest.approx(found.capability.ppk or 0, rel=0.15)
    assert free.shift == 0.0


@pytest.mark.parametrize(("level", "spread"), [(20.0, 1e-3), (1000.0, 1e-6), (1e6, 1e-7), (1e-3, 1e-9), (1e40, 1e-5)])
def test_box_cox_of_values_that_spread_little_is_as_capable_as_normal_theory(level: float, spread: float) -> None:
    x = level * (1 + spread * RNG.normal(size=80))
    spec = Spec(level * (1 - 4 * spread), level * (1 + 4 * spread))
    found = transformed(x, spec)
    assert found.capability.ppk == pytest.approx(capability(of_values(x), spec).ppk or 0, rel=0.05)
    assert found.p50 == pytest.approx(level, rel=2 * spread)
    assert "lambda" in found.reasons


@given(power=st.floats(-2, 2), factor=st.floats(1e-6, 1e6))
def test_the_indices_after_box_cox_ignore_the_unit(power: float, factor: float) -> None:
    x = np.exp(np.random.default_rng(4).normal(1, 0.3, 60))
    plain, scaled = (transformed(c * x, Spec(c * 1.0, c * 8.0), power=power) for c in (1.0, factor))
    assert scaled.capability.ppk == pytest.approx(plain.capability.ppk, rel=1e-9)
    assert scaled.p99865 == pytest.approx(factor * plain.p99865, rel=1e-9)


def test_figures_after_box_cox_are_those_of_the_plain_power() -> None:
    x = np.exp(RNG.normal(1, 0.4, 50))
    found = transformed(x, Spec(0.5, 12.0), power=0.5).capability
    curved = (np.sqrt(x) - 1) / 0.5
    assert found.mean == pytest.approx(curved.mean())
    assert found.sigma_overall == pytest.approx(curved.std(ddof=1))


def test_values_below_zero_are_shifted_and_the_shift_is_told() -> None:
    x = np.exp(RNG.normal(1, 0.4, 100)) - 5
    found = transformed(x, Spec(-40.0, 20.0))
    assert found.shift > 0
    assert "lsl" in found.reasons
    assert found.capability.ppl is None


def test_limits_out_of_reach_leave_nothing_to_judge() -> None:
    with pytest.raises(BadInput, match="never reaches"):
        transformed(np.exp(RNG.normal(size=50)), Spec(lsl=-1.0))
    with pytest.raises(BadInput, match="vary"):
        transformed([0.0, 0.0, 0.0], Spec(usl=1.0))
    with pytest.raises(BadInput, match="vary"):
        transformed([None], Spec(usl=1.0))
    with pytest.raises(BadInput, match="not supported"):
        transformed([1.0, 2.0], Spec(usl=1.0), method="sqrt")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"method": "box-cox"}, "ppk lambda shift p00135 p50 p99865 normal_theory_ppk"),
        ({"method": "johnson"}, "ppk family gamma eta epsilon lambda"),
        ({"distribution": "best"}, "ppk candidates shape p99865"),
        ({"method": "z"}, "ppk_z_method mu sigma"),
        ({"distribution": "lognormal", "method": "percentile"}, "ppk mu sigma"),
    ],
)
def test_capability_without_normality_answers_in_its_names(options: dict[str, Any], names: str) -> None:
    data = np.exp(RNG.normal(1, 0.4, 60)).tolist()
    result = run({"kind": "capability", "input": {"x": data}, "options": {"usl": 9.0, **options}})
    assert set(names.split()) <= set(result) | {"shape"}


def test_families_of_rules_unfold_and_own_rules_take_free_bits() -> None:
    found = ruleset(["we", "nelson_1", {"test": "trend", "window": 7}, {"name": "x", "test": "within", "window": 9}])
    assert [rule.name for rule in found] == ["we_1", "we_2", "we_3", "we_4", "nelson_1", "own_1", "x"]
    assert [rule.bit for rule in found[-2:]] == [12, 13]
    assert found[-1].sigmas == 1
    assert len(ruleset(["all"])) == 12


@pytest.mark.parametrize(
    "entries",
    ["all", [3], [{"test": "vibes"}], [{"name": "we_1", "test": "side"}], [{"test": "side", "window": 2.5}], ["we_9"]],
)
def test_rule_sets_that_cannot_be_read_are_refused(entries: Any) -> None:
    with pytest.raises(BadInput):
        ruleset(entries)


def test_shape_parameters_solve_their_likelihood_equations() -> None:
    for name, reference in (("weibull", stats.weibull_min), ("gamma", stats.gamma)):
        found = fit(LATE, name).parameters
        shape, _, scale = reference.fit(LATE, floc=0)
        assert (found["shape"], found["scale"]) == pytest.approx((shape, scale), rel=1e-3)
    tight = fit([1.0, 1.0 + 1e-6, 1.0 - 1e-6], "gamma").parameters
    assert tight["shape"] * tight["scale"] == pytest.approx(1.0)
    assert tight["scale"] ** 2 * tight["shape"] == pytest.approx(2e-12 / 3, rel=1e-3)
