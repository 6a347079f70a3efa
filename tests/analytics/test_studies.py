"""Every study: its answer agrees with the statistics it asks, and says what it rests on."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pytest

from analytics import services, studies, tables
from analytics.examples import EXAMPLES
from analytics.exporting import as_svg
from analytics.studies import roles_told, settings_told
from analytics.studies.anatomy import written_rows
from analytics.studies.plotting import limits_grid
from qms.core.errors import Invalid
from spc import cases

FLOW = ["49.6", "47.6", "49.9", "51.3", "47.8", "51.2", "52.6", "52.4", "53.6", "52.1"]
RATINGS = "part;who;rating;truth\n" + "\n".join(
    f"{part};{who};{'bad' if part % 3 == 0 and (who == 'A' or part != 3) else 'ok'};{'bad' if part % 3 == 0 else 'ok'}"
    for part in range(1, 13)
    for who in "AB"
    for _ in range(2)
)
PAIRS = "x\ty\n" + "\n".join(f"{i}\t{2 * i + (i * 7) % 5}" for i in range(1, 31))
COUNTED = "bad;n\n" + "\n".join(f"{(i * 7) % 9};{100 + i}" for i in range(1, 31))
THREE = "a;b;c\n" + "\n".join(f"{10 + i % 5};{20 + (i * 3) % 7};{5 + (i * 5) % 11}" for i in range(30))
SHORT = "product;x\n" + "\n".join(f"{'AB'[i % 2]};{(10, 25)[i % 2] + ((i * 7) % 9 - 4) / 10}" for i in range(40))
NESTED = "who;part;reading\n" + "\n".join(
    f"{who};{part};{10 + part + (0.3 if who == 'Ben' else 0) + ((part * 7 + trial * 5) % 4) / 10}"
    for who in ("Ann", "Ben", "Cho")
    for part in range(1, 6)
    for trial in range(2)
)
MULTI = "x;shift;part\n" + "\n".join(
    f"{10 + (i // 12) * 2 + (i // 3) % 4 * 0.1 + (i % 3) / 100};{'day' if i < 12 else 'night'};p{i // 3}"
    for i in range(24)
)
DATA = {
    "readings": EXAMPLES["grinding"].text,
    "counts": COUNTED,
    "small-shifts": EXAMPLES["grinding"].text,
    "t2": THREE,
    "capability": EXAMPLES["grinding"].text,
    "gauge": EXAMPLES["gauge"].text,
    "agreement": RATINGS,
    "pareto": EXAMPLES["solder"].text,
    "trend": EXAMPLES["grinding"].text,
    "correlation": PAIRS,
    "test": "a;b\n" + "\n".join(f"{i % 7};{i % 5 + 2}" for i in range(20)),
    "anova": EXAMPLES["lots"].text,
    "regression": PAIRS,
    "mewma": THREE,
    "short-run": SHORT,
    "gauge-nested": NESTED,
    "bias": "x\n" + "\n".join(f"{5 + ((i * 7) % 5 - 1) / 10}" for i in range(15)),
    "linearity": "reference;value\n"
    + "\n".join(f"{r};{r + 0.1 - 0.02 * r + (i % 3) / 50}" for r in (2, 4, 6, 8, 10) for i in range(12)),
    "stability": "x\n" + "\n".join(f"{9 + ((i * 13) % 11) / 10}" for i in range(30)),
    "multi-vari": MULTI,
}
ROLES = {
    "counts": {"counts": ["bad"], "sizes": ["n"]},
    "gauge": {"value": ["Reading"], "part": ["Part"], "appraiser": ["Appraiser"]},
    "agreement": {"rating": ["rating"], "part": ["part"], "appraiser": ["who"], "standard": ["truth"]},
    "pareto": {"category": ["Defect"], "weight": ["Count"]},
    "test": {"values": ["a", "b"]},
    "regression": {"y": ["y"], "x": ["x"]},
    "gauge-nested": {"value": ["reading"], "part": ["part"], "appraiser": ["who"]},
    "linearity": {"value": ["value"], "reference": ["reference"]},
}
OPTIONS = {"capability": {"lsl": 19.99, "usl": 20.03}, "bias": {"reference": 5.0}}


def answer_of(study, **options):
    table = tables.read_text(DATA[study]) if study in DATA else tables.Table(columns=())
    return services.analyse(table, study=study, roles=ROLES.get(study), options={**OPTIONS.get(study, {}), **options})


@pytest.mark.parametrize("study", studies.STUDIES)
def test_every_study_answers_with_words_formula_reference_and_drawing(study):
    answer = answer_of(study)
    told = answer.told
    assert told.headline
    assert told.formulas
    assert told.reference
    assert told.drawing.startswith("<svg")
    assert "nan" not in told.drawing.lower().replace("nance", "")
    assert any(grid.rows for grid in told.grids)
    json.dumps(answer.as_json(), allow_nan=False)


@pytest.mark.parametrize("chart", ["i-mr", "run", "residual", "widened"])
def test_every_chart_of_single_readings_is_drawn(chart):
    assert answer_of("readings", chart=chart).options["chart"] == chart


@pytest.mark.parametrize("chart", ["xbar-r", "xbar-s"])
def test_a_column_is_cut_into_subgroups(chart):
    figures = answer_of("readings", chart=chart, size=4).figures
    assert figures["sizes"] == [4] * 7


@pytest.mark.parametrize("chart", ["p", "np", "c", "u", "laney-p", "laney-u"])
def test_every_chart_of_counts_is_drawn(chart):
    data = "bad;n\n" + "\n".join(f"{i % 9};100" for i in range(1, 31))
    roles = {"counts": ["bad"], "sizes": ["n"]}
    answer = services.analyse(tables.read_text(data), study="counts", roles=roles, options={"chart": chart})
    assert answer.told.drawing


@pytest.mark.parametrize("chart", ["ewma", "cusum", "moving-average"])
def test_every_chart_with_a_memory_is_drawn(chart):
    assert "<svg" in answer_of("small-shifts", chart=chart).told.drawing


@pytest.mark.parametrize("method", ["normal", "best", "weibull", "lognormal", "box-cox"])
def test_every_way_to_capability_answers(method):
    skewed = tables.read_text("\n".join(["x", *(f"{1 + ((i * 37) % 50) ** 2 / 900:.3f}" for i in range(50))]))
    options = {"lsl": 0.5, "usl": 6.0, "method": method}
    assert services.analyse(skewed, study="capability", options=options).told.headline


def test_capability_by_the_system_of_johnson_answers():
    assert answer_of("capability", method="johnson").figures["method"] == "johnson"


@pytest.mark.parametrize("method", ["welch", "t", "paired", "mann-whitney", "kruskal", "variances"])
def test_every_test_answers(method):
    assert 0 <= answer_of("test", method=method).figures["p"] <= 1


def test_the_figures_are_those_of_the_statistics():
    table = tables.read_text("\n".join(["flow", *FLOW]))
    found = services.analyse(table, study="readings", options={"chart": "i-mr", "rules": "nelson_1"}).figures
    case = {"kind": "chart", "input": {"x": [float(v) for v in FLOW]}, "options": {"chart": "i-mr"}}
    assert found == cases.run(case)
    assert found["center"] == pytest.approx(50.81)


def test_the_counts_of_a_pareto_are_found_beside_the_categories():
    answer = services.analyse(tables.read_text(EXAMPLES["solder"].text), study="pareto")
    assert answer.roles == {"category": ["Defect"], "weight": ["Count"]}
    assert answer.figures["order"][:2] == ["Bridge", "Insufficient solder"]
    assert answer.figures["values"][0] == 61


def test_the_interval_names_the_confidence_asked_for():
    assert "90 % interval" in answer_of("gauge", confidence=0.9).told.lines[0]


def test_the_guide_proposes_subgroups_for_several_columns():
    table = tables.read_text(THREE)
    assert services.propose(table, study="readings", roles={"values": ["a", "b", "c"]}).chart == "xbar-r"


def test_an_unstable_process_gets_no_headline_index():
    assert "No index is quoted" in answer_of("capability").told.headline


def test_capability_without_a_limit_says_what_to_give():
    with pytest.raises(Invalid, match="give LSL, USL or both"):
        services.analyse(tables.read_text(DATA["capability"]), study="capability")


def test_a_bad_cell_is_named_by_row_and_column():
    with pytest.raises(Invalid, match="Row 2, column Force"):
        services.analyse(tables.read_text("Force\n8.1\noops\n8.3\n8.4"), study="readings")


def test_an_incomplete_gauge_study_names_the_cell():
    text = EXAMPLES["gauge"].text.rsplit("\n", 1)[0]
    with pytest.raises(Invalid, match="Appraiser Cho has 1 readings of part 6, others have 2"):
        services.analyse(tables.read_text(text), study="gauge", roles=ROLES["gauge"])


@pytest.mark.parametrize("study", [key for key, study in studies.STUDIES.items() if study.roles])
@pytest.mark.parametrize("text", ["x\n5", "x;y\n5;5\n5;5\n5;5", "g;x\na;1\na;1\nb;1"])
def test_data_without_variation_give_a_sentence_and_never_a_trace(study, text):
    table = tables.read_text(text)
    try:
        answer = services.analyse(table, study=study, options=OPTIONS.get(study, {}))
    except Invalid:  # a sentence, which the refusal always has
        return
    json.dumps(answer.as_json(), allow_nan=False)


def test_a_hundred_thousand_rows_are_drawn_with_every_mark():
    rng = np.random.default_rng(1)
    x = rng.normal(10, 1, 100_000)
    x[777] = 99.0
    table = tables.Table(columns=(tables.Column(name="x", numbers=x),))
    answer = services.analyse(table, study="readings", options={"chart": "i-mr", "rules": "nelson_1"})
    assert 778 in answer.figures["violations"]["nelson_1"]
    assert len(answer.told.drawing) < 1_000_000


def test_an_unknown_option_names_those_there_are():
    with pytest.raises(Invalid, match=r"has no option “colour”. It has: chart"):
        answer_of("readings", colour="red")


def test_the_odd_group_is_told_with_its_distance_and_the_price_of_looking():
    near = (-0.03, -0.01, 0.0, 0.01, 0.03)
    rows = [f"{lot};{level + step:.2f}" for lot, level in (("A", 8.0), ("B", 8.0), ("C", 7.5)) for step in near]
    told = services.analyse(tables.read_text("Lot;Force [kN]\n" + "\n".join(rows)), study="anova").told
    assert told.headline == "C is 0.5 kN lower than the others."
    assert "for 3 groups looked at" in told.lines[-1]


@pytest.mark.parametrize(
    ("text", "chart"),
    [
        ("Defects;Boards\n3;40\n5;52\n2;40", "u"),
        ("Bad boards;Boards\n3;40\n5;52\n2;40", "p"),
        ("Defective boards;Boards\n3;40\n5;52\n2;40", "p"),
        ("Solder;Boards\n3;40\n50;40\n2;40", "c"),
        ("Count\n3\n5\n2", "c"),
    ],
)
def test_what_is_counted_is_read_from_the_columns(text, chart):
    assert services.analyse(tables.read_text(text), study="counts").options["chart"] == chart


def test_a_stuck_sensor_is_an_assumption_that_does_not_hold():
    moving = np.round(20 + np.random.default_rng(3).standard_normal(60), 3)
    moving[30:45] = moving[30]
    told = services.analyse(tables.read_text("T\n" + "\n".join(map(str, moving))), study="readings").told
    broken = [check.side for check in told.checks if "stands still" in check.words]
    assert broken == ["15 equal, 31 to 45"]


@pytest.mark.parametrize(
    ("head", "cells", "texts"),
    [
        ("Mean, kN", (8.6, 8.6142, None), ["8.600", "8.614", "–"]),
        ("Std dev", (0.1341, 0.09317), ["0.1341", "0.0932"]),
        ("%", (41.5, 6.1, 100.0), ["41.5", "6.1", "100.0"]),
        ("Count", (12.0, 3.0), ["12", "3"]),
        ("Sum of squares", (70.926, 0.0269, 0.0), ["70.926", "0.027", "0"]),
        ("Estimate", (35.2, 0.000213), ["35.2", "0.000213"]),
        ("p", (1.7e-11, 0.0412, None), ["< 0.001", "0.041", "–"]),
        ("Small", (2e-7, 3e-7), ["2.00e-07", "3.00e-07"]),
        ("Group", ("A", "B"), ["A", "B"]),
    ],
)
def test_figures_of_a_column_have_as_many_decimals_as_each_other(head, cells, texts) -> None:
    grid = {"head": [head], "rows": [[cell] for cell in cells]}
    assert [row[0] for row in written_rows(grid)] == texts


def test_lines_of_a_chart_are_told_apart_by_parts_of_sigma() -> None:
    grid = limits_grid({"center": 11.99109, "sigma": 0.00113, "ucl": 11.99446}, "mm")
    assert [row[1] for row in written_rows(asdict(grid))] == ["11.99109", "0.00113", "11.99446"]


def test_settings_of_a_saved_study_are_told_as_its_form_calls_them() -> None:
    assert settings_told("readings", {"size": 1.0, "rules": "western-electric", "first": None}) == [
        ("Subgroup size", "1"),
        ("Rules", "Western Electric 1 to 4"),
    ]
    assert roles_told("anova", {"group": ["Lot"], "values": []}) == [("Group by", "Lot")]
    assert settings_told("gone", {"depth": [1, 2]}) == [("Depth", "1, 2")]


@pytest.mark.parametrize("study", ["anova", "gauge", "pareto", "readings", "regression", "sampling"])
def test_what_is_drawn_is_dressed_in_its_file_too(study) -> None:
    drawing = str(answer_of(study).told.drawing)
    file = as_svg(SimpleNamespace(drawing=drawing)).decode()
    style, _, rest = file.partition("</style>")
    drawn = {name for names in re.findall(r'class="(c-[^"]+)"', rest) for name in names.split()[:1]}
    assert drawn
    assert {name for name in drawn if f".{name}{{" not in style} == set()


def test_what_else_to_try_is_a_study_that_there_is():
    named = {key for study in studies.STUDIES.values() for key in study.also}
    assert named <= studies.STUDIES.keys()
    assert not [study.key for study in studies.STUDIES.values() if study.key in study.also]
