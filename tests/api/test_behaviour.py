"""The written behaviour of the API, and the command that runs every reference case."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from qms.core import cases
from qms.core.cases import Outcome, kind_of, outcomes
from qms.core.rest.behaviour.statements import THINGS, TRIES, answers
from qms.core.rest.behaviour.visitor import visitors

SHARED = Path(settings.ROOT).parent / "shared" / "cases" / "integration" / "rest" / "behaviour.json"
FIRST = {"POST": THINGS, "Idempotency-Key": '"k-1"', "body": {"title": "NC 00017"}, "expect": [201, "created"]}
OURS = {
    "idempotency": [
        FIRST,
        {**FIRST, "expect": [201, "the same answer again, no second record"]},
        {**FIRST, "body": {"title": "other"}, "expect": [422, "same key, other body"]},
        {**FIRST, "Idempotency-Key": '"k-2"', "body": {"title": "race"}, "concurrent": 2, "expect": [[201, 409], ""]},
    ],
    "paging": [words for words in TRIES if "cursor" in words or "insert" in words or "capped" in words],
    "concurrency": ["stale If-Match", "If-None-Match"],
    "errors": "problem+json",
    "rate": "429 with Retry-After",
}


@pytest.mark.parametrize("written", [OURS, None], ids=["ours", "shared"])
def test_the_api_behaves_as_it_is_written(written, fresh_database):
    if written is None and not SHARED.exists():
        pytest.skip("the shared cases are not beside this checkout")
    results = dict(answers(written or json.loads(SHARED.read_text()), *visitors(2)))
    assert len(results) >= 11
    assert not {name: difference for name, difference in results.items() if difference}


def test_a_statement_nobody_can_try_is_a_difference(fresh_database):
    assert dict(answers({"rate": "is always fast"}, *visitors(2)))["rate"].startswith("nobody knows")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, expected in (("right", 2.0), ("wrong", 3.0)):
        case = {
            "id": name,
            "kind": "pareto",
            "input": {"categories": ["a"], "counts": [2]},
            "expected": {"total": expected},
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(case))
    (tmp_path / "kpi").mkdir()
    (tmp_path / "kpi" / "ledger.json").write_text("[]")
    return tmp_path


def test_a_case_is_told_by_what_it_says_or_where_it_lies(folder):
    assert kind_of(folder / "right.json") == "spc"
    assert kind_of(folder / "kpi" / "ledger.json") == "kpi"


def test_what_is_not_built_is_said_so(folder):
    assert list(outcomes(folder / "kpi")) == [Outcome("kpi/ledger.json", "SKIP", "kind not built yet")]


def test_the_command_prints_a_line_a_case_and_the_counts(folder, monkeypatch):
    monkeypatch.setattr(cases.statistics, "run", lambda case: {"total": 2.0})
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("cases", str(folder), stdout=out)
    assert out.getvalue().splitlines() == [
        "SKIP kpi/ledger.json: kind not built yet",
        "PASS right",
        "FAIL wrong: total: expected 3.0, got 2.0",
        "1 passed, 1 failed",
    ]
