"""Cases in other words: names as people and other programs spell them, gaps in their place, reasons for what lacks."""

from __future__ import annotations

from typing import Any

import pytest

from spc.cases import run
from spc.values import BadInput

ROWS = [[1, 2, 3], [2, 3, 4], [1, 3, 5], [2, 2, 2], [3, 4]]
X = [3.1, 4.2, 2.9, 5.5, 7.7, 1.2, 9.9, 2.2, 3.3, 4.4]
TRIALS = [[[1.0, 2.0, 3.0], [1.1, 2.1, 2.9]], [[1.2, 2.2, 3.2], [1.0, 2.1, 3.1]]]


def ask(kind: str, data: dict[str, Any], **options: Any) -> dict[str, Any]:
    return run({"kind": kind, "input": data, "options": options})


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("UWAVE-R", "mean of R/d2(n)"),
        ("UWAVE-SD", "mean of S/c4(n)"),
        ("MVLUE-R", "minimum-variance R"),
        ("MVLUE-SD", "minimum-variance S"),
        ("RMSDF", "pooled / c4(df+1)"),
    ],
)
def test_estimators_are_known_by_the_names_of_other_programs(spelling: str, name: str) -> None:
    assert ask("chart", {"subgroups": ROWS}, chart="xbar-s", sigma=spelling)["estimator"] == name


@pytest.mark.parametrize(
    ("spelling", "name"), [("Weibull", "weibull"), ("log-normal", "lognormal"), ("expon", "exponential")]
)
def test_distributions_are_known_by_any_spelling(spelling: str, name: str) -> None:
    assert ask("capability", {"x": X}, usl=30, distribution=spelling) == ask(
        "capability", {"x": X}, usl=30, distribution=name
    )


def test_an_unknown_distribution_names_those_there_are() -> None:
    with pytest.raises(BadInput, match=r"distribution 'cauchy'\. Known: weibull"):
        ask("capability", {"x": X}, usl=30, distribution="cauchy")


@pytest.mark.parametrize(
    ("method", "shape", "names"),
    [
        ("percentile and Z", None, {"ppk_z_method", "p50"}),
        (["percentile", "z"], "weibull", {"ppk_z_method", "shape"}),
        ("z", None, {"ppk_z_method"}),
        ("maximum likelihood", "gamma", {"ppk_z_method", "shape"}),
        ("Box-Cox", None, {"lambda"}),
        ("normal theory", None, {"cpk", "pp_ci"}),
    ],
)
def test_the_way_of_capability_is_told_in_words(method: Any, shape: str | None, names: set[str]) -> None:
    assert names <= set(ask("capability", {"x": X}, lsl=0.5, usl=30, method=method, distribution=shape))


def test_a_way_of_capability_that_is_not_known_is_refused() -> None:
    with pytest.raises(BadInput, match="capability method 'guess'"):
        ask("capability", {"x": X}, usl=30, method="guess")


def test_both_sigmas_of_a_known_process_may_be_given() -> None:
    found = ask("capability", {"mean": 10, "sigma_within": 1, "sigma_overall": 2}, lsl=7, usl=13, n=20)
    assert (found["cpk"], found["ppk"], found["n"]) == (1.0, 0.5, 20)
    alone = ask("capability", {"mean": 10, "sigma_overall": 2}, lsl=7, usl=13)
    assert alone["cpk"] == alone["ppk"] == 0.5


def test_a_change_is_named_by_its_place_among_gaps() -> None:
    x = [None, 1, 2, None, 1, 9, 8, None, 9]
    found = ask("trend", {"x": x, "start": 2001}, methods=["pettitt", "least-squares mean shift"])
    assert found["pettitt"]["last_before_change"] == 2005
    assert found["mean_shift_l2"]["point_before_change"] == 5


def test_values_that_are_equal_have_no_change() -> None:
    found = ask("trend", {"x": [5.1] * 7}, methods=["pettitt", "least-squares mean shift"])
    assert found["pettitt"]["last_before_change"] is None
    assert found["mean_shift_l2"]["mean_before"] is None
    assert "no change" in found["reasons"]["mean_shift_l2.mean_before"]


def test_statistics_of_nested_lists_answer_and_of_nothing_are_refused() -> None:
    assert ask("statistics", {"a": {"x": [1, 2, 6]}, "b": [1]})["a"]["mean"] == 3
    with pytest.raises(BadInput, match="lists of numbers"):
        ask("statistics", {"a": 5})


def test_correlation_takes_pairs_in_any_shape() -> None:
    pair = {"x": [1, 2, 3], "y": [1, 2, 4]}
    one = ask("correlation", {"height": pair["x"], "weight": pair["y"]}, methods="kendall")
    assert one["kendall_b"]["tau"] == one["concordant"] / 3 == 1
    for pairs in ([pair, pair], {"first": pair, "second": pair}):
        found = ask("correlation", {"pairs": pairs}, methods=["pearson"])
        assert found["pearson"] == pytest.approx([0.98198, 0.98198], abs=1e-5)
    assert ask("correlation", {"I": pair, "II": pair}, methods=["spearman"])["spearman"] == pytest.approx([1, 1])


def test_a_gauge_study_may_list_its_appraisers() -> None:
    named = ask("msa", {"trials_by_appraiser": dict(zip("AB", TRIALS, strict=True))}, method="average-range")
    assert ask("msa", {"trials_by_appraiser": TRIALS, "appraisers": ["A", "B"]}, method="average_range") == named
    assert ask("msa", {"trials_by_appraiser": TRIALS}, method=["average range"]) == named


def test_an_interaction_that_is_kept_says_so_in_its_place() -> None:
    found = ask("msa", {"trials_by_appraiser": TRIALS}, method="anova", pool_interaction_if_p_above=1)
    assert "not pooled" in found["anova"]["reasons"]["pooled_ms"]
    assert "not pooled" in found["reasons"]["anova.pooled_ms"]


def test_several_kappas_are_told_apart() -> None:
    ratings = {"ratings": [[1, 1], [1, 2], [3, 3]]}
    both = ask("msa", ratings, method=["cohen", "fleiss"])
    assert both["cohen"]["kappa"] != both["fleiss"]["kappa"]
    assert ask("msa", ratings, method=["cohen"])["kappa"] == both["cohen"]["kappa"]


def test_others_stand_last_in_a_pareto_table() -> None:
    assert ask("pareto", {"counts": {"a": 3, "Others ": 9, "b": 4}})["order"] == ["b", "a", "Others "]


@pytest.mark.parametrize("chart", ["i-mr", "t2"])
def test_phase_one_may_be_told_by_its_last_point(chart: str) -> None:
    data: dict[str, Any] = {"x": X if chart == "i-mr" else [[v, w] for v, w in zip(X, X[::-1], strict=True)]}
    data = data if chart == "i-mr" else {"x": [*data["x"], [1, 2], [4, 4], [3, 1]]}
    assert ask("chart", data, chart=chart, phase1=8) == ask("chart", data, chart=chart, phase1=[1, 8])


def test_a_small_input_answers_in_every_name() -> None:
    found = ask("edge", {"none": [], "one": [5.0], "rows": [[1, 2], [2, 2]], "counts": {"counts": [3, 4]}})
    names = {"chart", "center", "sigma", "mr_bar", "r_bar", "limits", "capability", "points", "violations"}
    for answer in found.values():
        if isinstance(answer, dict) and "chart" in answer:
            assert names <= set(answer)
            assert all(answer["reasons"][name] for name in names if answer[name] is None)
    assert found["rows"]["r_bar"] == 0.5
