"""Every chart kind of the vocabulary against a second computation written as plain loops from the definitions."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np
import pytest
from scipy import stats

from spc.cases import run
from spc.constants import c4, c5, chart_constants, d2, d3
from spc.values import BadInput

RNG = np.random.default_rng(20)
X = RNG.normal(50, 2, 40).round(2).tolist()
X[9], X[25] = 61.3, None
ROWS: list[list[Any]] = [RNG.normal(10, 1, n).round(3).tolist() for n in (5, 5, 3, 4, 5, 5, 2, 5, 5, 4)]
ROWS += [[], [10.2], [None, 9.0, 11.0]]


def ask(data: dict[str, Any], **options: Any) -> dict[str, Any]:
    return run({"kind": "chart", "input": data, "options": options})


def test_individuals_with_phase_exclusion_and_stages_together() -> None:
    result = ask({"x": X}, chart="i-mr", phase1=[1, 30], exclude=[10], stages=[1, 21], rules=["nelson_1"])
    first = [v for i, v in enumerate(X[:20], start=1) if i != 10]
    ranges = [abs(X[i] - X[i - 1]) for i in range(1, 20) if 9 not in (i, i - 1)]
    second = [X[i] for i in range(20, 30) if X[i] is not None]
    later = [abs(X[i] - X[i - 1]) for i in range(21, 30) if None not in (X[i], X[i - 1])]
    assert [s["center"] for s in result["stages"]] == pytest.approx([statistics.mean(first), statistics.mean(second)])
    sigmas = [statistics.mean(r) / d2(2) for r in (ranges, later)]
    assert [s["sigma"] for s in result["stages"]] == pytest.approx(sigmas)
    assert 10 in result["violations"]["nelson_1"]
    assert result["ucl"][0] == pytest.approx(statistics.mean(first) + 3 * sigmas[0])
    assert result["trial"]["stages"][0]["center"] == pytest.approx(statistics.mean(X[:20]))
    assert result["revised"]["center"] == result["center"]


def test_every_sigma_estimator_follows_its_definition() -> None:
    result = ask({"subgroups": ROWS}, chart="xbar-s", missing="an empty subgroup counts for nothing")
    groups = [[v for v in row if v is not None] for row in ROWS]
    big = [g for g in groups if len(g) > 1]
    n, s = [len(g) for g in big], [statistics.stdev(g) for g in big]
    r = [max(g) - min(g) for g in big]
    wr, ws = [(d2(k) / d3(k)) ** 2 for k in n], [(c4(k) / c5(k)) ** 2 for k in n]
    df = sum(k - 1 for k in n)
    pooled = math.sqrt(sum((k - 1) * v * v for k, v in zip(n, s, strict=True)) / df)
    expected = {
        "mean of R/d2(n)": statistics.mean(v / d2(k) for v, k in zip(r, n, strict=True)),
        "mean of S/c4(n)": statistics.mean(v / c4(k) for v, k in zip(s, n, strict=True)),
        "minimum-variance R": sum(w * v / d2(k) for w, v, k in zip(wr, r, n, strict=True)) / sum(wr),
        "minimum-variance S": sum(w * v / c4(k) for w, v, k in zip(ws, s, n, strict=True)) / sum(ws),
        "pooled": pooled,
        "pooled / c4(df+1)": pooled / c4(df + 1),
    }
    assert result["sigma_estimators"] == pytest.approx(expected)
    assert result["sizes"] == [len(g) for g in groups]
    for name, sigma in expected.items():
        plain = name == "pooled"  # its limits are A3 times it: corrected by c4 of the size of each point
        chosen = ask({"subgroups": ROWS}, chart="xbar-s", sigma="pooled-uncorrected" if plain else name)
        assert chosen["sigma"] == pytest.approx(sigma)
        reach = 3 * sigma / math.sqrt(3) / (c4(3) if plain else 1)
        assert chosen["ucl"][2] == pytest.approx(chosen["center"] + reach)
        assert chosen["ucl"][10] is None


def test_limits_of_a_pooled_s_bar_are_those_of_the_textbook() -> None:
    # Montgomery, Introduction to SQC, 6.3.2: centre +/- A3(n) S-bar, B3(n) S-bar and B4(n) S-bar, S-bar pooled.
    result = ask({"subgroups": ROWS}, chart="xbar-s", sigma="pooled-uncorrected")
    s_bar = result["s_bar"]
    for i, n in ((0, 5), (2, 3), (3, 4), (6, 2)):
        known = chart_constants(n)
        assert result["ucl"][i] - result["center"] == pytest.approx(known["A3"] * s_bar)
        assert result["center"] - result["lcl"][i] == pytest.approx(known["A3"] * s_bar)
        assert result["s_ucl"][i] == pytest.approx(known["B4"] * s_bar)
    assert (result["s_lcl"], result["s_center"]) == (0.0, pytest.approx(s_bar))


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("s_bar/c4", "mean of S/c4(n)"),
        ("R-bar / d2(n)", "mean of R/d2(n)"),
        ("POOLED", "pooled / c4(df+1)"),
        ("minimum variance S", "minimum-variance S"),
        ("pooled uncorrected", "pooled, uncorrected"),
    ],
)
def test_estimators_are_known_by_any_spelling(spelling: str, name: str) -> None:
    assert ask({"subgroups": ROWS}, chart="xbar-s", sigma=spelling)["estimator"] == name


@pytest.mark.parametrize("kind", ["p", "u"])
def test_rules_of_unequal_sizes_run_on_standardised_values(kind: str) -> None:
    sizes = [100, 400, 100, 900, 100, 400, 100, 900, 100, 400]
    counts = [13, 48, 12, 105, 14, 47, 13, 104, 12, 30]
    result = ask({"counts": counts, "sizes": sizes}, chart=kind, rules=["nelson_1", "nelson_2", "nelson_5"])
    rate = sum(counts) / sum(sizes)
    spread = rate * (1 - rate) if kind == "p" else rate
    z = [(c / n - rate) / math.sqrt(spread / n) for c, n in zip(counts, sizes, strict=True)]
    side = [i for i in range(9, 11) if all(v > 0 for v in z[i - 9 : i])]
    assert result["violations"]["nelson_2"] == side == [9]
    assert result["violations"]["nelson_1"] == [i for i, v in enumerate(z, start=1) if abs(v) > 3]


def test_laney_names_what_a_plain_chart_would_call_out() -> None:
    for chart in ("laney-p", "laney-u"):
        result = ask({"counts": [300, 100, 310, 90], "sizes": [1000] * 4}, chart=chart)
        assert result["plain_p_violations"] == [1, 2, 3, 4]
        assert isinstance(result["ucl"], list)


def test_exact_ewma_limits_are_lists_and_asymptotic_ones_numbers() -> None:
    exact = ask({"x": [1, 2, 1, 2]}, chart="ewma", **{"lambda": 1.0}, target=1.5, sigma=1)
    assert exact["ucl"] == [4.5] * 4
    assert ask({"x": [1, 2]}, chart="ewma", target=1.5, sigma=1, limits="asymptotic")["ucl"] == pytest.approx(2.5)


def test_cusum_in_units_and_in_sigmas_say_the_same() -> None:
    x = RNG.normal(10, 2, 30).tolist()
    sigmas = ask({"x": x}, chart="cusum", target=10, sigma=2, k=0.5, h=4, head_start=2)
    units = ask({"x": x}, chart="cusum", target=10, k_units=1.0, h_units=8.0, head_start=4.0)
    assert sigmas["c_plus"] == units["c_plus"]
    up, run_length = 4.0, 0
    for i, value in enumerate(x):
        up = max(0.0, up + value - 11.0)
        run_length = run_length + 1 if up > 0 else 0
        assert (units["c_plus"][i], units["n_plus"][i]) == (pytest.approx(up), run_length)


def test_t_squared_of_subgroups_by_loops() -> None:
    a, b = RNG.normal(size=(2, 12, 4)).round(3)
    result = ask({"x1": a.tolist(), "x2": b.tolist()}, chart="t2", alpha=0.01)
    cov = sum(np.cov(a[i], b[i]) for i in range(12)) / 12
    center = np.array([a.mean(), b.mean()])
    for i in range(12):
        away = np.array([a[i].mean(), b[i].mean()]) - center
        assert result["t2"][i] == pytest.approx(float(4 * away @ np.linalg.solve(cov, away)))
    limit = 2 * 11 * 3 / (48 - 12 - 2 + 1) * stats.f.ppf(0.99, 2, 48 - 12 - 2 + 1)
    assert result["ucl_phase1"] == pytest.approx(limit)


def test_mewma_takes_its_limit_from_the_run_length() -> None:
    # Prabhu and Runger, J. Quality Technology 29 (1997), in-control run length 200: 8.66 (p 2), 12.73 (p 4), 0.1.
    rows = RNG.normal(size=(30, 2)).tolist()
    assert ask({"x": rows}, chart="mewma", **{"lambda": 0.1})["ucl"] == pytest.approx(8.64, abs=0.03)
    one = ask({"x": rows}, chart="mewma", **{"lambda": 1.0}, arl=1 / 0.0027)
    assert one["ucl"] == pytest.approx(stats.chi2.isf(0.0027, 2), rel=1e-4)
    given = ask({"x": rows}, chart="mewma", h=5, target=[0, 0], sigma=[[1, 0], [0, 1]])
    assert given["values"][0] == pytest.approx(rows[0][0] ** 2 + rows[0][1] ** 2)


def test_moving_averages_and_short_runs_name_their_signals() -> None:
    average = ask({"x": [1, 1, 9, 1]}, chart="moving-average", span=2, center=1, sigma=1)
    assert average["values"] == [1, 1, 5, 5]
    assert average["violations"] == {"beyond": [3, 4], "nelson_1": [3, 4]}
    data = {"x": [10.1, 24.7, 10.9], "product": ["A", "B", "A"], "nominal": {"A": 10, "B": 25}}
    short = ask({**data, "sigma": {"A": 0.1, "B": 0.3}}, chart="short-run", rules=["nelson_1"])
    assert short["values"] == pytest.approx([1, -1, 9])
    assert short["violations"] == {"beyond": [3], "nelson_1": [3]}


def test_own_rules_run_on_any_chart() -> None:
    own = {"name": "seven_up", "test": "side", "needed": 7, "window": 7}
    result = ask({"x": [1, 2, 1, 2, 1, 2] + [9] * 7}, chart="i-mr", phase1=[1, 6], rules=["western-electric", own])
    assert result["violations"]["seven_up"] == [12, 13]
    assert set(result["violations"]) == {"we_1", "we_2", "we_3", "we_4", "seven_up"}


def test_the_run_length_of_a_chosen_set_comes_with_it() -> None:
    own = {"test": "beyond", "sigmas": 2, "window": 1}
    result = run({"kind": "rules", "input": {"x": [0, 5]}, "options": {"rules": [own], "sigma": 2, "center": 0,
                                                                       "run_length": True}})  # fmt: skip
    assert result["violations"] == {"own_1": [2]}
    assert result["run_length"]["points"] == pytest.approx(1 / (2 * stats.norm.sf(2)))


def test_new_subgroups_are_judged_by_the_phase_one_estimate() -> None:
    a, b = RNG.normal(size=(2, 25, 4))
    first = ask({"x1": a[:20].tolist(), "x2": b[:20].tolist()}, chart="t2")
    a[24] += 4
    both = ask({"x1": a.tolist(), "x2": b.tolist()}, chart="t2", phase1=[1, 20])
    assert both["center"] == pytest.approx(first["center"])
    assert both["t2"][:20] == pytest.approx(first["t2"])
    assert 25 in both["violations"]
    assert both["ucl_phase1"] == first["ucl_phase1"] < both["ucl_phase2"]
    error = run({"kind": "edge", "input": {"uneven": {"x": [1]}}})
    assert error["uneven"]["sigma"] is None


def test_ten_variables_keep_their_order() -> None:
    tables = {f"x{i}": (RNG.normal(i, 1, (12, 3))).tolist() for i in range(1, 11)}
    center = ask({**tables}, chart="t2")["center"]
    assert [round(v) for v in center] == pytest.approx(list(range(1, 11)), abs=1)
    assert center == sorted(center)


def test_one_list_of_any_name_answers_at_the_top_too() -> None:
    result = run({"kind": "statistics", "input": {"mavro": [1.0, 2.0, 4.0]}, "options": {}})
    assert result["mean"] == result["mavro"]["mean"] == pytest.approx(7 / 3)


def test_a_subgroup_of_one_has_no_constants_but_a_reason() -> None:
    result = run({"kind": "constants", "input": {"n": [1, 2]}})
    assert result["1"]["d2"] is None
    assert result["reasons"]["1"]
    assert result["2"]["d2"] == pytest.approx(2 / math.sqrt(math.pi))


def test_tables_of_different_shapes_are_refused() -> None:
    with pytest.raises(BadInput, match="same shape"):
        ask({"x1": [[1, 2], [2, 3]], "x2": [[1, 2, 3], [2, 3, 4]]}, chart="t2")
