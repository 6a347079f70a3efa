"""What every process pays for at its start."""

from __future__ import annotations

import ast

from tests.architecture.test_sizes import name, parsed, tracked

ROOMS = ("qms/", "spc/", "governance/", "iot/", "capa/", "analytics/")


def imported(tree: ast.Module) -> set[str]:
    """The modules that a file names in its import statements."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
    return found


def test_no_part_of_scipy_is_imported_by_name() -> None:
    """`import scipy` loads a part at its first use; by its name scipy.stats alone is a third of every start."""
    ours = [path for path in tracked(".py") if name(path).startswith(ROOMS)]
    assert not {
        name(path): parts
        for path in ours
        if (parts := {one for one in imported(parsed(path)) if "scipy." in f"{one}."} - {"scipy"})
    }
