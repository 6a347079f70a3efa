"""What the guards read of a record's rows; the models fit these shapes, the flows import no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol


class ContainmentRow(Protocol):
    """One place that was searched for suspect pieces."""

    @property
    def place(self) -> str: ...
    @property
    def quantity_checked(self) -> int | None: ...
    @property
    def quantity_found(self) -> int | None: ...
    @property
    def verified_at(self) -> datetime | None: ...


class DispositionRow(Protocol):
    """What is done with a share of the nonconforming pieces."""

    @property
    def kind(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def done_by_id(self) -> int | None: ...
    @property
    def reinspection(self) -> str: ...
    @property
    def reinspected_by_id(self) -> int | None: ...


class CauseRow(Protocol):
    """A cause, its evidence and the result of its verification."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def has_evidence(self) -> bool: ...
    @property
    def result(self) -> str: ...


class ActionRow(Protocol):
    """An action against one cause."""

    @property
    def cause_id(self) -> int | None: ...
    @property
    def text(self) -> str: ...
    @property
    def owner_id(self) -> int | None: ...
    @property
    def due(self) -> datetime | None: ...
    @property
    def expected_effect(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def has_evidence(self) -> bool: ...


class CriterionRow(Protocol):
    """How effectiveness will be judged; its newest verdict comes with it."""

    @property
    def is_complete(self) -> bool: ...
    @property
    def outcome(self) -> str: ...
    @property
    def is_final(self) -> bool: ...


class AnswerRow(Protocol):
    """A question of prevention: a document to update, or another place the cause may sit."""

    @property
    def subject(self) -> str: ...
    @property
    def is_answered(self) -> bool: ...


class Signed(Protocol):
    """A record that knows whose signature of a step still holds."""

    def signers(self, step: str) -> frozenset[int]: ...


def once(step: str) -> Callable[[Signed], str | None]:
    """What says that a step which stays in its state is done: it is signed once, until the content changes."""

    def signed(record: Signed) -> str | None:
        return "This is signed already, and what was signed has not changed." if record.signers(step) else None

    return signed


PLACES: dict[str, str] = {"stock": "stock", "wip": "work in progress", "transit": "transit", "customer": "customer"}


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))


def counted(number: int, one: str, many: str = "") -> str:
    """`1 piece`, `12 pieces`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
