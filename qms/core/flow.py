"""The flow of a record as a table: states, steps, guards. Buttons, API, docs and tests are made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

R = TypeVar("R")
Guard = Callable[[R], "str | None"]


@dataclass(frozen=True, kw_only=True)
class Within:
    """How long a state may last before it is late, on the site's calendar."""

    hours: int = 0
    workdays: int = 0
    days: int = 0
    since: Literal["entry", "opened"] = "entry"


@dataclass(frozen=True)
class State:
    """One state: what a person calls it, its mark, its clock. `final` closes the record, `paused` stops the clock."""

    name: str
    label: str
    mark: str = "todo"
    within: Within | None = None
    final: bool = False
    paused: bool = False


@dataclass(frozen=True, kw_only=True)
class Step(Generic[R]):
    """One transition. Guards return the reason to refuse; a meaning makes it a signed step."""

    name: str
    label: str
    source: tuple[str, ...]
    target: str
    permission: str
    guards: tuple[Callable[[R], str | None], ...] = ()
    persons: tuple[Callable[[R, int | None], str | None], ...] = ()  # the reason why this person may not, by their id
    done: Callable[[R], str | None] | None = None  # of a step that stays in its state: why nothing is left to do
    meaning: str = ""  # not empty: the step is signed, with this meaning
    section: str = ""  # what the signature covers: the record's content(section)
    effect: Callable[[R], None] | None = None  # changes fields of this record only; saved with the state
    reason: bool = False  # the person must say why
    back: bool = False  # goes back or out: never the primary button

    def refusals(self, record: R) -> Iterator[str]:
        """Why nobody can take it now, whoever asks."""
        for guard in (*((self.done,) if self.done else ()), *self.guards):
            if text := guard(record):
                yield text


@dataclass(frozen=True)
class Flow(Generic[R]):
    """All states and steps of a kind; checked when it is built."""

    states: tuple[State, ...]
    steps: tuple[Step[R], ...]
    _by_name: dict[str, State] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({state.name: state for state in self.states})
        seen: set[tuple[str, str]] = set()
        for step in self.steps:
            for state in (*step.source, step.target):
                if state not in self._by_name:
                    raise ValueError(f"Step {step.name} names the unknown state {state}.")
            for source in step.source:
                if (source, step.name) in seen:
                    raise ValueError(f"Step {step.name} is ambiguous in state {source}.")
                seen.add((source, step.name))
        if lost := set(self._by_name) - {step.target for step in self.steps} - {self.initial}:
            raise ValueError(f"No step reaches {', '.join(sorted(lost))}.")

    @property
    def initial(self) -> str:
        """The state a new record is in: the first of the table."""
        return self.states[0].name

    def state(self, name: str) -> State:
        """The state of this name; KeyError when the flow has none."""
        return self._by_name[name]

    def step(self, name: str, state: str) -> Step[R] | None:
        """The step of this name out of this state, or None."""
        return next((step for step in self.steps if step.name == name and state in step.source), None)

    def from_state(self, state: str) -> list[Step[R]]:
        """The steps that leave a state, in the order of the table."""
        return [step for step in self.steps if state in step.source]

    def cells(self) -> Iterator[tuple[str, str, bool]]:
        """Every (state, step, allowed): what the parametrised test walks."""
        for state in self.states:
            for name in dict.fromkeys(step.name for step in self.steps):
                yield state.name, name, self.step(name, state.name) is not None

    def mermaid(self) -> str:
        """The diagram of the docs."""
        lines = ["stateDiagram-v2", f"  [*] --> {self.initial}"]
        for step in self.steps:
            lines += [f"  {source} --> {step.target}: {step.label}" for source in step.source]
        lines += [f"  {state.name} --> [*]" for state in self.states if state.final]
        return "\n".join(lines)


AnyFlow = Flow[Any]
