"""Nothing grows past what a reader holds in the head."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ("migrations/", "package-lock.json", "requirements")


def tracked(*endings: str) -> list[Path]:
    """The files of the project, as git knows them."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    return [ROOT / name for name in names if name.endswith(endings) and not any(part in name for part in GENERATED)]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(("endings", "limit"), [((".py", ".js", ".mjs", ".css"), 400), ((".html",), 120)])
def test_no_file_is_longer_than_its_limit(endings, limit) -> None:
    long = {name(p): n for p in tracked(*endings) if p.exists() and (n := len(p.read_text().splitlines())) > limit}
    assert not long


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Those of a file, inside classes and functions too; what statements hold otherwise is not looked into."""
    found, waiting = [], list(parsed(path).body)
    for node in waiting:
        waiting += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node)
    return found


def test_no_function_is_longer_than_fifty_lines() -> None:
    assert not [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in tracked(".py")
        for node in functions(path)
        if node.end_lineno - node.lineno >= 50
    ]


def test_names_say_something() -> None:
    empty = {"utils", "helpers", "misc", "common", "base", "tools"}
    named_by_django = {"qms/core/pooled/base.py"}  # a database engine is looked for under this name
    found = {name(path) for path in tracked(".py") if path.stem in empty}
    assert found == named_by_django


def test_every_module_says_what_it_is() -> None:
    silent = [name(path) for path in tracked(".py") if path.stat().st_size and not ast.get_docstring(parsed(path))]
    assert not silent


def test_nothing_is_left_undone() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X ", "NotImplemented" + "Error")
    assert not [name(p) for p in tracked(".py", ".js", ".mjs", ".html") if any(mark in p.read_text() for mark in marks)]
