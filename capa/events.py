"""What the room announces; rooms above subscribe."""

from __future__ import annotations

from dataclasses import dataclass

from qms.core.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class NonconformityOpened(DomainEvent):
    """A nonconformity was opened, by a person or from a signal."""

    record: int
    number: str
    site: int
    severity: str
    signal: int | None


@dataclass(frozen=True, kw_only=True)
class EscalationCalled(DomainEvent):
    """A nonconformity now calls for a CAPA."""

    record: int
    number: str
    site: int
    reasons: list[str]


@dataclass(frozen=True, kw_only=True)
class CapaOpened(DomainEvent):
    """A CAPA was opened; `nonconformity` is the record it came from."""

    record: int
    number: str
    site: int
    nonconformity: int | None


@dataclass(frozen=True, kw_only=True)
class VerdictReached(DomainEvent):
    """The readings were judged against a criterion."""

    record: int
    number: str
    criterion: int
    outcome: str
    final: bool
    sentence: str
