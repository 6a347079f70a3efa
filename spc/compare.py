"""Compares a result with what a reference case expects, by the case's own tolerance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def compare(case: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """Differences in words, empty when the case passes.

    In: a case with expected and tolerance, and the result. Out: texts. A number passes when abs(got - expected) <=
    abs + rel * abs(expected); `<name>_abs` overrides abs for that value. Whole numbers (indices, counts), texts,
    true, false and null must be equal. Source: the conventions of the reference cases.
    """
    tolerance = case.get("tolerance") or {}
    return list(_differences("", case.get("expected") or {}, result, tolerance))


def _differences(path: str, expected: Any, got: Any, tolerance: Mapping[str, float]) -> Iterator[str]:
    if isinstance(expected, Mapping):
        yield from _named(path, expected, got, tolerance)
    elif isinstance(expected, list):
        yield from _listed(path, expected, got, tolerance)
    elif isinstance(expected, bool) or expected is None or isinstance(expected, str):
        if got != expected or isinstance(got, bool) != isinstance(expected, bool):
            yield f"{path}: expected {expected!r}, got {got!r}"
    elif isinstance(got, bool) or not isinstance(got, (int, float)) or not _close(path, expected, got, tolerance):
        yield f"{path}: expected {expected!r}, got {got!r}"


def _named(path: str, expected: Mapping[str, Any], got: Any, tolerance: Mapping[str, float]) -> Iterator[str]:
    if not isinstance(got, Mapping):
        yield f"{path or 'result'}: expected named values, got {got!r}"
        return
    for name, value in expected.items():
        inner = f"{path}.{name}" if path else str(name)
        if name not in got:
            yield f"{inner}: missing, expected {value!r}"
        else:
            yield from _differences(inner, value, got[name], tolerance)


def _listed(path: str, expected: list[Any], got: Any, tolerance: Mapping[str, float]) -> Iterator[str]:
    if not isinstance(got, (list, tuple)) or len(got) != len(expected):
        yield f"{path}: expected {expected!r}, got {got!r}"
        return
    for i, (value, found) in enumerate(zip(expected, got, strict=True)):
        yield from _differences(f"{path}[{i}]", value, found, tolerance)


def _close(path: str, expected: float, got: float, tolerance: Mapping[str, float]) -> bool:
    if isinstance(expected, int) and isinstance(got, int):
        return expected == got
    name = path.rpartition(".")[2].partition("[")[0]
    margin = float(tolerance.get(f"{name}_abs", tolerance.get("abs", 0.0)))
    return abs(got - expected) <= margin + float(tolerance.get("rel", 0.0)) * abs(expected)
