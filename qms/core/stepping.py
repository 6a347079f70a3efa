"""Take a step of a flow: permission, guards, signature, state, trail and event together, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils import timezone

from qms.core import signing
from qms.core.actor import Actor
from qms.core.errors import Refused
from qms.core.events import StepTaken, publish
from qms.core.flow import Step
from qms.core.models import Record
from qms.core.records import check_version, due_from, locked
from qms.core.trail import acting

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Offer:
    """A button: the step, and what still refuses it (empty: it can be pressed)."""

    step: Step[Any]
    refusals: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return not self.refusals


def offers(record: Record, actor: Actor) -> Iterator[Offer]:
    """The steps this person may take from here, each with what is missing."""
    for step in record.flow.from_state(record.state):
        if actor.can(step.permission, record):
            yield Offer(step, tuple(_missing(step, record, actor)))


def advance(
    record: R, name: str, *, by: Actor, reason: str = "", password: str = "", note: str = "", version: int | None = None
) -> R:
    """Take one step; returns the fresh record.

    Order: proof of person (outside the lock: hashing is slow), lock, step exists, permission, version, reason, guards,
    effect, state, signature, event. Raises Denied, Conflict, WrongPassword or Refused, and then nothing happened.
    """
    if any(step.meaning for step in record.flow.steps if step.name == name):
        signing.prove(by, password)
    with acting(by, reason=reason):
        fresh = locked(type(record), record.pk)
        step = _allowed(fresh, name, by, version)
        if step.reason and not reason.strip():
            raise Refused(f"Say why: “{step.label}” needs a reason.", anchor="reason")
        if missing := list(_missing(step, fresh, by)):
            raise Refused(*missing)
        source = fresh.state  # the caller's copy may be older
        if step.effect:
            step.effect(fresh)
        _move(fresh, step)
        if step.meaning:
            signing.sign(fresh, by=by, meaning=step.meaning, step=name, section=step.section, note=note)
        signing.recheck(fresh, by=by.name)
        _announce(fresh, step, source, by)
    return fresh


def _allowed(record: R, name: str, by: Actor, version: int | None) -> Step[R]:
    step: Step[R] | None = record.flow.step(name, record.state)
    if step is None:
        here = record.flow.state(record.state).label
        labels = ", ".join(f"“{other.label}”" for other in record.flow.from_state(record.state)) or "nothing more"
        raise Refused(f"{record.number} is in “{here}”, where this step does not exist. Possible now: {labels}.")
    by.require(step.permission, record)
    check_version(record, version)
    return step


def _missing(step: Step[R], record: R, actor: Actor) -> Iterator[str]:
    yield from step.refusals(record)
    for person in step.persons:
        if text := person(record, actor.id):
            yield text


def _move(record: R, step: Step[R]) -> None:
    """Set the state, its clock and the end; saves every field, since the effect may have changed some.

    The clock of a state runs on while steps such as a signature stay in it; a due date that a person set holds.
    """
    now, state = timezone.now(), record.flow.state(step.target)
    if step.target != record.state:
        record.state, record.state_since = step.target, now
        record.due = due_from(record, state)
        record.due_fixed = record.due_fixed and not state.final
        record.closed_at = now if state.final else None
    record.version, record.updated_at = record.version + 1, now
    record.save()


def _announce(record: R, step: Step[R], source: str, by: Actor) -> None:
    publish(
        StepTaken(
            record=record.pk,
            kind=record.kind,
            number=record.number,
            step=step.name,
            source=source,
            target=step.target,
            signed=bool(step.meaning),
            closed=record.closed_at is not None,
            version=record.version,
            person=by.id,
        ),
        record=record.pk,
    )
