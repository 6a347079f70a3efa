"""Gauge studies and agreement against the published examples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from spc.agreement import cohen, cohen_table, counts_of, fleiss
from spc.gauge import anova, average_range, study
from spc.values import BadInput

# AIAG, Measurement Systems Analysis, 4th ed., table III-B 1: three appraisers, three trials, ten parts.
AIAG = {
    "A": [
        [0.29, -0.56, 1.34, 0.47, -0.80, 0.02, 0.59, -0.31, 2.26, -1.36],
        [0.41, -0.68, 1.17, 0.50, -0.92, -0.11, 0.75, -0.20, 1.99, -1.25],
        [0.64, -0.58, 1.27, 0.64, -0.84, -0.21, 0.66, -0.17, 2.01, -1.31],
    ],
    "B": [
        [0.08, -0.47, 1.19, 0.01, -0.56, -0.20, 0.47, -0.63, 1.80, -1.68],
        [0.25, -1.22, 0.94, 1.03, -1.20, 0.22, 0.55, 0.08, 2.12, -1.62],
        [0.07, -0.68, 1.34, 0.20, -1.28, 0.06, 0.83, -0.34, 2.19, -1.50],
    ],
    "C": [
        [0.04, -1.38, 0.88, 0.14, -1.46, -0.29, 0.02, -0.46, 1.77, -1.49],
        [-0.11, -1.13, 1.09, 0.20, -1.07, -0.67, 0.01, -0.56, 1.45, -1.77],
        [-0.15, -0.96, 0.67, 0.11, -1.45, -0.49, 0.21, -0.49, 1.87, -2.16],
    ],
}


def test_the_analysis_of_variance_reproduces_the_published_study() -> None:
    found = anova(study(AIAG))
    assert [found.ss[k] for k in ("appraiser", "part", "interaction", "repeatability")] == pytest.approx(
        [3.1673, 88.3619, 0.3590, 2.7589], abs=5e-5
    )
    assert found.pooled
    assert found.interaction_f == pytest.approx(0.434, abs=1e-3)
    std = found.shares.std
    assert (std["repeatability"], std["appraiser"], std["part"]) == pytest.approx(
        (0.199933, 0.226838, 1.042327), abs=5e-6
    )
    assert found.shares.ndc == 4
    assert found.shares.pct_study["grr"] == pytest.approx(27.9, abs=0.05)


def test_the_average_and_range_method_reproduces_the_published_study() -> None:
    found = average_range(study(AIAG))
    assert (found.r_bar, found.x_diff, found.r_part) == pytest.approx((0.3417, 0.4447, 3.511), abs=1e-3)
    std = found.shares.std
    assert [std[k] for k in ("repeatability", "appraiser", "grr", "part")] == pytest.approx(
        [0.20188, 0.22963, 0.30575, 1.10456], abs=3e-4
    )
    assert found.shares.ndc == 5


def test_sums_of_squares_add_up_and_contributions_are_whole() -> None:
    found = anova(np.random.default_rng(1).normal(size=(3, 2, 6)))
    assert sum(found.ss[k] for k in ("part", "appraiser", "interaction", "repeatability")) == pytest.approx(
        found.ss["total"]
    )
    share = found.shares.pct_contribution
    assert (share["grr"] or 0) + (share["part"] or 0) == pytest.approx(100)


def test_the_interaction_stays_when_it_is_asked_to() -> None:
    found = anova(study(AIAG), pool_above=1.0)
    assert not found.pooled
    assert found.pooled_ms is None
    assert found.variance["interaction"] == 0.0


def test_units_do_not_change_the_shares() -> None:
    plain, scaled = (anova(f * study(AIAG) + s).shares for f, s in ((1.0, 0.0), (25.4, 100.0)))
    assert scaled.ndc == plain.ndc
    assert scaled.pct_study["grr"] == pytest.approx(plain.pct_study["grr"])


def test_a_gauge_without_any_spread_has_no_test_and_no_ndc() -> None:
    found = anova(np.broadcast_to(np.array([1.0, 2.0, 3.0]), (2, 2, 3)))
    assert found.interaction_p is None
    assert found.reasons
    assert found.shares.ndc is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"A": [[1, 2], [1, 2]]}, "at least two appraisers"),
        ({"A": [[1, 2], [1, 2]], "B": [[1, 2]]}, "Appraiser B has 1 x 2"),
        ({"A": [[1, 2], [1, None]], "B": [[1, 2], [1, 2]]}, "Appraiser A, trial 2, part 2"),
        ({"A": [[1, 2]], "B": [[1, 2]]}, "two trials"),
    ],
)
def test_incomplete_studies_are_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        study(data)


def test_cohens_kappa_of_the_textbook_table() -> None:
    found = cohen_table([[20, 5], [10, 15]])  # the worked example of the encyclopaedias: kappa 0.4
    assert found.kappa == pytest.approx(0.4)
    assert found.observed_agreement == pytest.approx(0.7)
    rows = [["y", "y"]] * 20 + [["y", "n"]] * 5 + [["n", "y"]] * 10 + [["n", "n"]] * 15
    assert cohen(rows).kappa == pytest.approx(0.4)
    assert cohen(rows).kappa_by_category["y"] == pytest.approx(0.4)


def test_cohens_error_without_agreement_matches_simulation() -> None:
    rng = np.random.default_rng(2)
    kappas = [
        cohen_table(np.bincount(rng.choice(4, 200, p=[0.42, 0.18, 0.28, 0.12]), minlength=4).reshape(2, 2)).kappa or 0.0
        for _ in range(1500)
    ]
    expected = cohen_table(np.array([[84, 36], [56, 24]])).se_h0
    assert float(np.std(kappas)) == pytest.approx(expected, rel=0.08)


def test_fleiss_error_without_agreement_matches_simulation() -> None:
    rng = np.random.default_rng(3)
    found = [fleiss(rng.multinomial(4, [0.5, 0.3, 0.2], 60)) for _ in range(800)]
    assert float(np.std([f.kappa or 0.0 for f in found])) == pytest.approx(
        float(np.mean([f.se_h0 or 0.0 for f in found])), rel=0.1
    )


def test_full_agreement_is_one_and_words_are_counted() -> None:
    counts, names = counts_of([["good", "good", "good"], ["bad", "bad", "bad"]])
    found = fleiss(counts, categories=names)
    assert names == ("bad", "good")
    assert found.kappa == pytest.approx(1.0)
    assert found.kappa_by_category["good"] == pytest.approx(1.0)
    assert counts_of([[10, 9], [2, 10]])[1] == ("2", "9", "10")


@pytest.mark.parametrize("found", [fleiss([[3, 0], [3, 0]]), cohen([["a", "a"], ["a", "a"]])])
def test_one_category_only_leaves_kappa_absent(found: Any) -> None:
    assert found.kappa is None
    assert found.z is None
    assert "0/0" in found.reasons["kappa"]


@pytest.mark.parametrize(
    ("ratings", "message"),
    [
        ([], "no ratings"),
        ([[1, 2], [1]], "Row 2 has 1"),
        ([[1, None]], "Row 1, column 2"),
        ([[1, 2, 3]], "two raters, the data has 3"),
    ],
)
def test_incomplete_ratings_are_refused(ratings: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        cohen(ratings)


@pytest.mark.parametrize("counts", [[[3, 0], [2, 2]], [[1, 0], [0, 1]], [[3, None]], []])
def test_uneven_counts_are_refused(counts: Any) -> None:
    with pytest.raises(BadInput):
        fleiss(counts)
    with pytest.raises(BadInput):
        cohen_table([[1, 2, 3], [1, 2, 3]])


def test_kappa_without_spread_of_its_error_has_no_z() -> None:
    assert not math.isnan(fleiss([[2, 0], [0, 2]]).z or 0.0)
