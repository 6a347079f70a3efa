"""What every process pays for at its start."""

from __future__ import annotations

import ast

from tests.architecture.test_sizes import name, parsed, tracked

ROOMS = ("qms/", "spc/", "governance/", "iot/", "capa/", "analytics/")


def imported(tree: ast.Module) -> set[str]:
    """The modules, and what is taken from them, that a file names in its import statements."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_no_part_of_scipy_is_imported_by_name() -> None:
    """`import scipy` loads a part at its first use; by its name scipy.stats alone is a third of every start."""
    ours = [path for path in tracked(".py") if name(path).startswith(ROOMS)]
    found = {name(path): {one for one in imported(parsed(path)) if one.startswith("scipy.")} for path in ours}
    assert not {path: parts for path, parts in found.items() if parts}
