"""The corrective actions of the demo plant: problem, causes, actions, and how the effect is judged."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Measure:
    """How effectiveness is judged: metric, which way is better, target, least exposure, window in days."""

    metric: str
    direction: str
    target: float
    minimum: int
    window: int


@dataclass(frozen=True)
class Story:
    """One CAPA; `opened` and `implemented` in days before now.

    causes: statement, evidence and how it was verified, for occurrence, escape and system; actions: text and
    expected effect, one for each cause; thoughts: what else was looked at,
    as category, words, result and test; elsewhere: where else the cause may sit.
    """

    key: str
    stage: str
    opened: float
    code: str
    title: str
    symptom: str
    severity: str
    source: str
    risk: tuple[int, int]
    finding: str = ""
    implemented: float = 0.0
    note: str = ""
    measure: Measure | None = None
    causes: tuple[tuple[str, str, str], ...] = ()
    thoughts: tuple[tuple[str, str, str, str], ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    elsewhere: tuple[str, ...] = ()


@cache
def stories() -> dict[str, Story]:
    """All of them by key."""
    told = tomllib.loads((Path(__file__).parent / "stories.toml").read_text(encoding="utf-8"))
    return {key: _story(key, fields) for key, fields in told.items()}


def _story(key: str, fields: dict[str, Any]) -> Story:
    measure = Measure(**fields.pop("measure")) if "measure" in fields else None
    for name in ("causes", "thoughts", "actions"):
        fields[name] = tuple(tuple(row) for row in fields.get(name, ()))
    risk, elsewhere = tuple(fields.pop("risk")), tuple(fields.pop("elsewhere", ()))
    return Story(key=key, measure=measure, risk=risk, elsewhere=elsewhere, **fields)
