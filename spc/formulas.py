"""The formulas page: every public function in its own words, with worked numbers computed as the page is written."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any

import numpy as np

import spc
from spc.worked import WORKED

_TITLES = {
    "constants": "Constants of control charts",
    "estimators": "Standard deviation within the process",
    "limits": "Control limits",
    "charts": "Control charts",
    "rules": "Run rules",
    "run_length": "In-control run length",
    "capability": "Process capability",
    "gauge": "Gauge studies",
    "agreement": "Agreement of ratings",
    "sampling": "Acceptance sampling",
    "trend": "Trends and change points",
    "changes": "Several change points",
    "autocorrelation": "Autocorrelation",
    "correlation": "Correlation",
    "hypotheses": "Tests of hypotheses",
    "effect": "Did it help?",
}
_INTRODUCTION = (
    "Each function of the package `spc`: what goes in (shapes, units), what comes out, and where the formula is from. "
    "Absent figures are None with a reason; bad input raises `BadInput` with its place. Worked numbers are computed by "
    "the code when this page is written; functions that only find, list or refuse have none. Left out is what computes "
    "nothing: reading of values, thinning for display, comparison with reference cases.\n"
)
_HIDDEN = ("spc.cases", "spc.formulas", "spc.worked", "spc.compare", "spc.values", "spc.display")


def page() -> str:
    """The page as Markdown. In: nothing. Out: text, equal for equal code. Source: the docstrings of this package."""
    parts = [
        "# Formulas\n",
        _INTRODUCTION,
    ]
    for name, entries in modules():
        title = _TITLES.get(name.removeprefix("spc."), "")
        module = importlib.import_module(name)
        parts.append(f"## {title or _sentence(module.__doc__)}\n\n`{name}`: {_flat(module.__doc__)}\n")
        parts += [_entry(name, function) for function in entries]
    return "\n".join(parts)


def modules() -> Iterator[tuple[str, list[Any]]]:
    """Names of modules with their public functions, the titled ones first, others by name.

    In: nothing. Out: pairs of name and functions. Source: the package itself.
    """
    names = [info.name for info in pkgutil.walk_packages(spc.__path__, "spc.") if not info.name.startswith(_HIDDEN)]
    order = list(_TITLES)

    def key(name: str) -> tuple[int, str]:
        first = name.split(".")[1]
        return (order.index(first) if first in order else len(order), name)

    for name in sorted(names, key=key):
        module = importlib.import_module(name)
        found = [
            entry
            for label, entry in vars(module).items()
            if not label.startswith("_")
            and inspect.isroutine(inspect.unwrap(entry))
            and getattr(entry, "__module__", "") == name
        ]
        if found:
            yield name, found


def _entry(module: str, function: Any) -> str:
    text = inspect.getdoc(function) or ""
    first, _, rest = text.partition("\n\n")
    shown = f"### `{function.__name__}{_signature(function)}`\n\n{_flat(first)}\n"
    shown += f"\n{_flat(rest)}\n" if rest else ""
    example = WORKED.get(f"{module.removeprefix('spc.')}.{function.__name__}")
    if example is not None:
        shown += f"\nWorked: {example.words} → {_shown(example.value())}\n"
    return shown


def _signature(function: Any) -> str:
    parts = []
    for name, parameter in inspect.signature(inspect.unwrap(function)).parameters.items():
        marker = "*" if parameter.kind is inspect.Parameter.KEYWORD_ONLY and "*" not in parts else ""
        parts += [marker] if marker else []
        parts.append(name if parameter.default is inspect.Parameter.empty else f"{name}={_default(parameter.default)}")
    return f"({', '.join(parts)})"


def _default(value: Any) -> str:
    return "..." if is_dataclass(value) or (isinstance(value, tuple) and len(value) > 3) else repr(value)


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())


def _sentence(text: str | None) -> str:
    return _flat(text).split(":")[0].rstrip(".")


def _shown(value: Any) -> str:
    """Numbers to five digits, so that the page does not change with the last bit of a machine."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_shown(entry)}" for name, entry in value.items())
    if isinstance(value, (list, tuple, np.ndarray)):
        return "[" + ", ".join(_shown(entry) for entry in value) + "]"
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.5g}"
    return str(value)
