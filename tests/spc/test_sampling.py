"""Sampling plans: the published tables, risks computed a second way, switching lot by lot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spc.cases import run
from spc.sampling import iso2859, switching, variable
from spc.sampling.attribute import Double, Single, accepted, curve, design, quality_at, risks
from spc.sampling.iso2859 import code_letter, entry, plan
from spc.sampling.switching import Lot, Switch, resume, walk
from spc.values import BadInput

# MIL-STD-105E, table II-C, letter K (n 50), AQL 0.65 to 10: Ac and Re leave a gap in which the lot passes.
_GAP = (1, 1, 2, 3, 5, 7, 10), (3, 4, 5, 6, 8, 10, 13)
_TABLES = [line.split() for line in Path(__file__).with_name("iso2859.txt").read_text().splitlines() if line[0] != "#"]


@pytest.mark.parametrize("line", _TABLES, ids=lambda line: f"{line[0]} {line[1]}")
def test_the_master_tables_are_reproduced(line: list[str]) -> None:
    severity, letter, *cells = line
    found = (entry(letter, aql, severity) for aql in iso2859.AQLS)  # type: ignore[arg-type]
    assert [f"{n}:{accept}" for _, n, accept in found] == cells


def test_the_letter_used_is_the_one_an_arrow_leads_to() -> None:
    assert entry("K", 0.25, "tightened") == ("M", 315, 1)
    assert entry("Q", 0.025, "tightened") == ("S", 3150, 1)
    assert entry("K", 0.40, "reduced") == ("L", 80, 1)
    assert entry("R", 0.015) == ("P", 800, 0)


@pytest.mark.parametrize(("aql", "accept", "reject"), list(zip(iso2859.AQLS[9:16], *_GAP, strict=True)))
def test_reduced_plans_lie_in_the_gap_that_the_older_standard_left_open(aql: float, accept: int, reject: int) -> None:
    _, n, found = entry("K", aql, "reduced")
    assert n == 50
    assert accept <= found < reject


@pytest.mark.parametrize("severity", ["normal", "tightened", "reduced"])
@pytest.mark.parametrize("letter", "ABCDEFGHJKLMNPQR")
def test_a_larger_aql_never_accepts_less(letter: str, severity: Any) -> None:
    plans = [entry(letter, aql, severity) for aql in iso2859.AQLS]
    rates = [accept / n for _, n, accept in plans]
    assert rates == sorted(rates)


def test_code_letters_follow_table_one() -> None:
    assert [code_letter(n) for n in (2, 8, 9, 50, 51, 1200, 1201, 3200, 3201, 600_000)] == list("AABDEJKKLQ")
    assert [code_letter(2000, level) for level in ("S-1", "S-2", "S-3", "S-4", "I", "II", "III")] == list("CDEGHKL")


@given(st.sampled_from("ABCDEFGHJKLMNPQR"), st.sampled_from([a for a in iso2859.AQLS if a <= 10]))
def test_tightened_plans_never_accept_more(letter: str, aql: float) -> None:
    normal, hard = entry(letter, aql), entry(letter, aql, "tightened")
    p = np.array([0.5, 1.0, 2.0]) * aql / 100
    loose, strict = (accepted(Single(n, c), p) for _, n, c in (normal, hard))
    assert (strict <= loose + 1e-12).all()


@given(st.sampled_from("ABCDEFGHJKLMNPQR"), st.sampled_from(iso2859.AQLS))
def test_every_letter_and_aql_has_a_plan_that_protects_the_producer(letter: str, aql: float) -> None:
    _, n, accept = entry(letter, aql)
    assert stats.poisson.cdf(accept, n * aql / 100) > 0.85


def test_a_plan_carries_its_computed_risks() -> None:
    found = plan(2000, 1.0)
    assert (found.letter, found.n, found.accept, found.reject) == ("K", 125, 3, 4)
    assert found.risks.producer == pytest.approx(1 - stats.binom.cdf(3, 125, 0.01))
    assert stats.binom.cdf(3, 125, found.quality[2]) == pytest.approx(0.1)
    assert plan(5, 0.65).whole_lot
    assert plan(100, 65.0).quality[0] > 0.5


def test_a_single_plan_for_two_risks_is_the_smallest() -> None:
    # Montgomery, Introduction to SQC, 15.2: p1 0.01, p2 0.06, risks 0.05 and 0.10 give about n 89, c 2 by nomograph.
    found = design(good=0.01, bad=0.06)
    assert risks(found, good=0.01, bad=0.06).producer <= 0.05
    assert risks(found, good=0.01, bad=0.06).consumer <= 0.10
    for c in range(found.accept):
        n = next(n for n in range(c + 1, 2000) if stats.binom.cdf(c, n, 0.06) <= 0.10)
        assert stats.binom.cdf(c, n, 0.01) < 0.95
    assert stats.binom.cdf(found.accept, found.n - 1, 0.06) > 0.10


def test_the_curve_of_the_textbook_plan() -> None:
    # Montgomery 15.2: n 89, c 2: Pa 0.9397 at 1 %; N 10,000: ATI 687 at 1 %, AOQL about 0.0155.
    found = curve(Single(89, 2), np.linspace(0, 0.1, 201), lot=10_000)
    assert found.accepted[20] == pytest.approx(0.9397, abs=5e-5)
    assert found.ati is not None
    assert found.ati[20] == pytest.approx(687, abs=0.5)
    assert found.aoql == pytest.approx(0.0155, abs=5e-4)
    assert curve(Single(89, 2)).accepted[-1] < 0.01
    assert curve(Single(2, 3), model="poisson").p[-1] > 1


@pytest.mark.parametrize("model", ["binomial", "hypergeometric"])
def test_a_double_plan_agrees_with_simulation(model: Any) -> None:
    rng, d, lot = np.random.default_rng(3), Double(50, 1, 4, 100, 3), 1000
    bad = 30
    if model == "hypergeometric":
        first = rng.hypergeometric(bad, lot - bad, 50, 40_000)
        second = rng.hypergeometric(bad - first, lot - bad - 50 + first, 100)
    else:
        first, second = rng.binomial(50, bad / lot, 40_000), rng.binomial(100, bad / lot, 40_000)
    passed = (first <= 1) | ((first < 4) & (first + second <= 3))
    assert accepted(d, bad / lot, model=model, lot=lot)[0] == pytest.approx(passed.mean(), abs=0.008)
    figures = curve(d, np.array([bad / lot]), model=model, lot=lot)
    assert figures.asn[0] == pytest.approx(50 + 100 * np.mean((first > 1) & (first < 4)), abs=1)
    inspected = np.where(first <= 1, 50, np.where(passed, 150, lot))
    assert figures.ati is not None
    assert figures.ati[0] == pytest.approx(inspected.mean(), rel=0.02)


def test_plans_by_variables_hold_their_risks() -> None:
    # Montgomery 16.3: p1 0.01, p2 0.06, 0.05 and 0.10: n 40, k 1.9 from the nomograph.
    unknown, known = (variable.design(good=0.01, bad=0.06, method=m) for m in ("s", "sigma"))
    assert (unknown.n, known.n) == (pytest.approx(40, abs=3), 15)
    assert unknown.k == pytest.approx(1.9, abs=0.01)
    for found in (unknown, known):
        pa = variable.accepted(found, [0.01, 0.06])  # type: ignore[arg-type]
        assert pa[0] >= 0.95
        assert pa[1] == pytest.approx(0.10)


def test_the_noncentral_t_agrees_with_simulation() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(60_000, 12))
    usl = -stats.norm.ppf(0.04)
    share = np.mean((usl - x.mean(axis=1)) / x.std(axis=1, ddof=1) >= 1.5)
    assert variable.accepted(variable.Variable(12, 1.5), 0.04)[0] == pytest.approx(share, abs=0.006)


def test_a_matched_plan_has_the_risks_of_the_plan_by_attributes() -> None:
    found = variable.matched(2000, 1.0)
    assert found.letter == "K"
    assert found.plan.n < found.attribute.n / 2
    pa = variable.accepted(found.plan, np.array([found.good, found.bad]))
    assert pa[0] >= 0.95
    assert pa[1] == pytest.approx(0.10)
    assert variable.matched(2000, 1.0, method="sigma").plan.n < found.plan.n


def test_a_lot_is_judged_by_its_readings() -> None:
    # ISO 3951-1 worked example in the manner of clause 15: upper limit, s method.
    found = variable.judge([53, 57, 49, 58, 50], variable.Variable(5, 1.5), usl=60)
    assert found.q_upper == pytest.approx((60 - 53.4) / np.std([53, 57, 49, 58, 50], ddof=1))
    assert found.accepted is True
    assert variable.judge([59, 57, 49, 58, 50], variable.Variable(5, 1.5), usl=60, lsl=40).accepted is False
    assert variable.judge([1, 1], variable.Variable(2, 1.0), usl=2).accepted is None
    assert variable.judge([1, 1], variable.Variable(2, 1.0, "sigma"), usl=2, sigma=0.5).q_upper == 2.0


def test_two_refusals_in_five_lots_tighten_and_five_acceptances_relax() -> None:
    steps = walk([Lot(4), Lot(0), Lot(9), *[Lot(0)] * 5, Lot(0)], letter="K", aql=1.0)
    assert [s.severity for s in steps] == ["normal"] * 3 + ["tightened"] * 5 + ["normal"]


def test_two_refusals_further_apart_do_not_tighten() -> None:
    steps = walk([Lot(4), *[Lot(0)] * 4, Lot(4), Lot(0)], letter="K", aql=1.0)
    assert {s.severity for s in steps} == {"normal"}


def test_five_refusals_on_tightened_inspection_stop_it() -> None:
    steps = walk([Lot(9)] * 20, letter="K", aql=1.0)
    assert len(steps) == 7
    assert steps[-1].after.stopped
    with pytest.raises(BadInput, match="discontinued"):
        switching.decide(steps[-1].after, Lot(0), letter="K", aql=1.0)
    assert resume(steps[-1].after) == Switch("tightened")
    assert resume(Switch()) == Switch()


def test_a_score_of_thirty_reduces_and_any_trouble_ends_it() -> None:
    clean = walk([Lot(0)] * 12 + [Lot(3)], letter="K", aql=1.0)
    assert [s.severity for s in clean].count("normal") == 10
    assert clean[-1].after.severity == "normal"
    unsteady = walk([Lot(0)] * 10 + [Lot(0, steady=False), Lot(0)], letter="K", aql=1.0)
    assert [s.severity for s in unsteady[-2:]] == ["reduced", "normal"]
    single = walk([Lot(0)] * 16, letter="C", aql=2.5)
    assert [s.severity for s in single].count("normal") == 15
    barely = walk([Lot(0)] * 5 + [Lot(3)], letter="K", aql=1.0)
    assert barely[-1].after.score == 0
    assert walk([Lot(0)] * 2, letter="Q", aql=0.01)[-1].after.score == 4


@pytest.mark.parametrize(
    "call",
    [
        lambda: Single(0, 0),
        lambda: Double(50, 3, 4, 50, 2),
        lambda: accepted(Single(5, 1), -0.1),
        lambda: accepted(Single(5, 1), 0.1, model="hypergeometric"),
        lambda: quality_at(Single(5, 1), 0.0),
        lambda: quality_at(Single(5, 5), 0.5),
        lambda: design(good=0.1, bad=0.05),
        lambda: design(good=0.01, bad=0.05, model="hypergeometric"),
        lambda: design(good=0.3, bad=0.3001),
        lambda: design(good=1e-12, bad=1e-11),
        lambda: code_letter(1),
        lambda: code_letter(50, "IV"),  # type: ignore[arg-type]
        lambda: entry("K", 0.9),
        lambda: entry("K", 1.0, "lax"),  # type: ignore[arg-type]
        lambda: entry("S", 1.0),
        lambda: variable.Variable(1, 1.0),
        lambda: variable.Variable(3, 1.0, "m"),  # type: ignore[arg-type]
        lambda: variable.accepted(variable.Variable(3, 1.0), 0.0),
        lambda: variable.design(good=0.1, bad=0.05),
        lambda: variable.design(good=0.3, bad=0.3001),
        lambda: variable.matched(100, 15.0),
        lambda: variable.judge([1.0, 2.0], variable.Variable(2, 1.0)),
        lambda: variable.judge([1.0], variable.Variable(2, 1.0), usl=3),
        lambda: variable.judge([1.0, 2.0], variable.Variable(2, 1.0, "sigma"), usl=3),
    ],
)
def test_plans_that_make_no_sense_are_refused(call: Any) -> None:
    with pytest.raises(BadInput):
        call()


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"method": "iso-2859-1", "lot": 2000, "aql": 1.0}, "n accept reject letter risks"),
        ({"method": "iso-3951-1", "lot": 2000, "aql": 1.0}, "plan attribute risks"),
        ({"method": "oc", "n": 89, "accept": 2, "lot": 10_000, "p": [0.01]}, "accepted aoq ati asn aoql"),
        ({"method": "oc", "n1": 50, "accept1": 1, "reject1": 4, "n2": 100, "accept2": 3}, "accepted asn"),
        ({"method": "oc-variable", "n": 20, "k": 1.5, "p": [0.01]}, "accepted"),
        ({"method": "design", "good": 0.01, "bad": 0.06}, "n accept"),
        ({"method": "design-variable", "good": 0.01, "bad": 0.06}, "n k"),
        ({"method": "judge-variable", "n": 2, "k": 1, "x": [1, 2], "usl": 5}, "accepted q_upper"),
        ({"method": "switching", "lot": 2000, "aql": 1.0, "nonconforming": [0, 9, 9, 0]}, "severity changes stopped"),
    ],
)
def test_every_sampling_question_is_answered(options: dict[str, Any], names: str) -> None:
    result = run({"kind": "sampling", "input": {}, "options": options})
    assert set(names.split()) <= set(result)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "guess"}, "sampling method 'guess'"),
        ({"method": "oc"}, "needs 'n'"),
        ({"method": "oc", "n": 5, "accept": 1, "model": "beta"}, "binomial"),
        ({"method": "switching", "lot": 90, "aql": 1.0, "nonconforming": [-1]}, "from 0 for each lot"),
        ({"method": "switching", "letter": "I", "aql": 1.0, "nonconforming": [1]}, "no code letter"),
    ],
)
def test_sampling_questions_without_an_answer_say_why(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        run({"kind": "sampling", "input": {}, "options": options})
