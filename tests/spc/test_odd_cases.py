"""Odd data of every kind: an answer in plain numbers where what is absent says why, or a sentence, and nothing else."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from spc.cases import main, run
from spc.values import BadInput

NONE = None
X = [10.1, 9.8, 10.3, 9.9, 10.0, 10.2, 9.7, 10.4, 10.1, 9.6, 10.2, 9.9]
S = [[1, 2, 3], [2, 3, 4], [1, 3, 5], [2, 2, 2], [3, 4, 1]]
GAUGE = {"A": [[1.0, 2.0, 3.0], [1.1, 2.1, 2.9]], "B": [[1.2, 2.2, 3.2], [1.0, 2.1, 3.1]]}
COLUMNS: list[Any] = [
    [], [5], [5, 5], [5] * 30, [NONE], [NONE, 5, NONE, 6], [1e-300] * 5 + [2e-300], [1e74, -1e74, 3e73], [1e76, 1],
    [1e9 + i % 3 * 1e-6 for i in range(30)], ["a", 1, 2], [True, False], [1, [2], 3], "abc", {"a": 1}, X, [-1, -2, -4],
    [0, 0, 0, 1, 0], [1e-200, 2e-200, 3e-200],
]  # fmt: skip
ROWS: list[Any] = [
    [], [[]], [[1, 2, 3]], [[1], [2], [3]], [[5, 5], [5, 5]], [[1, 2, 3], [], [2, 3, 4]], [[1, 2, 3], NONE, [2, 3, 4]],
    [[NONE, NONE], [1, 2]], [[1, 2], [1, 2, 3], [1, 2, 3, 4], [5]], [[1, "x"], [1, 2]], [1, 2, 3],
    [list(range(30))] * 2,
]  # fmt: skip
COUNTS: list[dict[str, Any]] = [
    {"counts": [], "sizes": []}, {"counts": [0, 0], "sizes": [9, 9]}, {"counts": [9, 9], "sizes": [9, 9]},
    {"counts": [1, 2], "sizes": [0, 0]}, {"counts": [1, 2, 3], "sizes": [9, 0, 9]}, {"counts": [1, 2], "sizes": [9]},
    {"counts": [1, NONE, 3], "sizes": [9, 9, NONE]}, {"counts": [12, 2], "sizes": [9, 9]}, {"sizes": [1]},
    {"counts": [NONE, NONE], "sizes": [9, 9]}, {"counts": ["a", 1], "sizes": [9, 9]},
    {"counts": [-1, 1], "sizes": [9, 9]},
]  # fmt: skip
TABLES: list[Any] = [
    [], [[1, 2]], [[1, 2]] * 9, [[1, 1], [2, 2], [3, 3], [4, 4]], [[1, NONE], [2, 3]], [[1, "a"]], [1, 2],
    [[1, 5], [2, 3], [3, 4], [5, 7], [2, 2]],
]  # fmt: skip
SINGLE = ("i-mr", "ewma", "cusum", "moving-average", "g", "t", "run", "residual", "widened")
SPECS = ({"lsl": 9, "usl": 11}, {"lsl": 9}, {"usl": 11, "target": 10}, {})
TESTS = (
    "one-sample t",
    "t",
    "welch",
    "paired",
    "mann-whitney",
    "kruskal",
    "variances",
    "proportions",
    "rates",
    "chi-square",
)
STUDIES: list[Any] = [
    {}, GAUGE, {"A": [[1, 1], [1, 1]], "B": [[1, 1], [1, 1]]}, {"A": [[1, 2], [1, 2]], "B": [[1, 2], [1, 2]]}, 5,
    {"A": [[5, 5], [5, 5]], "B": [[6, 6], [6, 6]]}, {"A": [[1, NONE], [1, 2]], "B": [[1, 2], [1, 2]]}, {"A": 5},
]  # fmt: skip
RATINGS: list[Any] = [
    [], [["a", "a"], ["a", "a"]], [["a", "b"], ["b", "a"]], [["a"]], [["a", "b"], ["b"]], [[NONE, "a"]], "x",
    [["a", "b", "c"], ["a", "a", "a"]], [["a", "a", "a"]],
]  # fmt: skip
PAIRS: list[dict[str, Any]] = [
    {"x": X, "y": X}, {"x": [1, 1, 1], "y": [1, 2, 3]}, {"x": [1], "y": [1]}, {"x": [1, 2], "y": [1, 2]}, {"x": [1]},
    {"x": [1, NONE, 3], "y": [1, 2, 3]}, {"x": ["a"], "y": [1]}, {"x": [], "y": []},
    {"groups": {"a": [1, 1], "b": [1]}},
]  # fmt: skip
Asked = tuple[str, Any, dict[str, Any]]


def charts() -> Iterator[Asked]:
    for chart, x in itertools.product(SINGLE, COLUMNS):
        yield "chart", {"x": x}, {"chart": chart}
    for chart, rows in itertools.product(("xbar-r", "xbar-s"), ROWS):
        yield "chart", {"subgroups": rows}, {"chart": chart}
    for chart, data in itertools.product(("p", "np", "c", "u", "laney-p", "laney-u"), COUNTS):
        yield "chart", data, {"chart": chart}
        yield "chart", data, {"chart": chart, "exclude": [1]}
    for chart, rows in itertools.product(("t2", "mewma"), TABLES):
        yield "chart", {"x": rows}, {"chart": chart}


def studies() -> Iterator[Asked]:
    for kind, x in itertools.product(("rules", "statistics", "transform", "trend"), COLUMNS):
        yield kind, {"x": x}, {}
    for x, spec in itertools.product([*COLUMNS], SPECS):
        yield "capability", {"x": x}, spec
        yield "capability", {"x": x}, {**spec, "distribution": "weibull"}
        yield "capability", {"x": x}, {**spec, "method": "box-cox"}
    for rows, spec in itertools.product(ROWS, SPECS):
        yield "capability", {"subgroups": rows}, spec
    for readings, method in itertools.product(STUDIES, ("anova", "average-range", "nested")):
        yield "msa", {"trials_by_appraiser": readings}, {"method": method, "tolerance": 6, "confidence": 0.9}
    for ratings, method in itertools.product(RATINGS, ("cohen", "fleiss")):
        yield "msa", {"ratings": ratings}, {"method": method}
    for pair in PAIRS:
        yield "correlation", pair, {"methods": ["pearson", "spearman", "kendall-b"]}
        for test in TESTS:
            yield "hypothesis", pair, {"method": test}
    for data, test in itertools.product(COUNTS, TESTS):
        yield "hypothesis", data, {"method": test}


def absent(part: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for name, value in part.items():
        if value is None:
            yield path + name
        elif isinstance(value, dict) and name != "reasons":
            yield from absent(value, f"{path}{name}.")


def answered(kind: str, data: Any, options: dict[str, Any]) -> dict[str, Any] | None:
    """The answer, None where the data were refused with a sentence."""
    try:
        return run({"kind": kind, "input": data, "options": options})
    except BadInput:
        return None


@pytest.mark.parametrize("asked", [charts, studies])
def test_odd_data_give_plain_numbers_and_every_absent_figure_says_why(asked: Any) -> None:
    for kind, data, options in asked():
        found = answered(kind, data, options)
        if found is None:
            continue
        json.dumps(found, allow_nan=False)
        told = found.get("reasons") or {}
        missing = [path for path in absent(found) if not told.get(path) and not _told_within(found, path)]
        assert missing == [], (kind, data, options)


def _told_within(found: Mapping[str, Any], path: str) -> bool:
    """Several lists at once: each part has reasons of its own."""
    part, _, rest = path.partition(".")
    return "reasons" not in found and bool(rest) and bool(found[part]["reasons"].get(rest))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"chart": "i-mr", "sigma": -1}, "not negative"),
    ({"chart": "i-mr", "sigma": [1]}, "not a number"),
    ({"chart": "i-mr", "center": "x"}, "not a number"),
    ({"chart": "i-mr", "width": 0}, "positive width"),
    ({"chart": "i-mr", "phase1": [5, 1]}, "after its last point"),
    ({"chart": "ewma", "L": 0}, "positive width"),
    ({"chart": "ewma", "L": -1}, "positive width"),
    ({"chart": "moving-average", "L": 0}, "positive width"),
    ({"chart": "moving-average", "span": 2.5}, "not a whole number"),
    ({"chart": "widened", "width": 0}, "positive width"),
    ({"chart": "cusum", "sigma": 0}, "above 0"),
]


@pytest.mark.parametrize(("options", "words"), WRONG, ids=str)
def test_wrong_options_are_refused_and_never_replaced_by_the_usual(options: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        run({"kind": "chart", "input": {"x": X}, "options": options})


@pytest.mark.parametrize(
    ("kind", "data", "options", "words"),
    [
        ("chart", {"x": TABLES[-1]}, {"chart": "t2", "alpha": 0}, "alpha of false alarms"),
        ("chart", {"x": TABLES[-1]}, {"chart": "t2", "phase1": [4, 2]}, "phase1 runs from point 4 to 2"),
        ("chart", {"x": TABLES[-1]}, {"chart": "mewma", "h": 0}, "lies above 0"),
        ("chart", {"x": TABLES[-1]}, {"chart": "mewma", "cov": [[1, 2], [0, 1]]}, "symmetric"),
        ("rules", {"x": X}, {"sigma": -1}, "not negative"),
        ("capability", {"x": X}, {"usl": 11, "confidence": 0}, "between 0 and 1"),
        ("capability", {"x": X}, {"usl": 11, "within": [1]}, "name of an estimator"),
        ("capability", {"mean": 1, "sigma": 1, "n": 2.5}, {"usl": 11}, "not a whole number"),
        ("msa", {"trials_by_appraiser": GAUGE}, {"study_multiplier": 0}, "multiplier"),
        ("msa", {"counts_by_subject_and_category": [[1.5, 1.5]]}, {"method": "fleiss"}, "whole counts"),
        ("msa", {"readings_by_reference": 5}, {"method": "linearity"}, "must be an object"),
        ("constants", {"n": ["x"]}, {}, "'x', not a whole number"),
        ("pareto", {"counts": {"a": 1}, "previous": 5}, {}, "previous must be an object"),
        ("hypothesis", {"counts": [1.5, 2], "sizes": [9, 9]}, {"method": "rates"}, "whole numbers"),
        (
            "hypothesis",
            {"counts": [1, 2], "sizes": [9, 9]},
            {"method": "proportions", "confidence": 0},
            "between 0 and 1",
        ),
        ("power", {}, {"method": "mean", "difference": 1, "sigma": 1, "n": 10.5}, "not a whole number"),
        ("power", {}, {"method": "mean", "difference": 1, "sigma": 1, "alpha": 0}, "alpha lies between"),
        ("sampling", {}, {"method": "iso-2859-1", "lot": 10.5, "aql": 1}, "not a whole number"),
        ("sampling", {}, {"method": "switching", "lot": 99, "aql": 1, "nonconforming": [0.5]}, "whole number"),
        ("sampling", {"x": X}, {"method": "judge-variable", "n": 12, "k": 1, "lsl": 2, "usl": 1}, "must lie below"),
    ],
)
def test_what_a_kind_cannot_use_is_named(kind: str, data: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        run({"kind": kind, "input": data, "options": options})


def test_reasons_name_what_is_absent_by_its_path() -> None:
    same = run({"kind": "msa", "input": {"trials_by_appraiser": STUDIES[2]}, "options": {}})
    assert same["reasons"]["anova.pct_study"].startswith("All readings are equal")
    assert same["reasons"]["anova.pct_study.grr"].startswith("All readings are equal")
    one_sided = run({"kind": "capability", "input": {"x": X}, "options": {"usl": 11}})["reasons"]
    assert one_sided["expected_ppm_below"] == "The specification has one limit only."
    assert run({"kind": "chart", "input": {"x": [5]}, "options": {"chart": "i-mr"}})["reasons"]["mr_ucl"] == (
        "No moving range exists: it needs two neighbouring values."
    )


def test_a_cusum_without_a_sigma_is_absent_with_the_reason() -> None:
    flat = run({"kind": "chart", "input": {"x": [5, 5, 5]}, "options": {"chart": "cusum"}})
    assert (flat["c_plus"], flat["h"], flat["violations"]) == (None, None, {"upper": [], "lower": []})
    assert flat["reasons"]["c_plus"].startswith("The values do not vary")
    few = run({"kind": "chart", "input": {"x": [5]}, "options": {"chart": "cusum"}})
    assert few["reasons"]["h"].startswith("There are too few values")


def test_a_given_sigma_of_zero_judges_nothing_and_says_so() -> None:
    found = run({"kind": "chart", "input": {"x": X}, "options": {"chart": "i-mr", "sigma": 0}})
    assert found["violations"] == {"nelson_1": []}
    assert found["reasons"]["violations"].startswith("Sigma is 0")


def test_a_case_of_another_shape_gets_one_line_and_no_trace(tmp_path: Path) -> None:
    case = tmp_path / "ratings.json"
    case.write_text('{"id": "r", "kind": "msa", "input": {"ratings": [5]}}')
    lines: list[str] = []
    assert main([str(case)], lines.append) == 1
    assert json.loads(lines[0])["error"].startswith("The case is not shaped as its kind needs")
