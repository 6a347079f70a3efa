"""What blocks the next step: every guard of a step as a condition, met or missing, in words."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from qms.core.actor import Actor
from qms.core.flow import Step
from qms.core.models import Record


@dataclass(frozen=True)
class Condition:
    """One guard: met, with what it asks; or missing, with what to do."""

    met: bool
    text: str
    hint: str = ""


@dataclass(frozen=True)
class NextStep:
    """A step out of the current state as this person sees it."""

    step: Step[Any]
    conditions: tuple[Condition, ...]
    allowed: bool
    done: bool = False  # signed already, and the signature holds

    @property
    def missing(self) -> tuple[Condition, ...]:
        """The conditions not met."""
        return tuple(condition for condition in self.conditions if not condition.met)

    @property
    def ready(self) -> bool:
        """Whether this person can take it now."""
        return self.allowed and not self.missing and not self.done

    @property
    def asks(self) -> bool:
        """Whether a dialog must ask something first: a signature or a reason."""
        return bool(self.step.meaning or self.step.reason)

    @property
    def refusal(self) -> str:
        """Why the button cannot be pressed; empty when it can."""
        if not self.allowed:
            return "your roles do not include this step"
        count = len(self.missing)
        return f"{count} of {len(self.conditions)} conditions {'is' if count == 1 else 'are'} missing" if count else ""


def next_steps(record: Record, actor: Actor) -> list[NextStep]:
    """Every step out of the state: forward ones first, in the order of the flow's table."""
    found = [
        NextStep(
            step,
            tuple(_conditions(step, record, actor)),
            allowed=actor.can(step.permission, record),
            done=bool(step.done and step.done(record)),
        )
        for step in record.flow.from_state(record.state)
    ]
    return sorted(found, key=lambda offer: offer.step.back)


def primary(steps: list[NextStep]) -> NextStep | None:
    """The one step that moves the record on: the first the person can take now, else may take, else the first."""
    forward = [offer for offer in steps if not offer.step.back and not offer.done]
    ready = next((offer for offer in forward if offer.ready), None)
    return ready or next((offer for offer in forward if offer.allowed), forward[0] if forward else None)


def _conditions(step: Step[Any], record: Record, actor: Actor) -> list[Condition]:
    found = []
    for guard in step.guards:
        text = guard(record)
        found.append(Condition(met=text is None, text=text or _said(guard)))
    for person in step.persons:
        text = person(record, actor.id)
        found.append(Condition(met=text is None, text=text or _said(person)))
    return sorted(found, key=lambda condition: condition.met)


def _said(guard: object) -> str:
    """The first line of the guard's docstring says what it asks."""
    said = inspect.getdoc(guard) or getattr(guard, "__name__", "condition").replace("_", " ").capitalize()
    return said.splitlines()[0].rstrip(".")


@dataclass(frozen=True)
class Stop:
    """One state on the rail of a record page."""

    label: str
    mark: str
    tone: str
    current: bool
    detail: str = ""
    href: str = "#body"


def rail(record: Record) -> list[Stop]:
    """The main way of the flow, from the first state to the end: done, current, still locked."""
    flow = record.flow
    path, state = [flow.initial], flow.initial
    while step := next((s for s in flow.from_state(state) if not s.back and s.target not in path), None):
        state = step.target
        path.append(state)
    if record.state not in path:
        path = [*path[:1], record.state]
    here = path.index(record.state)
    stops = []
    for index, name in enumerate(path):
        current = index == here
        done = index < here or (current and flow.state(name).final)
        mark = "done" if done else ("learn" if current else "lock")
        stops.append(Stop(flow.state(name).label, mark, "goo" if done else ("acc" if current else "i3"), current))
    return stops
