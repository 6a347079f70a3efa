"""Reference cases: the open ones pass, every kind answers in its names, bad input gets a sentence."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spc.cases import load, main, run
from spc.compare import compare
from spc.values import BadInput

ROOT = Path(os.environ.get("QMS_CASES") or Path(__file__).resolve().parents[3] / "shared" / "cases")
CASES = ROOT / "spc" if (ROOT / "spc").is_dir() else ROOT
FILES = sorted(CASES.glob("*.json")) if CASES.is_dir() else []
RNG = np.random.default_rng(1)
X = RNG.normal(10, 1, 40).round(3).tolist()
ROWS = RNG.normal(10, 1, (20, 4)).round(3).tolist()


@pytest.mark.skipif(not FILES, reason="no folder of reference cases beside the checkout (QMS_CASES)")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_open_case_passes(path: Path) -> None:
    case = load(path)
    asked = {name: value for name, value in case.items() if name != "expected"}
    assert compare(case, run(asked)) == []


def ask(kind: str, data: dict[str, Any], **options: Any) -> dict[str, Any]:
    return run({"kind": kind, "input": data, "options": options})


@pytest.mark.parametrize(
    ("kind", "data", "options", "names"),
    [
        ("chart", {"x": X}, {"chart": "i-mr"}, "center mr_bar sigma ucl lcl mr_ucl mr_lcl violations mr_violations"),
        (
            "chart",
            {"subgroups": ROWS},
            {"chart": "xbar-r"},
            "center sigma r_bar ucl lcl r_ucl r_lcl violations r_violations",
        ),
        (
            "chart",
            {"subgroups": ROWS},
            {"chart": "xbar-s", "sigma": "pooled"},
            "center s_bar ucl lcl s_ucl s_lcl sizes sigma_estimators",
        ),
        (
            "chart",
            {"counts": [1, 2, 3], "sizes": [9, 8, 9]},
            {"chart": "p", "exclude": [3]},
            "center ucl lcl trial revised",
        ),
        ("chart", {"counts": [1, 2, 3]}, {"chart": "u"}, "center ucl lcl violations"),
        (
            "chart",
            {"counts": [1, 2, 4], "sizes": [9, 8, 9]},
            {"chart": "laney-p"},
            "center sigma_z ucl lcl violations plain_p_violations",
        ),
        ("chart", {"x": [3, 5, 9]}, {"chart": "g"}, "center ucl lcl violations"),
        ("chart", {"x": [3, 5, 9]}, {"chart": "t"}, "center ucl lcl violations transformed"),
        ("chart", {"x": X}, {"chart": "ewma"}, "ewma ucl lcl violations"),
        (
            "chart",
            {"x": X},
            {"chart": "cusum", "target": 10, "sigma": 1},
            "c_plus c_minus n_plus n_minus violations estimated_change_after head_start_2_5",
        ),
        ("chart", {"x": ROWS}, {"chart": "t2"}, "center cov t2 violations ucl_phase1_beta ucl_phase2_f"),
        ("chart", {"x1": ROWS, "x2": ROWS[::-1]}, {"chart": "t2"}, "center cov t2 violations ucl_phase1"),
        ("chart", {"x": ROWS}, {"chart": "mewma", "h": 12}, "values ucl lcl violations"),
        ("chart", {"x": X}, {"chart": "moving-average", "span": 4}, "values ucl lcl violations"),
        ("chart", {"x": X}, {"chart": "short-run", "nominal": 10}, "values ucl lcl violations"),
        ("rules", {"x": X}, {"center": 10, "sigma": 1, "rules": ["we_1"]}, "violations"),
        (
            "capability",
            {"x": X},
            {"lsl": 7, "usl": 13},
            "cp cpl cpu cpk k cpm pp ppl ppu ppk ppm_index pp_ci ppk_ci expected_ppm_above",
        ),
        ("capability", {"subgroups": ROWS}, {"usl": 13, "within": "pooled"}, "mean sigma_within sigma_overall cpk"),
        ("capability", {"mean": 1, "sigma": 2}, {"usl": 3}, "cpk"),
        (
            "capability",
            {"x": X},
            {"usl": 15, "distribution": "weibull"},
            "shape scale p00135 p50 p99865 ppk_z_method normal_theory_ppk",
        ),
        ("msa", {"trials_by_appraiser": {"A": ROWS[:3], "B": ROWS[3:6]}}, {}, "anova average_range"),
        (
            "msa",
            {"ratings": [[1, 2], [1, 1]]},
            {"method": "cohen"},
            "kappa observed_agreement se_h0 z kappa_by_category",
        ),
        ("msa", {"ratings": [[1, 2], [1, 1]]}, {"method": "fleiss"}, "kappa chance_agreement"),
        ("statistics", {"x": X}, {"stat": "mean"}, "mean std lag1_autocorrelation mr_sigma warn_autocorrelated"),
        ("statistics", {"a": X, "b": X}, {}, "a b"),
        ("transform", {"x": X}, {"method": "box-cox"}, "lambda log_likelihood"),
        ("trend", {"x": X}, {}, "pettitt mean_shift_l2 mann_kendall sen_slope i_mr violations"),
        (
            "correlation",
            {"x": X, "y": X[::-1]},
            {"methods": ["pearson", "spearman", "kendall-b"]},
            "pearson spearman kendall_b concordant discordant",
        ),
        ("pareto", {"counts": {"a": 1}}, {}, "order percent cumulative_percent"),
        ("constants", {"n": [2, 5]}, {}, "2 5"),
        (
            "edge",
            {"one": [1.0], "none": [], "flat": [[2, 2], [2, 2]], "zero": {"counts": [0], "sizes": [0]}},
            {},
            "one none flat zero",
        ),
    ],
)
def test_every_kind_answers_in_its_names(kind: str, data: dict[str, Any], options: dict[str, Any], names: str) -> None:
    result = ask(kind, data, **options)
    assert set(names.split()) <= set(result)
    json.dumps(result, allow_nan=False)


def test_excluded_points_give_trial_and_revised_limits() -> None:
    result = ask("chart", {"counts": [2, 2, 40, 2], "sizes": [50] * 4}, chart="p", exclude=[3])
    assert result["trial"]["center"] == pytest.approx(46 / 200)
    assert result["revised"]["center"] == pytest.approx(6 / 150)
    assert result["revised"]["violations"] == {"nelson_1": [3]}


def test_known_centre_and_sigma_are_used() -> None:
    result = ask("chart", {"subgroups": ROWS}, chart="xbar-r", center=10.0, sigma=1.0)
    assert (result["center"], result["ucl"]) == (10.0, pytest.approx(11.5))
    assert result["estimator"] == "given"


def test_stages_are_listed_with_their_limits() -> None:
    result = ask("chart", {"x": [1, 2, 1, 2, 8, 9, 8, 9]}, chart="i-mr", stages=[1, 5])
    assert [s["center"] for s in result["stages"]] == [1.5, 8.5]
    assert len(result["ucl"]) == 8


def test_small_inputs_get_null_and_reasons() -> None:
    result = ask(
        "edge", {"one": [5.0], "pairs": [[5.0], [6.0]], "text": ["a"], "flat": {"x": [2, 2, 2], "lsl": 1, "usl": 3}}
    )
    assert result["one"]["chart"] == "i-mr"
    assert result["one"]["sigma"] is None
    assert result["one"]["reasons"]["sigma"]
    assert result["pairs"]["chart"] == "i-mr"
    assert result["pairs"]["mr_bar"] == 1.0
    assert result["flat"]["capability"] is None
    assert result["flat"]["sigma"] == 0.0
    assert "'a'" in result["text"]["reasons"]["chart"]


def test_one_line_per_file_with_result_or_error(tmp_path: Path) -> None:
    files = {
        "good": {"id": "g", "kind": "constants", "input": {"n": 5}},
        "bad": {"id": "b", "kind": "chart", "input": {"x": [1, "2 mm"]}, "options": {"chart": "i-mr"}},
        "odd": {"kind": "constants", "input": {"n": [[]]}},
        "list": [1],
    }
    for name, case in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(case))
    (tmp_path / "broken.json").write_text('{"id": 1,')
    (tmp_path / "nan.json").write_text('{"kind": "chart", "input": {"x": [NaN]}}')
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe")
    lines: list[str] = []
    names = ["good", "bad", "odd", "list", "broken", "nan", "bytes", "missing"]
    assert main([str(tmp_path / f"{name}.json") for name in names], lines.append) == 1
    found = [json.loads(line) for line in lines]
    assert found[0]["id"] == "g"
    assert "d2" in found[0]["result"]["5"]
    assert found[1] == {"id": "b", "error": "x, entry 2 is '2 mm', not a number. Correct it or leave it empty (null)."}
    assert all(line["error"] for line in found[2:])
    assert "line 1, column 10" in found[4]["error"]
    assert main([str(tmp_path / "good.json")], lines.append) == 0


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ([], "is an object"),
        ({"kind": "poem"}, "not supported: kind 'poem'"),
        ({"kind": "chart", "options": {"chart": "pie"}}, "not supported: chart"),
        ({"kind": "chart", "options": {"chart": "i-mr"}}, "needs 'x'"),
        ({"kind": "rules", "input": 5}, "input must be an object"),
        ({"kind": "rules", "input": {"x": [1]}, "options": {"rules": "all"}}, "list of rule names"),
        ({"kind": "rules", "input": {"x": [1]}, "options": {"center": "mid"}}, "center is 'mid'"),
        (
            {"kind": "chart", "input": {"x": [1, 2]}, "options": {"chart": "i-mr", "exclude": ["2"]}},
            "exclude must be a list",
        ),
        ({"kind": "chart", "input": {"x": [1, 2]}, "options": {"chart": "i-mr", "phase1": [1]}}, "phase1 must be"),
        (
            {"kind": "chart", "input": {"x": [1]}, "options": {"chart": "ewma", "limits": "loose"}},
            "'exact' or 'asymptotic'",
        ),
        ({"kind": "chart", "input": {"x": [1]}, "options": {"chart": "cusum", "sigma": 0}}, "sigma above 0"),
        ({"kind": "chart", "input": {"x": [1]}, "options": {"chart": "short-run"}}, "needs nominal"),
        ({"kind": "chart", "input": {}, "options": {"chart": "t2"}}, "x1, x2"),
        ({"kind": "chart", "input": {"x": [[1]]}, "options": {"chart": "mewma"}}, "give cov"),
        ({"kind": "capability", "input": {}, "options": {"usl": 1}}, "x, subgroups, or mean"),
        ({"kind": "correlation", "input": {"x": [1]}}, "needs x and y"),
        ({"kind": "correlation", "input": {"y1": [1]}}, "no x for 'y1'"),
        ({"kind": "correlation", "input": {"x": [1], "y": [1]}, "options": {"methods": ["guess"]}}, "method 'guess'"),
        ({"kind": "msa", "input": {}, "options": {"method": "icc"}}, "method 'icc'"),
        ({"kind": "msa", "input": {"trials_by_appraiser": {}}, "options": {"method": "x"}}, "gauge method 'x'"),
        ({"kind": "statistics", "input": {"x": [1]}, "options": {"stat": ["mode"]}}, "stat 'mode'"),
        ({"kind": "trend", "input": {"x": [1, 2]}, "options": {"methods": ["eye"]}}, "method 'eye'"),
        ({"kind": "transform", "input": {"x": [1, 2]}, "options": {"method": "yeo"}}, "transformation 'yeo'"),
    ],
)
def test_what_cannot_be_answered_says_why(case: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        run(case)


@pytest.mark.parametrize(
    ("expected", "got", "passes"),
    [
        (1.0, 1.0 + 5e-7, True),
        (1.0, 1.00001, False),
        (3, 4, False),
        (3, 3.0, True),
        (None, None, True),
        (None, 0.0, False),
        ([1, 2], [1, 2], True),
        ([1, 2], [1], False),
        ("a", "a", True),
        ("a", "b", False),
        (True, True, True),
        (True, 1, False),
        ({"x": 1.0}, {"x": 1.0, "more": 2}, True),
        ({"x": 1.0}, {}, False),
        ({"x": 1.0}, 5, False),
        (1.0, None, False),
        (1.0, True, False),
    ],
)
def test_values_are_compared_by_tolerance(expected: Any, got: Any, passes: bool) -> None:
    case = {"expected": {"v": expected}, "tolerance": {"rel": 1e-6, "abs": 1e-9}}
    assert (compare(case, {"v": got}) == []) is passes


def test_a_named_tolerance_overrides_the_common_one() -> None:
    case = {"expected": {"list": {"p": [0.5]}}, "tolerance": {"rel": 0, "abs": 0, "p_abs": 0.1}}
    assert compare(case, {"list": {"p": [0.55]}}) == []
    assert compare(case, {"list": {"p": [0.7]}}) == ["list.p[0]: expected 0.5, got 0.7"]


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["x", "y", "subgroups", "counts", "sizes", "n", "ratings", "mean", "sigma", "x1"])
kinds = st.sampled_from(
    [
        ("chart", chart)
        for chart in (
            "i-mr",
            "xbar-r",
            "p",
            "c",
            "laney-u",
            "g",
            "t",
            "ewma",
            "cusum",
            "t2",
            "short-run",
            "run",
            "residual",
        )
    ]
    + [
        (kind, "")
        for kind in (
            "rules",
            "capability",
            "msa",
            "statistics",
            "trend",
            "correlation",
            "pareto",
            "edge",
            "anova",
            "box",
        )
    ]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cases")


@given(
    kind=kinds,
    data=st.dictionaries(names, junk | st.lists(st.floats(-1e300, 1e300) | st.none(), max_size=6), max_size=3),
    extra=junk,
)
def test_no_input_gets_past_the_door_unanswered(
    folder: Path, kind: tuple[str, str], data: dict[str, Any], extra: Any
) -> None:
    case = {
        "kind": kind[0],
        "input": data,
        "options": {"chart": kind[1], "usl": 3.0, "lambda": extra, "rules": extra, "nominal": 1},
    }
    lines: list[str] = []
    target = folder / "case.json"
    target.write_text(json.dumps(case))
    main([str(target)], lines.append)
    assert len(lines) == 1
    assert not any(math.isinf(v) for v in _floats(json.loads(lines[0])))


def _floats(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [f for entry in value.values() for f in _floats(entry)]
    if isinstance(value, list):
        return [f for entry in value for f in _floats(entry)]
    return [value] if isinstance(value, float) else []


def test_a_head_start_of_half_the_interval_is_asked_by_true() -> None:
    result = ask("chart", {"x": [10.4]}, chart="cusum", target=10, sigma=1, head_start=True)
    assert result["c_plus"] == pytest.approx([2.4])


def test_absent_figures_of_studies_carry_their_reason() -> None:
    flat = ask("msa", {"trials_by_appraiser": {"A": [[1, 2], [1, 2]], "B": [[1, 2], [1, 2]]}})
    assert flat["anova"]["ndc"] is None
    assert "no spread" in flat["reasons"]["anova.ndc"]
    assert (
        ask("trend", {"x": [3, 3, 3]}, methods=["mann-kendall"])["reasons"]["mann_kendall.p"] == "All values are equal."
    )
    assert ask("correlation", {"x": [1, 1], "y": [1, 2]})["reasons"]["pearson"] == "x does not vary."


def test_trial_limits_judge_phase_one_alone() -> None:
    counts = [2, 2, 40, 2, 2, 45]
    result = ask("chart", {"counts": counts, "sizes": [50] * 6}, chart="p", phase1=[1, 5], exclude=[3])
    assert result["trial"]["violations"] == {"nelson_1": [3]}
    assert result["revised"]["violations"] == {"nelson_1": [3, 6]}
