"""Gauge studies beyond the crossed one: intervals, nested, bias, linearity, stability, agreement with a standard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spc import agreement_standard as attribute
from spc.cases import run
from spc.gauge import anova, study
from spc.gauge_intervals import intervals
from spc.gauge_location import bias, linearity, stability
from spc.gauge_nested import nested
from spc.values import BadInput
from tests.spc.test_gauge import AIAG

MASTER = [5.8, 5.7, 5.9, 5.9, 6.0, 6.1, 6.0, 6.1, 6.4, 6.3, 6.0, 6.1, 6.2, 5.6, 6.0]
# AIAG, Measurement Systems Analysis, 4th ed., table III-B 4: five masters, twelve readings each.
LINE = {
    "2": [2.7, 2.5, 2.4, 2.5, 2.7, 2.3, 2.5, 2.5, 2.4, 2.4, 2.6, 2.4],
    "4": [5.1, 3.9, 4.2, 5.0, 3.8, 3.9, 3.9, 3.9, 3.9, 4.0, 4.1, 3.8],
    "6": [5.8, 5.7, 5.9, 5.9, 6.0, 6.1, 6.0, 6.1, 6.4, 6.3, 6.0, 6.1],
    "8": [7.6, 7.7, 7.8, 7.7, 7.8, 7.8, 7.8, 7.7, 7.8, 7.5, 7.6, 7.7],
    "10": [9.1, 9.3, 9.5, 9.3, 9.4, 9.5, 9.5, 9.5, 9.6, 9.2, 9.3, 9.4],
}


def test_linearity_reproduces_the_published_line() -> None:
    found = linearity(LINE, sigma=2.5)
    assert (found.slope, found.intercept) == pytest.approx((-0.131667, 0.736667), abs=1e-6)
    assert (found.r_squared, found.s) == pytest.approx((0.7143, 0.23954), abs=1e-4)
    assert found.acceptable is False
    assert found.linearity == pytest.approx(0.131667 * 15, abs=1e-5)
    assert found.bias["2"].bias == pytest.approx(0.491667, abs=1e-6)
    assert linearity({"1": [1.0, 1.0], "2": [2.0, 2.0]}).acceptable is None


def test_bias_reproduces_the_published_mean() -> None:
    found = bias(MASTER, reference=6.0, tolerance=4.0, sigma=0.5)
    assert (found.bias, found.repeatability, found.t) == pytest.approx((0.0067, 0.21202, 0.1218), abs=1e-4)
    assert found.acceptable is True
    assert (found.pct_tolerance, found.pct_process) == pytest.approx((0.16667, 0.22222), abs=1e-4)
    assert bias([6.2, 6.3, 6.25], reference=6.0).acceptable is False
    flat = bias([6.0, 6.0], reference=6.0)
    assert (flat.acceptable, flat.repeatability) == (None, 0.0)
    assert flat.reason


def test_a_master_that_drifts_is_not_stable() -> None:
    rng = np.random.default_rng(1)
    steady = rng.normal(6.0, 0.1, (20, 5))
    assert stability(steady.tolist(), reference=6.0).stable is True
    drift = stability((steady + 0.02 * np.arange(20)[:, None]).tolist())
    assert drift.stable is False
    assert drift.bias is None
    assert stability(rng.normal(6.0, 0.1, 30).tolist(), reference=6.0).bias == pytest.approx(0.0, abs=0.06)
    assert stability([6.0, None]).stable is None


def test_nested_variances_agree_with_simulation() -> None:
    rng = np.random.default_rng(2)
    parts = rng.normal(0, 3, (200, 1, 6)) + rng.normal(0, 2, (200, 1, 1))
    found = nested(parts + rng.normal(0, 1, (200, 3, 6)))
    assert found.shares.std["part"] == pytest.approx(3, rel=0.08)
    assert found.shares.std["appraiser"] == pytest.approx(2, rel=0.15)
    assert found.shares.std["repeatability"] == pytest.approx(1, rel=0.05)
    assert sum(found.ss[k] for k in ("part", "appraiser", "repeatability")) == pytest.approx(found.ss["total"])
    flat = nested(np.ones((2, 2, 3)))
    assert set(flat.reasons) == {"f.appraiser", "f.part"}


def test_the_interval_of_repeatability_is_chi_square_and_the_others_cover() -> None:
    data = study(AIAG)
    found = intervals(anova(data), trials=3)
    low, high = found.std["repeatability"]
    assert (low, high) == pytest.approx((0.1728, 0.2371), rel=0.01)  # sqrt(3.1179 / chi-square(78))
    assert found.pct_study["total"] == pytest.approx((100, 100))
    assert found.ndc is not None
    assert found.ndc[0] < 4 < found.ndc[1]
    whole = intervals(anova(data, pool_above=1.0), trials=3)
    assert whole.std["interaction"][1] > 0
    inside = intervals(nested(data), trials=3, confidence=0.5)
    assert inside.std["grr"][0] < inside.std["grr"][1]
    flat = intervals(anova(np.ones((2, 2, 2))), trials=2)
    assert (flat.ndc, flat.pct_study["grr"]) == (None, None)
    steady = np.broadcast_to(np.array([1.0, 2.0, 3.0]), (2, 2, 3))
    assert intervals(anova(steady), trials=2).ndc is None
    with pytest.raises(BadInput):
        intervals(anova(data), trials=3, confidence=1.0)


def test_intervals_cover_the_truth_as_often_as_promised() -> None:
    rng, hits = np.random.default_rng(3), 0
    for _ in range(60):
        data = (
            rng.normal(0, 5, (1, 1, 10)) + rng.normal(0, 1, (3, 1, 1)) + rng.normal(0, 1, (3, 2, 10))
        )  # grr = sqrt(2)
        low, high = intervals(anova(data), trials=2, confidence=0.9).std["grr"]
        hits += low <= 2**0.5 <= high
    assert hits >= 48


RATINGS = {"A": [["g", "g"], ["b", "b"], ["b", "g"]], "B": [["g", "g"], ["b", "b"], ["b", "b"]]}


def test_agreement_is_told_within_between_and_against_the_standard() -> None:
    found = attribute.study(RATINGS, ["g", "b", "b"], bad="b")
    assert (found.within["A"].matched, found.within["B"].percent) == (2, 100.0)
    assert found.within["B"].ci[0] == pytest.approx(100 * 0.025 ** (1 / 3))
    assert found.standard["A"].kappa == pytest.approx((1.0 + 0.4) / 2)
    assert found.between is not None
    assert found.between.matched == 2
    assert found.all_standard is not None
    assert found.all_standard.matched == 2
    assert (found.errors["A"].miss, found.errors["A"].false_alarm) == (25.0, 0.0)
    assert found.errors["A"].mixed == pytest.approx(100 / 3)


def test_one_look_by_one_appraiser_has_no_agreement_within_or_between() -> None:
    found = attribute.study({"A": ["g", "b"]}, ["g", "g"], bad="b")
    assert (found.within, found.between) == ({}, None)
    assert found.errors["A"].miss is None
    assert attribute.study({"A": [["g"], ["g"]]}, ["g", "g"]).standard["A"].kappa is None
    assert attribute.study(RATINGS).standard == {}


@pytest.mark.parametrize(
    ("ratings", "standard", "message"),
    [
        ({}, None, "no ratings"),
        ({"A": []}, None, "Appraiser A has no ratings"),
        ({"A": [["g"], ["g", "b"]]}, None, "Appraiser A, row 2"),
        ({"A": [["g"]], "B": [["g"], ["b"]]}, None, "rated 2 subjects"),
        ({"A": [["g"]]}, ["g", "b"], "names 2 subjects"),
    ],
)
def test_incomplete_ratings_are_refused(ratings: Any, standard: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        attribute.study(ratings, standard)


@pytest.mark.parametrize(
    ("data", "options", "names"),
    [
        ({"trials_by_appraiser": AIAG}, {"confidence": 0.9, "tolerance": 4}, "anova average_range"),
        ({"trials_by_appraiser": AIAG}, {"method": "nested", "confidence": 0.9}, "nested"),
        ({"trials_by_appraiser": AIAG}, {"method": "nested"}, "nested"),
        ({"x": MASTER}, {"method": "bias", "reference": 6}, "bias t p ci"),
        ({"readings_by_reference": LINE}, {"method": "linearity"}, "slope intercept r_squared bias"),
        ({"subgroups": [[1, 2], [2, 3], [1, 3]]}, {"method": "stability"}, "stable signals center"),
        ({"x": MASTER}, {"method": "stability"}, "stable"),
        ({"ratings_by_appraiser": RATINGS, "standard": ["g", "b", "b"], "bad": "b"}, {}, "within between errors"),
        ({"ratings": [["g", "g"], ["b", "g"]]}, {}, "kappa method"),
        ({"counts_by_subject_and_category": [[2, 1], [3, 0]]}, {}, "kappa method"),
    ],
)
def test_every_study_of_a_gauge_answers_in_its_names(data: Any, options: Any, names: str) -> None:
    assert set(names.split()) <= set(run({"kind": "msa", "input": data, "options": options}))


def test_intervals_and_tolerance_stand_in_the_answer() -> None:
    options = {"confidence": 0.9, "tolerance": 4, "method": "anova"}
    found = run({"kind": "msa", "input": {"trials_by_appraiser": AIAG}, "options": options})["anova"]
    assert found["pct_tolerance"]["grr"] == pytest.approx(6 * found["std"]["grr"] / 4 * 100)
    assert found["intervals"]["std"]["grr"][0] < found["std"]["grr"] < found["intervals"]["std"]["grr"][1]


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ({"x": MASTER}, {"method": "bias"}, "reference value"),
        ({"readings_by_reference": {"two": [1, 2]}}, {"method": "linearity"}, "'two' is not a number"),
        ({"readings_by_reference": {"inf": [1, 2]}}, {"method": "linearity"}, "'inf' is not a number"),
        ({"readings_by_reference": {"2": [1, 2]}}, {"method": "linearity"}, "two masters"),
    ],
)
def test_studies_without_an_answer_say_why(data: Any, options: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        run({"kind": "msa", "input": data, "options": options})
