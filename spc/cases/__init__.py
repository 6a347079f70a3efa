"""Reference cases: a case in, its answer in the names of the vocabulary out. Never reads what is expected."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from spc.cases import charts, shewhart, studies
from spc.cases.absent import explained
from spc.cases.plain import Case, Result, plain, section
from spc.values import BadInput

__all__ = ["BadInput", "main", "run"]

_CHARTS: dict[str, Callable[[Case], Result]] = {
    **dict.fromkeys(("i-mr", "xbar-r", "xbar-s", "p", "np", "c", "u"), shewhart.chart),
    **charts.CHARTS,
}
_KINDS: dict[str, Callable[[Case], Result]] = studies.KINDS


def run(case: Case) -> Result:
    """The answer to one case as plain JSON values.

    In: an object with kind, input and options. Out: the names of the vocabulary; None = absent, with reasons.<name>.
    Raises BadInput, with position, for data that cannot be judged and for kinds and charts that are not known.
    """
    if not isinstance(case, dict):
        raise BadInput("A case is an object with kind, input and options.")
    kind = case.get("kind")
    if kind == "chart":
        name = section(case, "options").get("chart")
        answer = _CHARTS.get(name) if isinstance(name, str) else None
        if answer is None:
            raise BadInput(f"not supported: chart {name!r}. Known: {', '.join(_CHARTS)}.")
    else:
        answer = _KINDS.get(kind) if isinstance(kind, str) else None
        if answer is None:
            raise BadInput(f"not supported: kind {kind!r}. Known: chart, {', '.join(_KINDS)}.")
    with np.errstate(all="ignore"):  # what overflows becomes null
        result: Result = plain(answer(case))
    return explained(result)


def main(files: Iterable[str], write: Callable[[str], object] = print) -> int:
    """Write one JSON line per file: {"id", "result"} or {"id", "error"}. Out: 1 when a file had an error, else 0."""
    status = 0
    for name in files:
        line = _line(Path(name))
        status = 1 if "error" in line else status
        write(json.dumps(line, allow_nan=False, ensure_ascii=False))
    return status


def _line(path: Path) -> dict[str, Any]:
    identity: Any = path.stem
    try:
        case = load(path)
        identity = case.get("id", identity) if isinstance(case, dict) else identity
        return {"id": identity, "result": run(case)}
    except BadInput as error:
        return {"id": identity, "error": str(error)}
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError) as error:
        return {"id": identity, "error": f"The case is not shaped as its kind needs: {error}."}


def _no_number(token: str) -> float:
    raise BadInput(f"{token} is not a number in JSON: write null for a missing value.")


def load(path: Path) -> Any:
    """The content of a case file. Raises BadInput when it cannot be read or is no JSON, with line and column."""
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text (byte {error.start + 1}).") from error
    except json.JSONDecodeError as error:
        raise BadInput(f"{path.name} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
