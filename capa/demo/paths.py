"""How records of the demo plant went through their flows: which steps, when, and who signed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from capa.demo.people import Crew
from capa.demo.signing import signed
from qms.core.flow import Flow, Step
from qms.core.models import Record, Signature
from qms.core.signing import manifests


@dataclass(frozen=True)
class Taken:
    """One step that was taken: from which state, by whom, when."""

    step: Step[Any]
    source: str
    at: datetime


def path(flow: Flow[Any], names: Sequence[str], until: str) -> list[tuple[Step[Any], str]]:
    """The steps of `names` that lead from the first state to the state `until`, each with its source."""
    state, found = flow.initial, []
    for name in names:
        if state == until:
            break
        step = flow.step(name, state)
        if step is None:
            raise ValueError(f"There is no step {name} in state {state}.")
        found.append((step, state))
        state = step.target
    if state != until:
        raise ValueError(f"The steps end in {state}, not in {until}.")
    return found


def timed(
    steps: Sequence[tuple[Step[Any], str]], hours: Mapping[str, float], *, opened: datetime, last: datetime,
    rng: random.Random,
) -> list[Taken]:  # fmt: skip
    """When each step was taken: its usual hours after the opening, squeezed so that all lie before `last`."""
    usual = [hours[step.name] * rng.uniform(0.75, 1.25) for step, _ in steps]
    for at in range(1, len(usual)):
        usual[at] = max(usual[at], usual[at - 1] + 0.2)
    most = (last - opened).total_seconds() / 3600
    squeeze = min(1.0, most / usual[-1]) if usual else 1.0
    return [
        Taken(step, source, opened + timedelta(hours=hour * squeeze))
        for (step, source), hour in zip(steps, usual, strict=True)
    ]


def signatures(record: Record, taken: Sequence[Taken], signers: Mapping[str, str], crew: Crew) -> list[Signature]:
    """The signatures of the signed steps; the record must be complete."""
    given = [one for one in taken if one.step.meaning]
    covered = manifests(record, (one.step.section for one in given))
    return [
        signed(
            record, crew.users[signers[one.step.name]], at=one.at, step=one.step.name, meaning=one.step.meaning,
            section=one.step.section, covered=covered[one.step.section],
        )
        for one in given
    ]  # fmt: skip
