"""The formulas page says what the code says; public functions say what goes in, what comes out and the source."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import spc
from spc.formulas import modules, page
from spc.worked import WORKED

ROOT = Path(inspect.getfile(spc)).parent
WITHOUT = {
    "estimators.named": "finds a function by its name",
    "families.named": "finds a distribution by its name",
    "charts.timeweighted.check_width": "refuses, and answers nothing",
    "charts.timeweighted.bounded": "cuts limits that are worked in ewma and moving_average",
    "rules.points": "lists a mask that is worked in evaluate",
    "gauge.sums": "sums that are worked in anova",
    "sampling.switching.decide": "one step of walk; the cases of the standard are its tests",
    "sampling.switching.walk": "decisions in words; the cases of the standard are its tests",
    "agreement_standard.study": "a table of its own; its figures are worked in cohen and fleiss",
    "anova.two_way": "a table; one_way is worked",
    "figures.multi_vari": "groups for a drawing",
    "rulesets.ruleset": "reads rules; read_rule is worked",
}
MODULES = sorted(p for p in ROOT.rglob("*.py") if "cases" not in p.parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_public_function_says_what_goes_in_and_out_and_its_source(path: Path) -> None:
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    for function in functions:
        if not function.name.startswith("_"):
            text = ast.get_docstring(function) or ""
            assert all(word in text for word in ("In:", "Out:", "Source")), function.name


def test_the_page_names_every_worked_example_once() -> None:
    text = page()
    assert text.count("Worked: ") == len(WORKED)
    assert "### `d2(n)`" in text
    assert "1.1284, 2.3259, 3.0775" in text
    assert "0x" not in text


def test_every_function_on_the_page_has_worked_numbers_or_says_here_why_not() -> None:
    told = {f"{name.removeprefix('spc.')}.{entry.__name__}" for name, entries in modules() for entry in entries}
    assert told - set(WORKED) == set(WITHOUT)
    assert set(WORKED) <= told


def test_the_written_page_is_up_to_date() -> None:
    written = ROOT.parent / "docs" / "reference" / "formulas.md"
    assert written.read_text().partition("\n")[2] == page()


def test_no_name_of_the_framework_is_imported() -> None:
    for path in ROOT.rglob("*.py"):
        tree = ast.walk(ast.parse(path.read_text()))
        named = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
        assert not {name for name in named if name.startswith(("django", "qms"))}
