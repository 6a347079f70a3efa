"""Reference cases: which kind a file is, who answers it, what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from qms.core.rest import behaviour
from spc import cases as statistics
from spc.compare import compare
from spc.values import BadInput


@dataclass(frozen=True)
class Outcome:
    """What came of one case; the text is the difference, or why it was not run."""

    name: str
    verdict: Literal["PASS", "FAIL", "SKIP"]
    text: str = ""


def outcomes(folder: Path) -> Iterator[Outcome]:
    """Run the cases of a file or of every file below a folder, in the order of their paths."""
    paths = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.is_file())
    for kind, group in groupby(paths, kind_of):
        if kind is not None:
            yield from KINDS.get(kind, _skip)(group)


def kind_of(path: Path) -> str | None:
    """`spc` by what the file says, the others by the name of their folder; None for a file that is no case."""
    if path.suffix == ".md" or path.name.upper().startswith("LICENSE"):
        return None
    if path.suffix == ".json" and isinstance(case := _content(path), dict) and {"kind", "input"} <= case.keys():
        return "spc"
    return path.parent.name


def _content(path: Path) -> Any:
    try:
        return statistics.load(path)
    except BadInput:
        return None


def _skip(paths: Iterable[Path]) -> Iterator[Outcome]:
    for path in paths:
        yield Outcome(f"{path.parent.name}/{path.name}", "SKIP", "kind not built yet")


def _statistics(paths: Iterable[Path]) -> Iterator[Outcome]:
    for path in paths:
        yield _judge(path)


def _judge(path: Path) -> Outcome:
    case = _content(path)
    name = str(case.get("id", path.stem))
    try:
        differences = compare(case, statistics.run(case))
    except (BadInput, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        differences = [f"{type(error).__name__}: {error}"]
    return Outcome(name, "FAIL" if differences else "PASS", "; ".join(differences))


def _rest(paths: Iterable[Path]) -> Iterator[Outcome]:
    for path in paths:
        for name, difference in behaviour.run(_content(path)):
            yield Outcome(f"rest {name}", "FAIL" if difference else "PASS", difference)


KINDS: dict[str, Callable[[Iterable[Path]], Iterator[Outcome]]] = {"spc": _statistics, "rest": _rest}
