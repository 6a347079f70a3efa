"""Intervals of the capability of fitted distributions: against normal theory and the bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spc.capability import Spec
from spc.cases import run
from spc.families import REGULAR
from spc.shape_intervals import shape_intervals
from spc.shapes import capability_of, fit
from spc.values import BadInput

X = np.random.default_rng(12).weibull(2.2, 120) * 3 + 0.2
SPEC = Spec(0.05, 11.0)


def test_the_interval_of_a_normal_fit_is_bissells() -> None:
    x = np.random.default_rng(3).normal(10, 1, 200)
    found = shape_intervals(x, Spec(usl=14.0), distribution="normal")
    ppk = (14 - x.mean()) / (3 * x.std())
    error = np.sqrt(1 / (9 * 200) + ppk**2 / (2 * 200))
    assert found.ppk == pytest.approx((ppk - 1.959964 * error, ppk + 1.959964 * error), rel=1e-4)
    assert found.pp is None
    assert "one limit" in found.reasons["pp_ci"]


def test_the_interval_agrees_with_the_parametric_bootstrap() -> None:
    rng = np.random.default_rng(8)
    shape = fit(X, "weibull")
    frozen = REGULAR["weibull"](shape.parameters)
    again = [
        capability_of(frozen.rvs(len(X), random_state=rng), SPEC, distribution="weibull").ppk  # type: ignore[attr-defined]
        for _ in range(400)
    ]
    low, high = shape_intervals(X, SPEC, distribution="weibull").ppk or (0.0, 0.0)
    assert (high - low) / (2 * 1.96) == pytest.approx(float(np.std(again)), rel=0.15)


@pytest.mark.parametrize("distribution", REGULAR)
def test_every_smooth_family_has_an_interval_around_its_index(distribution: str) -> None:
    found = shape_intervals(X, SPEC, distribution=distribution)
    index = capability_of(X, SPEC, distribution=distribution)
    for ends, value in ((found.pp, index.pp), (found.ppk, index.ppk)):
        assert ends is not None
        assert value is not None
        assert ends[0] < value < ends[1]


@given(factor=st.floats(1e-3, 1e3), confidence=st.floats(0.5, 0.99))
def test_the_interval_ignores_the_unit_and_widens_with_confidence(factor: float, confidence: float) -> None:
    spec = Spec(0.05 * factor, 11.0 * factor)
    found = shape_intervals(X * factor, spec, distribution="weibull", confidence=confidence).ppk or (0.0, 0.0)
    plain = shape_intervals(X, SPEC, distribution="weibull", confidence=confidence).ppk
    wider = shape_intervals(X, SPEC, distribution="weibull", confidence=confidence + 0.005).ppk or (0.0, 0.0)
    assert found == pytest.approx(plain, rel=1e-3)
    assert wider[1] - wider[0] > found[1] - found[0]


def test_a_threshold_gives_no_interval_but_the_reason() -> None:
    found = shape_intervals(X, SPEC, distribution="weibull-3")
    assert found.ppk is None
    assert "threshold" in found.reasons["ppk_ci"]


def test_a_likelihood_without_curvature_gives_no_interval() -> None:
    x = 1e6 * (1 + 1e-12 * np.arange(5))
    assert "too flat" in shape_intervals(x, Spec(usl=2e6), distribution="gamma").reasons["ppk_ci"]


def test_a_confidence_of_one_is_refused() -> None:
    with pytest.raises(BadInput, match="between 0 and 1"):
        shape_intervals(X, SPEC, distribution="weibull", confidence=1.0)


def test_the_case_carries_the_intervals() -> None:
    options = {"usl": 11.0, "distribution": "weibull", "confidence": 0.9}
    result = run({"kind": "capability", "input": {"x": X.tolist()}, "options": options})
    assert result["ppk_ci"][0] < result["ppk"] < result["ppk_ci"][1]
    assert result["confidence"] == 0.9
    assert result["reasons"]["pp_ci"]
