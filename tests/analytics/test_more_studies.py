"""Studies of measurement systems, of short runs, of several variables, of nested variation and of sample sizes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analytics import services, tables
from qms.core.errors import Invalid
from spc import cases

RNG = np.random.default_rng(77)
LINEAR = {  # AIAG, Measurement Systems Analysis, 4th ed., table III-B 4
    2: "2.7 2.5 2.4 2.5 2.7 2.3 2.5 2.5 2.4 2.4 2.6 2.4",
    4: "5.1 3.9 4.2 5.0 3.8 3.9 3.9 3.9 3.9 4.0 4.1 3.8",
    6: "5.8 5.7 5.9 5.9 6.0 6.1 6.0 6.1 6.4 6.3 6.0 6.1",
    8: "7.6 7.7 7.8 7.7 7.8 7.8 7.8 7.7 7.8 7.5 7.6 7.7",
    10: "9.1 9.3 9.5 9.3 9.4 9.5 9.5 9.5 9.6 9.2 9.3 9.4",
}


def asked(study, text, roles=None, **options):
    return services.analyse(tables.read_text(text), study=study, roles=roles, options=options)


def table_of(**columns):
    return "\n".join([";".join(columns), *(";".join(map(str, row)) for row in zip(*columns.values(), strict=True))])


def test_linearity_is_that_of_the_published_study():
    rows = [(ref, value) for ref, text in LINEAR.items() for value in text.split()]
    text = table_of(reference=[r for r, _ in rows], value=[v for _, v in rows])
    answer = asked("linearity", text, {"value": ["value"], "reference": ["reference"]})
    assert answer.figures["slope"] == pytest.approx(-0.13167, abs=1e-5)
    assert answer.figures["intercept"] == pytest.approx(0.73667, abs=1e-5)
    assert answer.told.headline == "The bias changes over the range."


def test_bias_is_a_t_test_of_the_master():
    x = (5.1 + RNG.normal(0, 0.1, 20)).round(4)
    answer = asked("bias", table_of(x=x), reference=5.0)
    assert answer.figures["p"] == pytest.approx(stats.ttest_1samp(x, 5.0).pvalue)
    assert answer.told.headline.startswith("The gauge is biased")


def test_bias_without_a_reference_asks_for_it():
    with pytest.raises(Invalid, match="Give the reference value"):
        asked("bias", "x\n1\n2\n3")


def test_a_gauge_that_moved_is_not_stable():
    x = np.r_[RNG.normal(10, 0.1, 20), RNG.normal(11, 0.1, 20)].round(4)
    assert "not stable" in asked("stability", table_of(x=x)).told.headline


def test_nested_components_are_those_of_the_mean_squares():
    data = RNG.normal(0, 1, (3, 5, 2)) + RNG.normal(0, 3, (3, 5, 1))
    rows = [(a, p, round(data[a, p, t], 6)) for a in range(3) for p in range(5) for t in range(2)]
    text = table_of(who=[f"A{a}" for a, _, _ in rows], part=[f"p{p}" for _, p, _ in rows], x=[x for *_, x in rows])
    found = asked("gauge-nested", text, {"value": ["x"], "part": ["part"], "appraiser": ["who"]}).figures["nested"]
    cells = data.mean(axis=2)
    inside = ((data - cells[:, :, None]) ** 2).sum() / 15
    between = 2 * ((cells - cells.mean(axis=1, keepdims=True)) ** 2).sum() / 12
    assert found["variance"]["repeatability"] == pytest.approx(inside, rel=1e-5)
    assert found["variance"]["part"] == pytest.approx((between - inside) / 2, rel=1e-5)


def test_an_incomplete_nested_study_names_the_part():
    text = "who;part;x\nA;1;5\nA;1;6\nA;2;5\nA;2;6\nB;1;5\nB;1;6\nB;2;7"
    with pytest.raises(Invalid, match="Appraiser B has 1 readings of part 2, others have 2"):
        asked("gauge-nested", text, {"value": ["x"], "part": ["part"], "appraiser": ["who"]})


def test_a_mewma_that_forgets_at_once_is_the_distance_of_each_point():
    x = RNG.normal(0, 1, (40, 2)).round(5)
    answer = asked("mewma", table_of(a=x[:, 0], b=x[:, 1]), {"values": ["a", "b"]}, **{"lambda": 1.0})
    away = x - x.mean(axis=0)
    expected = np.einsum("ij,jk,ik->i", away, np.linalg.inv(np.cov(x, rowvar=False)), away)
    assert answer.figures["values"] == pytest.approx(expected.tolist())
    assert "one false alarm in 200 points" in " ".join(answer.told.lines)


def test_the_first_points_of_a_mewma_set_its_limits():
    x = np.r_[RNG.normal(0, 1, (40, 2)), RNG.normal(1.5, 1, (20, 2))].round(5)
    answer = asked("mewma", table_of(a=x[:, 0], b=x[:, 1]), {"values": ["a", "b"]}, phase1=40)
    assert answer.figures["center"] == pytest.approx(x[:40].mean(axis=0).tolist())
    assert min(answer.figures["violations"]) > 40


def test_short_runs_are_charted_as_deviations_from_each_products_mean():
    products = ["A", "B"] * 15
    x = [round((10 if p == "A" else 50) + RNG.normal(0, 1), 4) for p in products]
    figures = asked("short-run", table_of(product=products, x=x)).figures
    means = {p: np.mean([v for v, q in zip(x, products, strict=True) if q == p]) for p in "AB"}
    away = [v - means[p] for v, p in zip(x, products, strict=True)]
    same = cases.run({"kind": "chart", "input": {"x": away}, "options": {"chart": "i-mr"}})
    assert figures["values"] == pytest.approx(away)
    assert figures["ucl"] == pytest.approx(same["ucl"])


def test_standardised_short_runs_have_limits_at_three():
    products = ["A"] * 10 + ["B"] * 10
    x = [round((10 if p == "A" else 50) + RNG.normal(0, 1 if p == "A" else 9), 4) for p in products]
    figures = asked("short-run", table_of(product=products, x=x), scale="standardised").figures
    assert (figures["center"], figures["ucl"], figures["lcl"]) == (0.0, 3.0, -3.0)


def test_one_nominal_for_several_products_is_refused():
    with pytest.raises(Invalid, match="Products differ in their nominal"):
        asked("short-run", "product;x\nA;1\nB;2\nA;3\nB;4", nominal=2.0)


def test_most_variation_is_found_where_it_was_put():
    rows = [(s, p) for s in range(2) for p in range(4) for _ in range(3)]
    x = [round(10 * s + p / 10 + RNG.normal(0, 0.01), 5) for s, p in rows]
    text = table_of(x=x, shift=[f"s{s}" for s, _ in rows], part=[f"p{p}" for _, p in rows])
    answer = asked("multi-vari", text)
    assert answer.roles == {"x": ["x"], "outer": ["shift"], "middle": ["part"]}
    assert answer.told.headline.startswith("Most variation lies between levels of shift")
    shares = [one["share"] for one in answer.figures["families"]] + [answer.figures["within"]]
    assert sum(shares) == pytest.approx(100)


@pytest.mark.parametrize(
    ("options", "n"),
    [
        ({"test": "two-means", "difference": 0.5, "sigma": 1.0}, 64),
        ({"test": "mean", "difference": 0.5, "sigma": 1.0}, 34),
        ({"test": "anova", "groups": 3, "effect": 0.25}, 53),
    ],
)
def test_sample_sizes_are_the_published_ones(options, n):  # Cohen, Statistical Power Analysis (1988), tables
    answer = services.analyse(tables.Table(columns=()), study="power", options=options)
    assert answer.figures["n"] == n
    assert f"{n} values" in answer.told.headline


def test_power_of_a_given_size_is_told():
    options = {"test": "proportions", "first": 2.0, "second": 5.0, "n": 400}
    answer = services.analyse(tables.Table(columns=()), study="power", options=options)
    assert answer.figures["power"] == pytest.approx(0.65, abs=0.02)
    assert "With 400 items" in answer.told.headline


def test_a_pareto_tells_what_moved_since_the_period_before():
    text = "defect;now;before\nvoid;60;20\nbridge;30;31\nscratch;5;40"
    answer = asked("pareto", text, {"category": ["defect"], "weight": ["now"], "before": ["before"]})
    assert answer.told.lines == ("Against the period before, more: void; fewer: scratch.",)
    moved = {one["category"]: one for one in answer.figures["change"]}
    assert moved["void"]["p"] == pytest.approx(stats.binomtest(60, 80, 0.5).pvalue)


def test_rows_with_a_period_are_ranked_within_the_last_one():
    rows = [("may", "void")] * 20 + [("may", "bridge")] * 5 + [("june", "bridge")] * 30 + [("june", "void")] * 4
    text = table_of(month=[m for m, _ in rows], defect=[d for _, d in rows])
    answer = asked("pareto", text, {"category": ["defect"], "period": ["month"]})
    assert (answer.figures["order"], answer.figures["values"]) == (["bridge", "void"], [30, 4])
    assert answer.told.lines == ("Against the period before, more: bridge; fewer: void.",)


def test_a_pareto_by_cost_ranks_what_is_dear():
    text = "defect;count;cost\nvoid;60;1\nbridge;10;20"
    answer = asked("pareto", text, {"category": ["defect"], "weight": ["count"], "cost": ["cost"]})
    assert answer.figures["order"] == ["bridge", "void"]
    assert answer.figures["values"] == [200, 60]


def test_twice_the_output_explains_twice_the_defects():
    text = "defect;now;before\nvoid;60;30\nbridge;40;20"
    roles = {"category": ["defect"], "weight": ["now"], "before": ["before"]}
    assert "no change is shown" in asked("pareto", text, roles, exposure=2000, previous_exposure=1000).told.lines[0]


def test_a_set_of_ones_own_is_judged_and_priced():
    x = [*RNG.normal(0, 1, 30).round(4), 8.0]
    answer = asked("readings", table_of(x=x), rules="own", own=["nelson_1"], chart="i-mr")
    assert list(answer.figures["violations"]) == ["nelson_1"]
    assert "one false alarm in 370 points" in " ".join(answer.told.lines)


def test_an_unknown_rule_of_a_set_is_refused():
    with pytest.raises(Invalid, match="Rules of your own set"):
        asked("readings", "x\n1\n2\n3\n4", rules="own", own=["nelson_99"])


def test_capability_of_a_fitted_distribution_tells_how_sure_it_is():
    x = (RNG.weibull(2, 120) * 3 + 0.2).round(4)
    answer = asked("capability", table_of(x=x), usl=12.0, method="weibull")
    assert "95 % interval of Ppk" in " ".join(answer.told.lines)


def test_the_group_that_stands_out_is_marked_and_set_against_the_rest() -> None:
    text = "Lot\tForce [kN]\n" + "\n".join(
        f"{lot}\t{v + i % 5 * 0.01}" for lot, v in (("A", 1), ("B", 3), ("C", 1)) for i in range(9)
    )
    groups = asked("anova", text).told.grids[0]
    assert groups.head[-1] == "Against rest, kN"
    assert [groups.rows[i][0] for i in groups.marked] == ["B"]
    assert [row[-1] for row in groups.rows] == pytest.approx([-1, 2, -1])


def test_a_sensor_that_stood_still_is_named_before_the_verdict_and_ranges_count_as_signals() -> None:
    values = [61.2 + (i * 37 % 17) / 20 for i in range(60)]
    values[30:44] = [61.089] * 14
    told = asked("readings", "T [°C]\n" + "\n".join(f"{v:.3f}" for v in values)).told
    assert told.lines[0] == "Check the sensor first: 14 readings in a row, 31 to 44, are 61.089 °C."
